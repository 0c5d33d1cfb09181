"""Checking an experiment as a whole: a tree of values in, an `Experiment` or every fault of it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from l5tui.config.checks import cross_check
from l5tui.config.document import FREE_TABLES, Path, remove
from l5tui.config.experiment import Experiment
from l5tui.config.faults import faults_of, is_cross_check
from l5tui.config.search_space import Use
from l5tui.config.tuning import Tuning
from l5tui.config.wording import dotted, overlap
from l5tui.errors import ConfigError, Fault

MAX_FAULTS: Final = 200
"""Faults that are told one by one; a file with more is no experiment."""

_DEPTH: Final = 4
"""Tables within tables that an experiment can have."""


def validate(data: Mapping[str, Any], source: str = "", use: Use = "run") -> Experiment:
    """Return the experiment of a TOML document.

    Parameters
    ----------
    data : mapping
        As a TOML parser gives it; it is not changed.
    source : str
        The file, for the faults.
    use : {"run", "search", "inference"}
        What the experiment has to be complete for.

    Raises
    ------
    ConfigError
        With every fault, also those that show only when keys are compared.
    """
    try:
        return Experiment.model_validate(data, context={"use": use})
    except ValidationError:
        raise ConfigError(all_faults(data, use), source) from None


def validate_stored(data: Mapping[str, Any], source: str = "") -> Experiment:
    """Return the experiment of a stored run or study, whose keys were compared when it started.

    It stays readable where a check is stricter today, or where the package of its learning rule is not
    installed. `validate` it before it runs again.

    Raises
    ------
    ConfigError
        If a key is unknown to this version or has a value of the wrong kind.
    """
    context = {"stored": True}
    try:
        return Experiment.model_validate(data, context=context)
    except ValidationError as error:
        raise ConfigError([fault for _, fault in faults_of(error, data)], source) from None


def require_runnable(experiment: Experiment, source: str = "") -> None:
    """Check a stored experiment before it runs again; its search space counts for nothing.

    Raises
    ------
    ConfigError
        With every fault, such as a learning rule whose package is not installed.
    """
    if faults := cross_check(experiment.model_copy(update={"tuning": Tuning()})):
        raise ConfigError(faults, source)


def all_faults(data: Mapping[str, Any], use: Use = "run") -> list[Fault]:
    """Return every fault of an experiment; an empty list if there is none.

    A faulty key hides others: keys are compared only once each by itself is right. So what is faulty is taken
    out, which leaves the default in its place, and the rest is checked again, until it is clean. Comparisons
    with a key that was taken out count for nothing.
    """
    document = _copy(data, _DEPTH)
    faults: list[Fault] = []
    removed: list[str] = []
    while (error := _error(document, use)) is not None:
        paths: list[Path] = []
        for path, fault in faults_of(error, document):
            if any(overlap(key, gone) for key in (fault.key, *fault.depends_on) for gone in removed):
                continue
            if len(faults) == MAX_FAULTS:
                return [*faults, Fault("", "more faults than are listed here", "")]
            faults.append(fault)
            paths.append(_entry(path))
        if is_cross_check(error) or sum(remove(document, path) for path in paths) == 0:
            break
        removed += [dotted(path) for path in paths]
    return faults


def _entry(path: Path) -> Path:
    """What to take out for a fault: of a free table the whole entry, as a range that lost one end is faulty again."""
    table = next((each for each in FREE_TABLES if path[: len(each)] == each), None)
    return path if table is None else path[: len(table) + 1]


def _error(document: dict[str, Any], use: Use) -> ValidationError | None:
    try:
        Experiment.model_validate(document, context={"use": use})
    except ValidationError as error:
        return error
    return None


def _copy(table: Mapping[str, Any], depth: int) -> dict[str, Any]:
    return {
        key: _copy(value, depth - 1) if isinstance(value, Mapping) and depth else value
        for key, value in table.items()
    }
