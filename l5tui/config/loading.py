"""Load an experiment: read its text, apply overrides, validate, and report every fault at once.

The class of the experiment is an argument, so that `Experiment.load` can call this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from l5tui.config.checks import cross_check
from l5tui.config.document import Path as KeyPath
from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.faults import faults_in
from l5tui.config.overrides import apply_overrides, blame, split_overrides
from l5tui.config.search_space import Use
from l5tui.config.stimulus_keys import repeated_frequency
from l5tui.config.toml_text import parse_toml, printable, read_text
from l5tui.errors import ConfigError, Fault

Tables = TypeVar("Tables", bound=ExperimentTables)


@dataclass(frozen=True)
class Loaded(Generic[Tables]):
    """An experiment, and the text that it was loaded from.

    Parameters
    ----------
    experiment : ExperimentTables
        With the overrides applied.
    text : str
        TOML without the overrides.
    changes : mapping
        The overrides, by path.
    is_named : bool
        Whether the text or an override names the experiment.
    """

    experiment: Tables
    text: str
    changes: Mapping[KeyPath, Any]
    is_named: bool


def all_faults(data: Mapping[str, Any], use: Use = "run") -> list[Fault]:
    """Return every fault of an experiment, as `l5tui.config.faults.faults_in` does, with the keys compared.

    Parameters
    ----------
    data : mapping
        As a TOML parser gives it; it is not changed.
    use : {"run", "search", "inference"}
        What the experiment has to be complete for.
    """
    return faults_in(data, partial(cross_check, use=use))


def validated(model: type[Tables], data: Mapping[str, Any], source: str = "", use: Use = "run") -> Tables:
    """Return the experiment of a TOML document; see `l5tui.config.validation.validate`.

    Raises
    ------
    ConfigError
        With every fault.
    """
    try:
        return model.model_validate(data, context={"use": use})
    except ValidationError:
        raise ConfigError(all_faults(data, use), source) from None


def with_overrides(
    model: type[Tables],
    data: dict[str, Any],
    source: str,
    changes: Mapping[KeyPath, Any],
    malformed: Sequence[Fault],
    use: Use = "run",
) -> Tables:
    """Return the experiment of a TOML document with assignments applied, as `split_overrides` returns them.

    Parameters
    ----------
    model : type of ExperimentTables
    data : dict
        It is changed in place.
    source : str
        The file, for the faults.
    changes : mapping
    malformed : sequence of Fault
    use : {"run", "search", "inference"}
        What the experiment has to be complete for.

    Raises
    ------
    ConfigError
        With every fault of the document and of the assignments.
    """
    apply_overrides(data, changes)
    try:
        experiment = validated(model, data, source, use)
    except ConfigError as error:
        raise blame(error, changes, malformed) from None
    if malformed:
        raise blame(None, changes, malformed)
    return experiment


def load_file(
    model: type[Tables], path: Path, overrides: Sequence[str] = (), use: Use = "run"
) -> Loaded[Tables]:
    """Load an experiment from a file; one that does not name itself takes the file's name.

    Parameters
    ----------
    model : type of ExperimentTables
    path : Path
    overrides : sequence of str
        ``section.key=value`` assignments that win over the file.
    use : {"run", "search", "inference"}
        What the experiment has to be complete for.

    Raises
    ------
    ConfigError
        With every fault of the file and of the overrides.
    """
    try:
        text = read_text(path)
    except ConfigError as error:
        changes, malformed = split_overrides(overrides)
        raise blame(error, changes, malformed) from None
    return load_text(model, text, _name_of(path), printable(path), overrides, use)


def load_text(
    model: type[Tables],
    text: str,
    name: str,
    source: str = "",
    overrides: Sequence[str] = (),
    use: Use = "run",
) -> Loaded[Tables]:
    """Load an experiment from TOML text, as `load_file` does from a file.

    Parameters
    ----------
    model : type of ExperimentTables
    text : str
    name : str
        The experiment's name if neither the text nor an override has one.
    source : str
        Where the text comes from, for the faults.
    overrides, use
        As for `load_file`.
    """
    changes, malformed = split_overrides(overrides)
    try:
        data = parse_toml(text, source)
        if not data:
            raise ConfigError([Fault("", "the file is empty; it must contain at least one key", "")], source)
    except ConfigError as error:
        raise blame(error, changes, malformed) from None
    is_named = "name" in data or ("name",) in changes
    data.setdefault("name", name)
    twice = list(repeated_frequency(data, changes))
    try:
        experiment = with_overrides(model, data, source, changes, malformed, use)
    except ConfigError as error:
        if not twice or set(twice) <= set(error.faults):
            raise
        raise ConfigError([*error.faults, *twice], source or error.source) from None
    if twice:
        raise blame(ConfigError(twice, source), changes, malformed)
    return Loaded(experiment, text, changes, is_named)


def _name_of(path: Path) -> str:
    """Return a file's name without its suffix, as valid text."""
    return path.stem.encode(errors="replace").decode()[:200] or "unnamed"
