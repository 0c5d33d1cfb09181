"""Mean weights of the 16 blocks, and their targets from cortex."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from l5tui.analysis.statistics import over_realizations, sample_std
from l5tui.config import measure_names
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout
from l5tui.model.moments import block_moments
from l5tui.model.recording import Recording

QUANTITIES = measure_names.QUANTITIES


def weight_table(recordings: list[Recording], layout: Layout, ddof: int = 1) -> FloatArray:
    """Return the three statistics of every block of weights.

    Each direction ends with weights of its own: a realization's final mean is the mean over directions, and
    so is its standard deviation over pairs.

    Parameters
    ----------
    recordings : list of Recording
        One a realization.
    layout : Layout
        Sizes of the populations CS, CC, PV and SST, in the order of the neurons.
    ddof : int, optional
        Of the standard deviations; a block of one pair has none.

    Returns
    -------
    ndarray, shape (4, 3, 4, 4)
        Quantity, statistic, post, pre. A realization that diverged counts for its initial weights and target
        only.
    """
    initial = _stack(block_moments(recording.circuit.weights, layout) for recording in recordings)
    final = _stack(_final_moments(recording, layout, change=False) for recording in recordings)
    change = _stack(_final_moments(recording, layout, change=True) for recording in recordings)
    targets = np.stack([recording.circuit.target_weights for recording in recordings])
    targets = np.where(np.isnan(layout.pairs), np.nan, targets)
    target = (targets, np.full_like(targets, np.nan))
    return np.stack(
        [
            over_realizations(means, sample_std(stds, layout.pairs, ddof), ddof)
            for means, stds in (initial, final, change, target)
        ]
    )


def _stack(moments: Iterable[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    means, stds = zip(*moments, strict=True)
    return np.stack(means), np.stack(stds)


def _final_moments(recording: Recording, layout: Layout, *, change: bool) -> tuple[FloatArray, FloatArray]:
    if not recording.completed:
        return np.full((4, 4), np.nan), np.full((4, 4), np.nan)
    start = recording.circuit.weights if change else 0.0
    each = [block_moments(final - start, layout) for final in recording.final_weights]
    means, stds = zip(*each, strict=True)
    return np.mean(means, axis=0), np.mean(stds, axis=0)
