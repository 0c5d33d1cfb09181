"""Recordings with rates and weights of choice, for values that can be worked out by hand."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Completed, Outcome
from l5tui.model.recording import Recording


def made_recording(
    rates: dict[str, FloatArray],
    final_weights: FloatArray,
    initial_weights: FloatArray | None = None,
    target_weights: FloatArray | None = None,
    outcome: Outcome | None = None,
) -> Recording:
    """A recording of one bin; `rates` are the window rates (direction, N), weights (direction, N, N)."""
    directions, neurons = len(final_weights), final_weights.shape[-1]
    initial = np.zeros((neurons, neurons)) if initial_weights is None else initial_weights
    targets = np.zeros((4, 4)) if target_weights is None else target_weights
    return Recording(
        circuit=Circuit(initial, np.zeros((neurons, 2)), np.zeros(neurons), target_weights=targets),
        outcome=outcome or Completed(),
        steps=100,
        trajectories={},
        rate_mean=np.zeros((directions, 1, 4)),
        rate_std=np.zeros((directions, 1, 4)),
        weight_mean=np.zeros((directions, 1, 4, 4)),
        abscissa=np.full((directions, 1), np.nan),
        final_abscissa=np.full(directions, np.nan),
        weight_std=np.zeros((directions, 1, 4, 4)),
        window_rates=rates,
        final_weights=final_weights,
    )
