"""The mean rates of a stored run over time, from its file."""

from __future__ import annotations

from dataclasses import dataclass

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError, StoreError
from l5tui.runner.events import Four
from l5tui.store.id_paths import run_file
from l5tui.store.netcdf import read_part
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace


@dataclass(frozen=True)
class RateCourse:
    """Rates over time, averaged over realizations and directions.

    Parameters
    ----------
    steps : tuple of int
        Last step of each recorded bin.
    rates : tuple of Four
    step_seconds : float, optional
        Length of a time step; None where the run's configuration is of another version.
    """

    steps: tuple[int, ...]
    rates: tuple[Four, ...]
    step_seconds: float | None


def rate_course(workspace: Workspace, record: RunRecord) -> RateCourse:
    """Read a run's rates over time.

    Raises
    ------
    StoreError
        Where it has no file, or it cannot be read.
    """
    from l5tui.analysis.statistics import defined_mean

    if record.file is None:
        raise StoreError(f"run {record.id} has no file")
    path = run_file(workspace, record.id)
    rates = defined_mean(read_part(path, "rate_mean"), (0, 1))
    steps = read_part(path, "last_step")
    try:
        step_seconds = validate_stored(parse_toml(record.toml)).dynamics.step_seconds
    except ConfigError:
        step_seconds = None
    return RateCourse(tuple(map(int, steps)), tuple(tuple(map(float, row)) for row in rates), step_seconds)
