"""An experiment's TOML file: read with every fault told, written so that it is never half there."""

from __future__ import annotations

import os
import re
import stat
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l5tui.config.document import Path as KeyPath
from l5tui.config.experiment import Experiment
from l5tui.config.overrides import apply_overrides, blame, split_overrides
from l5tui.config.search_space import Use
from l5tui.config.stimulus_keys import repeated_frequency
from l5tui.config.toml_text import parse_toml, printable, read_text
from l5tui.config.toml_writer import edit, to_toml, toml_value
from l5tui.config.validation import validate
from l5tui.config.wording import one_line
from l5tui.errors import ConfigError, Fault

__all__ = ["ReadExperiment", "parse_experiment", "read_experiment", "to_toml", "write_experiment"]


@dataclass(frozen=True)
class ReadExperiment:
    """An experiment, and the text that says the same.

    Parameters
    ----------
    experiment : Experiment
    text : str
        TOML with the overrides applied, the name filled in and all comments kept.
    """

    experiment: Experiment
    text: str


def read_experiment(path: Path, overrides: Sequence[str] = (), use: Use = "run") -> ReadExperiment:
    """Read an experiment; one that does not name itself takes the file's name.

    Parameters
    ----------
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
    return _parse(text, _name_of(path), printable(path), overrides, use)


def parse_experiment(text: str, name: str, source: str = "") -> ReadExperiment:
    """The experiment that a text describes, as if it were a file's.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        What it is called where it does not name itself.
    source : str
        Where it comes from, for the faults.

    Raises
    ------
    ConfigError
        With every fault.
    """
    return _parse(text, name, source, (), "run")


def _parse(text: str, name: str, source: str, overrides: Sequence[str], use: Use) -> ReadExperiment:
    changes, malformed = split_overrides(overrides)
    try:
        data = parse_toml(text, source)
        if not data:
            raise ConfigError([Fault("", "the file is empty; it has to name at least one key", "")], source)
    except ConfigError as error:
        raise blame(error, changes, malformed) from None
    named = "name" in data or ("name",) in changes
    name = data.setdefault("name", name)
    twice = list(repeated_frequency(data, changes))
    try:
        experiment = with_overrides(data, source, changes, malformed, use)
    except ConfigError as error:
        if not twice or set(twice) <= set(error.faults):
            raise
        raise ConfigError([*error.faults, *twice], source or error.source) from None
    if twice:
        raise blame(ConfigError(twice, source), changes, malformed)
    if changes:
        text = edit(text, changes)
    if not named:
        text = _with_name(text, name)
    return ReadExperiment(experiment, to_toml(experiment, text) if changes else text)


def with_overrides(
    data: dict[str, Any],
    source: str,
    changes: Mapping[KeyPath, Any],
    malformed: Sequence[Fault],
    use: Use = "run",
) -> Experiment:
    """Return the experiment of a TOML document with assignments applied, as `split_overrides` returns them.

    Parameters
    ----------
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
        experiment = validate(data, source, use)
    except ConfigError as error:
        raise blame(error, changes, malformed) from None
    if malformed:
        raise blame(None, changes, malformed)
    return experiment


def write_experiment(path: Path, experiment: Experiment, base_text: str | None = None) -> None:
    """Write an experiment's file: the whole of it, or nothing.

    Parameters
    ----------
    path : Path
        A file that is there keeps its permissions; a link keeps pointing to the file that it points to.
    experiment : Experiment
    base_text : str, optional
        Text whose comments and layout to keep, as `to_toml` takes it.

    Raises
    ------
    ConfigError
        Where it cannot be written, or `base_text` is not a valid experiment.
    """
    content = to_toml(experiment, base_text).encode()
    try:
        target = path.resolve()
        temporary = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            _write_synced(temporary, content)
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            os.replace(temporary, target)  # noqa: PTH105
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            [Fault("", f"cannot be written: {one_line(reason)}", "")], printable(path)
        ) from error


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _name_of(path: Path) -> str:
    """A file's name without its ending, as far as it is text."""
    return path.stem.encode(errors="replace").decode()[:200] or "unnamed"


def _with_name(text: str, name: str) -> str:
    """The text with a name below the comment that it begins with."""
    comment = re.match(r"(#[^\n]*\n)*", text)
    end = comment.end() if comment else 0
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = ending if text[end:].lstrip(" \t").startswith(("#", "[")) else ""
    return f"{text[:end]}name = {toml_value(name)}{ending}{gap}{text[end:]}"
