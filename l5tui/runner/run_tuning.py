"""The tuning curves of a stored run, from its file."""

from __future__ import annotations

from dataclasses import dataclass

from l5tui.runner.events import Four
from l5tui.runner.stored_run import stored_experiment, stored_file
from l5tui.store.netcdf import read_part
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace


@dataclass(frozen=True)
class Tuning:
    """Mean rates by the angle from each neuron's own preferred direction, averaged over realizations.

    Parameters
    ----------
    angles : tuple of float
        In degrees, ascending, from −180 on.
    before, after : tuple of Four
        A rate a population at each angle; NaN where no neuron is active, or it was not measured.
    """

    angles: tuple[float, ...]
    before: tuple[Four, ...]
    after: tuple[Four, ...]


def run_tuning(workspace: Workspace, record: RunRecord) -> Tuning:
    """Read a run's tuning before and after learning.

    Raises
    ------
    UnsuitableRunError
        Where it has no file.
    ConfigError
        Where its parameters cannot be read any more.
    StoreError
        Where its file cannot be read.
    """
    from l5tui.analysis.statistics import defined_mean
    from l5tui.analysis.tuning_curves import aligned_tuning
    from l5tui.model.layout import Layout

    path = stored_file(record, workspace)
    experiment = stored_experiment(record)
    layout = Layout(experiment.network.sizes.in_order())
    curves = []
    for name in ("rates_before", "rates_after"):
        angles, means = aligned_tuning(read_part(path, name), experiment.stimulus.directions, layout)
        curves.append(tuple(tuple(map(float, row)) for row in defined_mean(means, 0)))
    return Tuning(tuple(map(float, angles)), curves[0], curves[1])
