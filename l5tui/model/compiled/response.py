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
    """Allocate the intermediate results of a step.

    Parameters
    ----------
    neurons : int

    Returns
    -------
    Work
    """
    return Work(*(np.zeros((neurons, LANES)) for _ in Work._fields))


def stimulus_of(grating: Grating, lanes: list[int]) -> Stimulus:
    """Return the stimulus of four directions of a grating.

    Parameters
    ----------
    grating : Grating
    lanes : list of int
        Four indices of directions.

    Returns
    -------
    Stimulus
    """
    pattern = np.ascontiguousarray(grating.pattern[lanes].T)
    return Stimulus(pattern, grating.offset, grating.steady, grating.temporal_frequency)


def response_of(experiment: Experiment) -> Response:
    """Return the transfer function and integrator of an experiment.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Response
    """
    network, dynamics = experiment.network, experiment.dynamics
    transfer = {"sigmoid": SIGMOID, "tanh": TANH}.get(
        network.transfer, RECTIFIED if network.gamma == 1 else POWER
    )
    stages = 1 if dynamics.integrator == "euler" else 4
    return Response(transfer, network.gamma, dynamics.dt / dynamics.tau, stages)


@kernel
def stimulate(stimulus: Stimulus, step: int, out: FloatArray) -> None:
    """Write the stimulus I(t).

    Parameters
    ----------
    stimulus : Stimulus
    step : int
        t, the number of the step.
    out : ndarray, shape (N, 4)
        Output.
    """
    drifting = math.cos(stimulus.frequency * step)
    still = math.cos(stimulus.frequency)
    for i in range(out.shape[0]):
        course = still if stimulus.steady[i] else drifting
        for lane in range(LANES):
            out[i, lane] = stimulus.pattern[i, lane] * course + stimulus.offset[i]


@kernel
def slope(response: Response, recurrent: FloatArray, stimulus: FloatArray, rates: FloatArray) -> None:
    """Replace W r by τ dr/dt = f(W r + I) − r; NaN stays NaN.

    Parameters
    ----------
    response : Response
    recurrent : ndarray, shape (N, 4)
        W r; overwritten by the slope.
    stimulus, rates : ndarray, shape (N, 4)
    """
    if response.transfer == RECTIFIED:
        for i in range(rates.shape[0]):
            for lane in range(LANES):
                x = recurrent[i, lane] + stimulus[i, lane]
                # A comparison with NaN is false, so NaN passes; min and max can replace it by the bound.
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
                # The same form as in the reference engine: it does not overflow, as e^−x does for very negative x.
                x = 0.5 * (1 + math.tanh(0.5 * x))
            else:
                x = math.tanh(x)
            recurrent[i, lane] = x - rates[i, lane]


@kernel
def all_finite(values: FloatArray) -> bool:
    """Return whether no value is NaN or infinite.

    Parameters
    ----------
    values : ndarray, shape (N, 4)

    Returns
    -------
    bool
    """
    finite = True
    for i in range(values.shape[0]):
        for lane in range(LANES):
            # False for NaN too. No early return: a loop without an exit can be vectorized.
            finite &= abs(values[i, lane]) <= 1.7976931348623157e308
    return finite


@kernel
def put(values: FloatArray, out: FloatArray, step: int) -> None:
    """Write values to one step of an output.

    Parameters
    ----------
    values : ndarray, shape (N, 4)
    out : ndarray, shape (4, step, N)
    step : int
        Index into `out`.
    """
    for lane in range(LANES):
        for i in range(values.shape[0]):
            # Kernels need the directions side by side; results need the neurons of a direction side by side.
            out[lane, step, i] = values[i, lane]


@kernel
def integrate(stage: int, response: Response, rates: FloatArray, work: Work) -> None:
    """Use the slopes of one stage of a step; after the last stage, `work.moved` holds the new rates.

    Parameters
    ----------
    stage : int
        0, or 0 to 3 for the Runge-Kutta method.
    response : Response
    rates : ndarray, shape (N, 4)
        r(t).
    work : Work
        Slopes in `recurrent`.
    """
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
