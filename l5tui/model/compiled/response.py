"""Stimulus and rate equation for four directions: everything of a step but the product with the weights."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.compiled.kernel import LANES, kernel
from l5tui.model.grating import Grating
from l5tui.model.transfer import MAX_RATE, MIN_RATE

RECTIFIED, POWER, SIGMOID, TANH = range(4)


class Stimulus(NamedTuple):
    """A grating as four directions see it.

    Parameters
    ----------
    pattern : ndarray, shape (N, 4)
    offset : ndarray, shape (N,)
    steady : ndarray of bool, shape (N,)
    frequency : float
        ω in radians a step.
    """

    pattern: FloatArray
    offset: FloatArray
    steady: BoolArray
    frequency: float


class Response(NamedTuple):
    """How a neuron answers to its input.

    Parameters
    ----------
    transfer : int
        Which transfer function.
    gamma : float
        Exponent of the power.
    step : float
        Δt/τ.
    stages : int
        1 for Euler's method, 4 for Runge and Kutta's.
    """

    transfer: int
    gamma: float
    step: float
    stages: int


class Work(NamedTuple):
    """Intermediate results of a step, each of shape (N, 4).

    Parameters
    ----------
    moved : ndarray
        Rates at a stage of the step; after the step, r(t+1), finite or not.
    stimulus : ndarray
        I(t).
    recurrent : ndarray
        W r, and then the slope.
    total : ndarray
        Sum of slopes.
    post, pre : ndarray
        Factors of the change of W.
    spare : ndarray
    """

    moved: FloatArray
    stimulus: FloatArray
    recurrent: FloatArray
    total: FloatArray
    post: FloatArray
    pre: FloatArray
    spare: FloatArray


def new_work(neurons: int) -> Work:
    """Room for the intermediate results of N neurons."""
    return Work(*(np.zeros((neurons, LANES)) for _ in Work._fields))


def stimulus_of(grating: Grating, lanes: list[int]) -> Stimulus:
    """The grating of four of its directions, by their indices."""
    pattern = np.ascontiguousarray(grating.pattern[lanes].T)
    return Stimulus(pattern, grating.offset, grating.steady, grating.temporal_frequency)


def response_of(experiment: Experiment) -> Response:
    """The answer of an experiment's neurons."""
    network, dynamics = experiment.network, experiment.dynamics
    transfer = {"sigmoid": SIGMOID, "tanh": TANH}.get(
        network.transfer, RECTIFIED if network.gamma == 1 else POWER
    )
    stages = 1 if dynamics.integrator == "euler" else 4
    return Response(transfer, network.gamma, dynamics.dt / dynamics.tau, stages)


@kernel
def stimulate(stimulus: Stimulus, step: int, out: FloatArray) -> None:
    """Write I(t) to `out`, shape (N, 4)."""
    drifting = math.cos(stimulus.frequency * step)
    still = math.cos(stimulus.frequency)
    for i in range(out.shape[0]):
        course = still if stimulus.steady[i] else drifting
        for lane in range(LANES):
            out[i, lane] = stimulus.pattern[i, lane] * course + stimulus.offset[i]


@kernel
def slope(response: Response, recurrent: FloatArray, stimulus: FloatArray, rates: FloatArray) -> None:
    """Turn W r, shape (N, 4), into τ dr/dt = f(W r + I) − r, in its place; NaN stays NaN."""
    if response.transfer == RECTIFIED:
        for i in range(rates.shape[0]):
            for lane in range(LANES):
                x = recurrent[i, lane] + stimulus[i, lane]
                x = MIN_RATE if x < MIN_RATE else x
                x = MAX_RATE if x > MAX_RATE else x
                recurrent[i, lane] = x - rates[i, lane]
        return
    for i in range(rates.shape[0]):
        for lane in range(LANES):
            x = recurrent[i, lane] + stimulus[i, lane]
            if response.transfer == POWER:
                x = (0.0 if x < 0.0 else x) ** response.gamma
                x = MAX_RATE if x > MAX_RATE else x
            elif response.transfer == SIGMOID:
                x = 0.5 * (1 + math.tanh(0.5 * x))
            else:
                x = math.tanh(x)
            recurrent[i, lane] = x - rates[i, lane]


@kernel
def all_finite(values: FloatArray) -> bool:
    """Whether no value of an array, shape (N, 4), is NaN or infinite."""
    finite = True
    for i in range(values.shape[0]):
        for lane in range(LANES):
            finite &= abs(values[i, lane]) <= 1.7976931348623157e308
    return finite


@kernel
def put(values: FloatArray, out: FloatArray, step: int) -> None:
    """Write values, shape (N, 4), to one step of an output, shape (4, step, N)."""
    for lane in range(LANES):
        for i in range(values.shape[0]):
            out[lane, step, i] = values[i, lane]


@kernel
def integrate(stage: int, response: Response, rates: FloatArray, work: Work) -> None:
    """Use the slopes of one stage of a step; after the last stage, `work.moved` holds the new rates."""
    step, slopes, total, moved = response.step, work.recurrent, work.total, work.moved
    for i in range(rates.shape[0]):
        for lane in range(LANES):
            k = slopes[i, lane]
            if response.stages == 1:
                moved[i, lane] = rates[i, lane] + step * k
            elif stage == 0:
                total[i, lane] = k
                moved[i, lane] = rates[i, lane] + step / 2 * k
            elif stage == 1:
                total[i, lane] += 2 * k
                moved[i, lane] = rates[i, lane] + step / 2 * k
            elif stage == 2:
                total[i, lane] += 2 * k
                moved[i, lane] = rates[i, lane] + step * k
            else:
                moved[i, lane] = rates[i, lane] + step / 6 * (total[i, lane] + k)
