"""The window of recent rates by sums that only grow, so that no rounding error of a past value stays behind.

Time is divided into blocks of n_w steps, the length of the window. A window is the end of the previous block and the
beginning of the current one: the sum over the latter grows step by step, and the sums over all ends of the former are
written in its place when it is full, once a block. A sum that takes away what leaves the window would keep a rounding
error of its largest value, far above the rates of a neuron that has fallen silent. Simpson's rule with a decaying
kernel takes such sums over every second value.
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
NEXT, COUNT = range(2)
PADDING = 2
"""Rows of zeros after the block: sums over ends that are empty."""


class Window(NamedTuple):
    """What is remembered of recent rates, for four directions.

    Parameters
    ----------
    kind : int
        Statistic of the window that the rule needs.
    length : int
        n_w, the number of rates that it holds.
    decay : float
        e^(−Δt/τ_θ).
    scale : float
        Δt/τ_θ.
    remainder : float
        1 − e^(−Δt/τ_θ).
    ring : ndarray, shape (n_w + 2, N, 4)
        Values of the current block up to its newest, then the sums over the ends of the previous block: row k has
        the sum from step k of the block on; with Simpson's rule that of steps k, k + 2, …, each decayed until the
        end of the block. Two rows of zeros follow.
    first, second : ndarray, shape (N, 4)
        Sums over the current block; with Simpson's rule over its even and its odd lags, decayed.
    place : ndarray of int64, shape (2,)
        Number of values in the current block, and in the window.
    """

    kind: int
    length: int
    decay: float
    scale: float
    remainder: float
    ring: FloatArray
    first: FloatArray
    second: FloatArray
    place: IntArray


def new_window(experiment: Experiment, initial_rates: FloatArray) -> Window:
    """Return a window that contains r(0).

    Parameters
    ----------
    experiment : Experiment
    initial_rates : ndarray, shape (N, 4)
        r(0).

    Returns
    -------
    Window
    """
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
        remainder=-math.expm1(-dt / plasticity.tau_threshold),
        ring=np.zeros((length + PADDING if keeps else 0, *shape)),
        first=np.zeros(shape),
        second=np.zeros(shape),
        place=np.zeros(2, dtype=np.int64),
    )
    if kind == EXPONENTIAL:
        window.first[:] = initial_rates**2
    else:
        observe(window, initial_rates)
    return window


@kernel
def observe(window: Window, rates: FloatArray) -> None:
    """Add the rates of a step.

    Parameters
    ----------
    window : Window
        Changed in place.
    rates : ndarray, shape (N, 4)
    """
    if window.kind == NO_MEMORY:
        return
    first, second, place = window.first, window.second, window.place
    neurons = rates.shape[0]
    if window.kind == EXPONENTIAL:
        for i in range(neurons):
            for lane in range(LANES):
                # A sum of positive terms: θ + (r² − θ)·(1 − e^−x) loses digits where Δt/τ_θ is small.
                square = rates[i, lane] * rates[i, lane]
                first[i, lane] = window.decay * first[i, lane] + window.remainder * square
        return
    if place[NEXT] == window.length:
        _begin_block(window)
    slot = window.ring[place[NEXT]]
    if window.kind == SIMPSON:
        for i in range(neurons):
            for lane in range(LANES):
                value = rates[i, lane] * rates[i, lane]
                even = value + window.decay * second[i, lane]
                second[i, lane] = window.decay * first[i, lane]
                first[i, lane] = even
                slot[i, lane] = value
    else:
        squared = window.kind == MEAN_SQUARE
        for i in range(neurons):
            for lane in range(LANES):
                value = rates[i, lane] * (rates[i, lane] if squared else 1.0)
                first[i, lane] += value
                slot[i, lane] = value
    place[NEXT] += 1
    place[COUNT] = min(place[COUNT] + 1, window.length)


@kernel
def _begin_block(window: Window) -> None:
    """Replace the values of a block that is full by sums over its ends."""
    ring, length = window.ring, window.length
    apart, decayed = 1, 1.0
    if window.kind == SIMPSON:
        apart = 2
    # Backwards, so that each sum uses the sum over the shorter end that is already in place.
    for k in range(length - 1, -1, -1):
        row, later = ring[k], ring[k + apart]
        for i in range(row.shape[0]):
            for lane in range(LANES):
                row[i, lane] = decayed * row[i, lane] + later[i, lane]
        if window.kind == SIMPSON:
            decayed *= window.decay
    window.first[:] = 0.0
    window.second[:] = 0.0
    window.place[NEXT] = 0


@kernel
def recall(window: Window, out: FloatArray) -> None:
    """Write the threshold or the mean of the window.

    Parameters
    ----------
    window : Window
    out : ndarray, shape (N, 4)
        Output.
    """
    first, at = window.first, window.place[NEXT]
    if window.kind == EXPONENTIAL:
        out[:] = first
    elif window.kind == SIMPSON:
        _simpson(window, out)
    else:
        before, count = window.ring[at], window.place[COUNT]
        for i in range(out.shape[0]):
            for lane in range(LANES):
                out[i, lane] = (first[i, lane] + before[i, lane]) / count


@kernel
def _simpson(window: Window, out: FloatArray) -> None:
    """Simpson's rule over the window: interior lags weigh 4/3 and 2/3 in turn, and the ends are corrected.

    The oldest value always belongs to those that weigh 2/3, and weighs 1/3.
    """
    ring, length, decay = window.ring, window.length, window.decay
    at, count = window.place[NEXT], window.place[COUNT]
    newest, second_newest, third_newest = ring[at - 1], ring[(at - 2) % length], ring[(at - 3) % length]
    # Of the previous block the last value stands as it was, and the last but one has decayed by a step.
    restored = 1 / decay if at == 1 else 1.0
    all_in_block = at == count
    last = decay ** (count - 1) / 3 if all_in_block else 0.0
    before = 0.0 if all_in_block else decay**at / 3
    oldest = ring[0]
    if count == 1:
        weights = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    elif count == 2:
        weights = (0.0, 0.0, 0.5, decay / 2, 0.0, 0.0, 0.0)
    elif count % 2 == 1:
        weights = (2 / 3, 4 / 3, -1 / 3, 0.0, 0.0, -last, before)
    else:
        weights = (4 / 3, 2 / 3, 5 / 12 - 4 / 3, decay / 3, -restored * decay**2 / 12, -last, before)
    of_even, of_odd, of_newest, of_second, of_third, of_oldest, of_before = weights
    # Where the whole window lies in the current block, these rows have nothing of the window, and do not count.
    ends, ends_but_one, ends_but_two = ring[at % length], ring[at % length + 1], ring[at % length + 2]
    even, odd = window.first, window.second
    for i in range(out.shape[0]):
        for lane in range(LANES):
            integral = of_even * even[i, lane] + of_odd * odd[i, lane] + of_newest * newest[i, lane]
            integral += of_second * second_newest[i, lane] + of_third * third_newest[i, lane]
            integral += of_oldest * oldest[i, lane]
            integral += of_before * (ends[i, lane] + 4 * ends_but_one[i, lane] + ends_but_two[i, lane])
            out[i, lane] = window.scale * integral
