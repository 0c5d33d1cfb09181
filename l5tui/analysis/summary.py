"""Summary of a run in a few numbers."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.cells import floor_of
from l5tui.analysis.contrasts import summary_contrasts
from l5tui.analysis.selectivity import populations_off
from l5tui.analysis.statistics import defined_mean
from l5tui.config import POPULATIONS, Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout
from l5tui.model.outcome import Diverged
from l5tui.model.recording import Recording

SETTLED = 0.05
"""Difference between a neuron's last two 5-period means from which it has not settled."""


def summarize(
    recordings: list[Recording],
    after: FloatArray,
    circuits: FloatArray,
    experiment: Experiment,
    layout: Layout,
) -> dict[str, float]:
    """Return contrasts between CS and CC, and counts of realizations that diverged, did not settle or are off.

    Parameters
    ----------
    recordings : list of Recording
        One a realization.
    after : ndarray, shape (6, 3, 4)
        Selectivity table after learning: measure, statistic, population.
    circuits : ndarray, shape (6, realization, 4)
        Means of each circuit after learning.
    experiment : Experiment
        Experiment of the run.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.

    Returns
    -------
    dict of str to float
        ``contrast_<measure>`` and ``mean_contrast_<measure>`` of OS, DS and OS_p, as
        `l5tui.analysis.contrasts.summary_contrasts` returns them; ``diverged`` and
        ``not_in_equilibrium``: realizations; ``off_<population>``: realizations in which it is off;
        ``spectral_abscissa``: that of W at the end, averaged over realizations and directions (1 before learning).
    """
    summary: dict[str, float] = {"realizations": len(recordings)}
    summary |= summary_contrasts(after[:, 0], circuits)
    summary["diverged"] = sum(isinstance(recording.outcome, Diverged) for recording in recordings)
    absolute = experiment.variant != "original"
    summary["not_in_equilibrium"] = sum(not _settled(recording, absolute) for recording in recordings)
    ends = np.concatenate([recording.final_abscissa for recording in recordings])
    summary["spectral_abscissa"] = float(defined_mean(ends, 0))
    rates = np.stack([recording.window_rates["after"] for recording in recordings])
    off = populations_off(rates, layout, floor_of(experiment)).sum(axis=0)
    return {**summary, **{f"off_{name}": int(count) for name, count in zip(POPULATIONS, off, strict=True)}}


def _settled(recording: Recording, absolute: bool) -> bool:
    """Whether no neuron's last two 5-period means differ by 0.05 or more.

    The research code forgot the absolute value, so that it overlooked rates that rose.
    """
    if "last" not in recording.window_rates:
        return False
    change = recording.window_rates["penultimate"] - recording.window_rates["last"]
    return bool(((np.abs(change) if absolute else change) < SETTLED).all())
