"""The window of recent rates by recursion: every sum over it is brought up to date in one pass over neurons.

A running mean adds the new value and takes the oldest away; as that drifts, a second sum is begun afresh with each
window and takes over when the window is full. Simpson's rule with a decaying kernel needs two such sums, of the
even and of the odd lags, which decay and change places at every step; they forget their errors by themselves.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from l5tui.config import Experiment
from l5tui.config.checks import window_length
from l5tui.model.arrays import FloatArray, IntArray
from l5tui.model.compiled.kernel import LANES, kernel

NO_MEMORY, MEAN_SQUARE, SIMPSON, EXPONENTIAL, MEAN = range(5)
NEXT, COUNT, FRESH = range(3)


class Window(NamedTuple):
    """What is remembered of recent rates, for four directions.

    Parameters
    ----------
    kind : int
        What is asked of it.
    length : int
        n_w, the number of rates that it holds.
    decay : float
        e^(−Δt/τ_θ).
    scale : float
        Δt/τ_θ.
    ring : ndarray, shape (n_w, N, 4)
        The remembered values.
    first, second : ndarray, shape (N, 4)
        Running sums.
    place : ndarray of int64, shape (3,)
        Next slot of the ring, number of values in it, number since the second sum began.
    """

    kind: int
    length: int
    decay: float
    scale: float
    ring: FloatArray
    first: FloatArray
    second: FloatArray
    place: IntArray


def new_window(experiment: Experiment, initial_rates: FloatArray) -> Window:
    """A window that holds r(0), shape (N, 4)."""
    plasticity, dt = experiment.plasticity, experiment.dynamics.dt
    kinds = {"bcm": MEAN_SQUARE, "sliding_bcm": SIMPSON, "covariance": MEAN}
    kind = kinds.get(plasticity.rule, NO_MEMORY)
    if kind == SIMPSON and plasticity.threshold_kernel == "exponential":
        kind = EXPONENTIAL
    length = min(window_length(plasticity.tau_threshold, dt), experiment.steps + 1)
    keeps = kind in (MEAN_SQUARE, SIMPSON, MEAN)
    shape = (len(initial_rates), LANES)
    window = Window(
        kind=kind,
        length=length,
        decay=math.exp(-dt / plasticity.tau_threshold),
        scale=dt / plasticity.tau_threshold,
        ring=np.zeros((length if keeps else 0, *shape)),
        first=np.zeros(shape),
        second=np.zeros(shape),
        place=np.zeros(3, dtype=np.int64),
    )
    if kind == EXPONENTIAL:
        window.first[:] = initial_rates**2
    else:
        observe(window, initial_rates)
    return window


@kernel
def observe(window: Window, rates: FloatArray) -> None:
    """Take note of new rates, shape (N, 4)."""
    if window.kind == NO_MEMORY:
        return
    neurons = rates.shape[0]
    first, second, place = window.first, window.second, window.place
    if window.kind == EXPONENTIAL:
        for i in range(neurons):
            for lane in range(LANES):
                square = rates[i, lane] * rates[i, lane]
                first[i, lane] = square + (first[i, lane] - square) * window.decay
        return
    slot = window.ring[place[NEXT]]
    # A slot that was never filled holds zeros, so that nothing leaves a window that is not full.
    if window.kind == SIMPSON:
        left = window.decay**window.length
        even_leaves = window.length % 2 == 0
        for i in range(neurons):
            for lane in range(LANES):
                value = rates[i, lane] * rates[i, lane]
                leaving = left * slot[i, lane]
                even = value + window.decay * second[i, lane]
                odd = window.decay * first[i, lane]
                first[i, lane] = even - (leaving if even_leaves else 0.0)
                second[i, lane] = odd - (0.0 if even_leaves else leaving)
                slot[i, lane] = value
    else:
        squared = window.kind == MEAN_SQUARE
        for i in range(neurons):
            for lane in range(LANES):
                value = rates[i, lane] * (rates[i, lane] if squared else 1.0)
                first[i, lane] += value - slot[i, lane]
                second[i, lane] += value
                slot[i, lane] = value
        place[FRESH] += 1
        if place[FRESH] == window.length:
            first[:] = second
            second[:] = 0.0
            place[FRESH] = 0
    place[NEXT] = (place[NEXT] + 1) % window.length
    place[COUNT] = min(place[COUNT] + 1, window.length)


@kernel
def recall(window: Window, out: FloatArray) -> None:
    """Write what the window is kept for, a threshold or a mean, to `out`, shape (N, 4)."""
    first = window.first
    count = window.place[COUNT]
    if window.kind == EXPONENTIAL:
        out[:] = first
    elif window.kind == SIMPSON:
        _simpson(window, count, out)
    else:
        for i in range(out.shape[0]):
            for lane in range(LANES):
                out[i, lane] = first[i, lane] / count


@kernel
def _simpson(window: Window, count: int, out: FloatArray) -> None:
    """Simpson's rule over the window: interior lags weigh 4/3 and 2/3 in turn, and the ends are put right."""
    length, place = window.length, window.place[NEXT]
    newest = window.ring[(place - 1) % length]
    second_newest = window.ring[(place - 2) % length]
    third_newest = window.ring[(place - 3) % length]
    oldest = window.ring[(place - count) % length]
    even, odd = window.first, window.second
    decay = window.decay
    last = decay ** (count - 1) / 3
    if count == 1:
        weights = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    elif count == 2:
        weights = (0.0, 0.0, 0.5, decay / 2, 0.0, 0.0)
    elif count % 2 == 1:
        weights = (2 / 3, 4 / 3, -1 / 3, 0.0, 0.0, -last)
    else:
        weights = (4 / 3, 2 / 3, 5 / 12 - 4 / 3, decay / 3, -(decay**2) / 12, -last)
    of_even, of_odd, of_newest, of_second, of_third, of_oldest = weights
    for i in range(out.shape[0]):
        for lane in range(LANES):
            integral = of_even * even[i, lane] + of_odd * odd[i, lane] + of_newest * newest[i, lane]
            integral += of_second * second_newest[i, lane] + of_third * third_newest[i, lane]
            out[i, lane] = window.scale * (integral + of_oldest * oldest[i, lane])
