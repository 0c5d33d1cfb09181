"""The least that the machine allows: bare loops that do only what cannot be avoided.

Both are measured in the same process and with the same number of workers as the engine.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from l5tui.model.compiled.kernel import kernel

Array = NDArray[np.float64]
LINE = 64


def dense_floor(weights: Array, realizations: int, steps: int, workers: int) -> float:
    """Seconds for the bare products W(0) · R, (N, N) by (N, 4): one a step and realization."""

    def products(_: int) -> None:
        rates, out = np.ones((len(weights), 4)), np.empty((len(weights), 4))
        for _step in range(steps):
            np.dot(weights, rates, out=out)

    return timed(products, realizations, workers)


@kernel
def _pass(weights: Array, post: Array, pre: Array, rates: Array, out: Array) -> None:
    for i in range(len(rates)):
        row = weights[i]
        factor, total = post[i], 0.0
        for j in range(len(rates)):
            weight = row[j] + factor * pre[j]
            row[j] = weight
            total += weight * rates[j]
        out[i] = total


@kernel
def _passes(weights: Array, post: Array, pre: Array, rates: Array, out: Array, steps: int) -> None:
    for _ in range(steps):
        for direction in range(len(weights)):
            _pass(weights[direction], post, pre, rates, out)


def pass_floor(weights: Array, realizations: int, steps: int, onset: int, workers: int) -> float:
    """Seconds for one pass over W a step and direction, four directions, from the step that learns first.

    Until then the directions share one product, which is counted as the dense floor counts it.
    """
    neurons = len(weights)
    post = pre = rates = np.full(neurons, 1e-9)

    def passes(_: int) -> None:
        each = aligned((4, neurons, neurons))
        each[:] = weights
        _passes(each, post, pre, rates, np.empty(neurons), steps - onset)

    _passes(np.zeros((1, 4, 4)), np.zeros(4), np.zeros(4), np.zeros(4), np.zeros(4), 1)
    return timed(passes, realizations, workers) + dense_floor(weights, realizations, onset, workers)


def aligned(shape: tuple[int, ...]) -> Array:
    """An array that begins at a cache line."""
    size = int(np.prod(shape))
    room = np.empty(size + LINE // 8)
    offset = -room.ctypes.data % LINE // 8
    return room[offset : offset + size].reshape(shape)


def timed(work: object, realizations: int, workers: int, repetitions: int = 3) -> float:
    """Shortest time of some repetitions of a piece of work a realization, on some threads."""
    assert callable(work)
    times = []
    for _ in range(repetitions):
        begun = time.perf_counter()
        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, range(realizations)))
        times.append(time.perf_counter() - begun)
    return min(times)
