"""Warnings about experiments that are valid: printed by `check` and `run`, shown in the form, stored with the run.

A check is a function from an experiment to warnings. To add one, write it in a module of its topic and list it in
`WARNING_CHECKS`; a check of details that most experiments have belongs in `NOTE_CHECKS`, which only `check` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

from l5tui.config.config_warning import ConfigWarning
from l5tui.config.stimulus_warnings import aliased_frequency
from l5tui.config.threshold_warnings import ill_posed_threshold
from l5tui.config.weight_warnings import dominant_noise, folding_bias
from l5tui.config.window_warnings import unsuitable_windows

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment

Check: TypeAlias = "Callable[[Experiment], Iterable[ConfigWarning]]"

WARNING_CHECKS: Final[tuple[Check, ...]] = (
    aliased_frequency,
    ill_posed_threshold,
    dominant_noise,
    unsuitable_windows,
)
NOTE_CHECKS: Final[tuple[Check, ...]] = (folding_bias,)


def experiment_warnings(experiment: Experiment) -> tuple[ConfigWarning, ...]:
    """Return what is likely to mislead in a valid experiment; empty where nothing is.

    Parameters
    ----------
    experiment : Experiment
    """
    return _collect(WARNING_CHECKS, experiment)


def experiment_notes(experiment: Experiment) -> tuple[ConfigWarning, ...]:
    """Return details of a valid experiment that are worth knowing, but are no reason to warn at every run.

    Parameters
    ----------
    experiment : Experiment
    """
    return _collect(NOTE_CHECKS, experiment)


def _collect(checks: Iterable[Check], experiment: Experiment) -> tuple[ConfigWarning, ...]:
    return tuple(warning for check in checks for warning in check(experiment))
