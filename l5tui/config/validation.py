"""Checking an experiment as a whole: a tree of values in, an `Experiment` or every fault of it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from l5tui.config.checks import cross_check
from l5tui.config.experiment import Experiment
from l5tui.config.faults import faults_of
from l5tui.config.loading import all_faults, validated
from l5tui.config.search_space import Use
from l5tui.config.tuning import Tuning
from l5tui.errors import ConfigError

__all__ = ["all_faults", "require_runnable", "validate", "validate_stored"]


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
    return validated(Experiment, data, source, use)


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
