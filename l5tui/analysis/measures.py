"""All measures of a run, from the recordings of its realizations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from l5tui.analysis.block_weights import QUANTITIES, weight_table
from l5tui.analysis.cells import cell_counts, floor_of
from l5tui.analysis.loss import loss_of, loss_terms
from l5tui.analysis.selectivity import MEASURES, realization_means, selectivity_intervals, selectivity_table
from l5tui.analysis.statistics import STATISTICS, ddof_of
from l5tui.analysis.summary import summarize
from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow, count_rows, named_measures
from l5tui.analysis.targets import TargetRow, target_rows, targets_loss
from l5tui.config import Experiment
from l5tui.config.measure_names import CONDITIONS
from l5tui.config.populations import POPULATIONS
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout
from l5tui.model.moments import TOO_LARGE_TO_SQUARE
from l5tui.model.recording import Recording


@dataclass(frozen=True, eq=False)
class Measures:
    """The measures of a run as plain arrays.

    Parameters
    ----------
    selectivity : ndarray, shape (2, 6, 3, 4)
        Condition, measure, statistic, population.
    by_realization : ndarray, shape (2, 6, realization, 4)
        Each realization's mean over the neurons of a population.
    intervals : ndarray, shape (2, 2, 2, 4)
        Condition, vector measure, bound, population: 95 % Student t intervals over circuits.
    weights : ndarray, shape (4, 3, 4, 4)
        Quantity, statistic, post, pre.
    summary : mapping of str to float
        As `l5tui.analysis.summary.summarize` returns it.
    loss_terms : mapping of str to float
        Each term of the loss before it is weighted.
    loss : float
        NaN if a term is not defined.
    targets : tuple of TargetRow
        Distances of the run from experimental findings.
    cells : ndarray, shape (2, 11, realization, 4)
        Condition, count, realization, population: the cells behind the means, as
        `l5tui.analysis.cells.cell_counts` returns them.
    """

    selectivity: FloatArray
    by_realization: FloatArray
    intervals: FloatArray
    weights: FloatArray
    summary: Mapping[str, float]
    loss_terms: Mapping[str, float]
    loss: float
    targets: tuple[TargetRow, ...] = ()
    cells: FloatArray = field(default_factory=lambda: np.zeros((2, 0, 0, 4)))


@TOO_LARGE_TO_SQUARE
def measure(recordings: list[Recording], experiment: Experiment) -> Measures:
    """Measure a run.

    Parameters
    ----------
    recordings : list of Recording
        One for each realization, with rates averaged over `l5tui.analysis.windows.measurement_windows`.
    experiment : Experiment

    Returns
    -------
    Measures

    Examples
    --------
    >>> from l5tui import Experiment
    >>> from l5tui.analysis import measure
    >>> from l5tui.analysis.windows import recording_plan
    >>> from l5tui.model import Circuit
    >>> from l5tui.model.recording import record
    >>> experiment = Experiment.load("experiments/quickstart.toml")
    >>> circuits = [Circuit.sample(experiment, realization) for realization in range(2)]
    >>> plan = recording_plan(experiment)
    >>> found = measure([record(circuit, experiment, plan) for circuit in circuits], experiment)
    >>> found.selectivity.shape  # condition, measure, statistic, population
    (2, 6, 3, 4)
    """
    layout = Layout(experiment.network.sizes.in_order())
    directions = experiment.stimulus.directions
    drop_whole = experiment.variant == "original"
    ddof = ddof_of(experiment.variant)
    floor = floor_of(experiment)
    tables, means, intervals, cells = [], [], [], []
    for condition in CONDITIONS:
        rates = condition_rates(recordings, condition)
        mean, std = realization_means(rates, directions, layout, drop_whole, ddof, floor)
        tables.append(selectivity_table(mean, std, ddof))
        means.append(mean)
        cells.append(cell_counts(rates, directions, layout, experiment.network))
        intervals.append(selectivity_intervals(mean))
    weights = weight_table(recordings, layout, ddof)
    before, after = tables
    terms = loss_terms(before, after, weights, layout)
    measures = Measures(
        selectivity=np.stack(tables),
        by_realization=np.stack(means),
        cells=np.stack(cells),
        intervals=np.stack(intervals),
        weights=weights,
        summary=summarize(recordings, after, means[CONDITIONS.index("after")], experiment, layout),
        loss_terms=terms,
        loss=np.nan if experiment.loss_form == "targets" else loss_of(terms, experiment.loss_form),
    )
    return _held_against_targets(measures, experiment) if experiment.targets else measures


def _held_against_targets(measures: Measures, experiment: Experiment) -> Measures:
    rows = target_rows(named_measures(measured_tables(measures)), experiment.targets)
    total = targets_loss(rows)
    return replace(
        measures,
        loss_terms={**measures.loss_terms, "targets": total},
        loss=total if experiment.loss_form == "targets" else measures.loss,
        targets=rows,
    )


def condition_rates(recordings: list[Recording], condition: str) -> FloatArray:
    """Return the mean rates of neurons before or after learning.

    A realization that diverged is undefined in both conditions, so that both are means over the same
    realizations.

    Parameters
    ----------
    recordings : list of Recording
        One a realization.
    condition : str
        ``before`` or ``after``.

    Returns
    -------
    ndarray, shape (realization, direction, N)
        In a.u.; NaN for a realization that diverged or has no such window.
    """
    missing = np.full_like(recordings[0].rate_mean[:, 0, :1], np.nan)
    return np.stack(
        [
            recording.window_rates[condition]
            if recording.completed and condition in recording.window_rates
            else np.broadcast_to(missing, (len(missing), recording.circuit.neurons))
            for recording in recordings
        ]
    )


def measured_tables(measures: Measures) -> RunTables:
    """Return the rows of a run's tables from its measures, without a dataset.

    Parameters
    ----------
    measures : Measures
        Measures of the run.

    Returns
    -------
    RunTables
        The same rows as `l5tui.analysis.tables.run_tables` returns for the run's dataset.
    """
    cells = product(CONDITIONS, MEASURES, STATISTICS, POPULATIONS)
    blocks = product(QUANTITIES, STATISTICS, POPULATIONS, POPULATIONS)
    return RunTables(
        selectivity=tuple(
            SelectivityRow(*labels, float(value))
            for labels, value in zip(cells, measures.selectivity.ravel(), strict=True)
        ),
        weights=tuple(
            WeightRow(post, pre, quantity, statistic, float(value))
            for (quantity, statistic, post, pre), value in zip(blocks, measures.weights.ravel(), strict=True)
        ),
        summary=dict(measures.summary),
        loss=measures.loss,
        loss_terms=dict(measures.loss_terms),
        targets=measures.targets,
        cells=count_rows(measures.cells.sum(axis=2)),
    )
