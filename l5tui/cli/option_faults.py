"""Faults of options, reported together with those of the experiment's file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from l5tui.config.overrides import apply_overrides, split_overrides
from l5tui.config.search_space import Use
from l5tui.config.toml_file import ReadExperiment, read_experiment
from l5tui.config.toml_text import parse_toml, read_text
from l5tui.errors import ConfigError, Fault


def at_least(least: int, **options: int | None) -> list[Fault]:
    """Return a fault for each option that is given and below its smallest value.

    Parameters
    ----------
    least : int
    **options : int or None
        Values by the options' names, without the hyphens.
    """
    return [
        Fault(f"--{name}", str(value), f"{least} or more")
        for name, value in options.items()
        if value is not None and value < least
    ]


def workers_assignment(workers: int | None) -> list[str]:
    """Return the assignment that gives an experiment its number of workers; none where the number is a fault."""
    return [f"tuning.workers={workers}"] if workers is not None and workers >= 0 else []


def require(faults: Sequence[Fault]) -> None:
    """Check that options have no fault, where there is no file to check with them.

    Raises
    ------
    ConfigError
        With all of them.
    """
    if faults:
        raise ConfigError(faults)


def read_with_options(
    file: Path, assignments: Sequence[str], use: Use, option_faults: Callable[[int], Sequence[Fault]]
) -> ReadExperiment:
    """Read an experiment; its faults and those of the options are reported at once.

    Parameters
    ----------
    file : Path
    assignments : sequence of str
        As `l5tui.config.toml_file.read_experiment` takes them.
    use : {"run", "search", "inference"}
    option_faults : callable
        Returns the options' faults for a number of searched parameters.

    Raises
    ------
    ConfigError
        With every fault.
    """
    try:
        read = read_experiment(file, assignments, use)
    except ConfigError as error:
        found = option_faults(_searched(file, assignments))
        raise ConfigError([*error.faults, *found], error.source) from None
    if found := option_faults(len(read.experiment.tuning.space)):
        raise ConfigError(found)
    return read


def _searched(file: Path, assignments: Sequence[str]) -> int:
    """Count the parameters that an invalid experiment searches, as far as it can be read."""
    changes, _ = split_overrides(assignments)
    try:
        data = parse_toml(read_text(file))
    except ConfigError:
        return 0
    apply_overrides(data, changes)
    tuning = data.get("tuning")
    space = tuning.get("space") if isinstance(tuning, dict) else None
    return len(space) if isinstance(space, dict) else 0
