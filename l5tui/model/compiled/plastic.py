"""Learning that changes every weight by itself: one pass over the weights serves the update and the next product.

A step's change of W is put off until W is read for the next product: reading a weight, changing it, writing it back
and multiplying it take one pass over memory instead of two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.compiled.codes import BCM, COVARIANCE, OJA
from l5tui.model.compiled.kernel import LANES, kernel
from l5tui.model.compiled.learning import Learning, learning_phase, postsynaptic
from l5tui.model.compiled.response import (
    Response,
    Stimulus,
    Work,
    all_finite,
    integrate,
    put,
    slope,
    stimulate,
)
from l5tui.model.compiled.sparse import Synapses, sparse_product
from l5tui.model.compiled.window import Window, observe, recall

CACHE_LINE = 64


class Weights(NamedTuple):
    """Weights of four directions, each with the last change still to be made.

    Parameters
    ----------
    values : ndarray, shape (lanes, N·N or synapse)
        Row by row; only as many lanes as there are directions.
    dense : bool
        Whether every pair has a weight, or only the synapses.
    dale : bool
        Whether a weight stops at zero.
    signs : ndarray, shape (N,)
        Sign of each presynaptic neuron's weights.
    post, pre : ndarray, shape (4, N)
        Factors of the change that is still to be made.
    pending : ndarray of bool, shape (1,)
        Whether there is one.
    """

    values: FloatArray
    dense: bool
    dale: bool
    signs: FloatArray
    post: FloatArray
    pre: FloatArray
    pending: BoolArray


class PlasticState(NamedTuple):
    """A circuit's four directions on their way.

    Parameters
    ----------
    response, stimulus, learning
        What does not change.
    synapses : Synapses
        W(0), which all directions share until learning begins.
    weights : Weights
    window : Window
    rates : ndarray, shape (N, 4)
    ahead : ndarray, shape (N, 4)
        W r of the present rates, where it is known already.
    known : ndarray of bool, shape (1,)
        Whether it is.
    learned : ndarray of bool, shape (1,)
        Whether any weight has changed yet; until then directions share W(0).
    work : Work
    """

    response: Response
    stimulus: Stimulus
    learning: Learning
    synapses: Synapses
    weights: Weights
    window: Window
    rates: FloatArray
    ahead: FloatArray
    known: BoolArray
    learned: BoolArray
    work: Work


def new_weights(
    initial: FloatArray, synapses: Synapses, lanes: int, signs: FloatArray, *, dense: bool, dale: bool
) -> Weights:
    """Every direction at W(0)."""
    start = initial.ravel() if dense else synapses.weights
    values = aligned((lanes, len(start)))
    values[:] = start
    factors = np.zeros((2, LANES, len(signs)))
    return Weights(values, dense, dale, signs, factors[0], factors[1], np.zeros(1, dtype=bool))


def aligned(shape: tuple[int, int]) -> FloatArray:
    """Return an array that begins at a cache line: vector loads across two lines cost a fifth of the speed."""
    size = shape[0] * shape[1]
    room = np.empty(size + CACHE_LINE // 8)
    offset = -room.ctypes.data % CACHE_LINE // 8
    return room[offset : offset + size].reshape(shape)


@kernel
def dense_pass(
    weights: FloatArray, post: FloatArray, pre: FloatArray, rates: FloatArray, out: FloatArray
) -> None:
    """W ← W + post ⊗ pre, and out = W rates; weights has shape (N·N,)."""
    neurons = len(rates)
    for i in range(neurons):
        row = weights[i * neurons : (i + 1) * neurons]
        factor = post[i]
        total = 0.0
        for j in range(neurons):
            weight = row[j] + factor * pre[j]
            row[j] = weight
            total += weight * rates[j]
        out[i] = total


@kernel
def dense_pass_with_signs(
    weights: FloatArray,
    signs: FloatArray,
    post: FloatArray,
    pre: FloatArray,
    rates: FloatArray,
    out: FloatArray,
) -> None:
    """As `dense_pass`, but a weight that would change its sign becomes zero."""
    neurons = len(rates)
    for i in range(neurons):
        row = weights[i * neurons : (i + 1) * neurons]
        factor = post[i]
        total = 0.0
        for j in range(neurons):
            size = (row[j] + factor * pre[j]) * signs[j]
            weight = (0.0 if size < 0.0 else size) * signs[j]
            row[j] = weight
            total += weight * rates[j]
        out[i] = total


@kernel
def sparse_pass(weights: Weights, lane: int, synapses: Synapses, rates: FloatArray, out: FloatArray) -> None:
    """As `dense_pass`, for the synapses of one direction only."""
    values, post, pre, signs = weights.values[lane], weights.post[lane], weights.pre[lane], weights.signs
    for i in range(len(rates)):
        factor = post[i]
        total = 0.0
        for k in range(synapses.starts[i], synapses.starts[i + 1]):
            j = synapses.pre[k]
            weight = values[k] + factor * pre[j]
            if weights.dale:
                size = weight * signs[j]
                weight = (0.0 if size < 0.0 else size) * signs[j]
            values[k] = weight
            total += weight * rates[j]
        out[i] = total


@kernel
def dense_product(weights: FloatArray, rates: FloatArray, out: FloatArray) -> None:
    """out = W rates; weights has shape (N·N,)."""
    neurons = len(rates)
    for i in range(neurons):
        row = weights[i * neurons : (i + 1) * neurons]
        total = 0.0
        for j in range(neurons):
            total += row[j] * rates[j]
        out[i] = total


@kernel
def multiply_plastic(synapses: Synapses, weights: Weights, rates: FloatArray, out: FloatArray) -> None:
    """Make the change that is pending, and write W r to `out`; rates and out have shape (N, 4)."""
    neurons = rates.shape[0]
    lanes = weights.values.shape[0]
    x, y = np.empty(neurons), np.empty(neurons)
    for lane in range(LANES):
        for i in range(neurons):
            x[i] = rates[i, lane]
        if lane >= lanes:
            y[:] = 0.0
        elif weights.dense and not weights.pending[0]:
            dense_product(weights.values[lane], x, y)
        elif weights.dense and weights.dale:
            dense_pass_with_signs(
                weights.values[lane], weights.signs, weights.post[lane], weights.pre[lane], x, y
            )
        elif weights.dense:
            dense_pass(weights.values[lane], weights.post[lane], weights.pre[lane], x, y)
        else:
            sparse_pass(weights, lane, synapses, x, y)
        for i in range(neurons):
            out[i, lane] = y[i]
    if weights.pending[0]:
        weights.post[:] = 0.0
        weights.pending[0] = False


@kernel
def put_off(weights: Weights, work: Work) -> None:
    """Leave the change of this step for the next pass over the weights."""
    for lane in range(weights.values.shape[0]):
        for i in range(weights.post.shape[1]):
            weights.post[lane, i] = work.post[i, lane]
            weights.pre[lane, i] = work.pre[i, lane]
    weights.pending[0] = True


@kernel
def presynaptic(learning: Learning, window: Window, rates: FloatArray, work: Work) -> None:
    """Write the presynaptic factor, signs and mask included, to `work.pre`.

    For Oja's rule `work.recurrent` holds W(t) r(t+1).
    """
    if learning.rule == COVARIANCE:
        recall(window, work.spare)
    for i in range(rates.shape[0]):
        column = learning.columns[i]
        for lane in range(LANES):
            if learning.rule == BCM:
                factor = rates[i, lane] if learning.presynaptic_rates else work.stimulus[i, lane]
            elif learning.rule == OJA:
                factor = rates[i, lane] + work.stimulus[i, lane] - work.recurrent[i, lane]
            else:
                factor = rates[i, lane] - work.spare[i, lane]
            work.pre[i, lane] = column * factor


@kernel
def look_ahead(rates: FloatArray, work: Work, ahead: FloatArray) -> None:
    """W(t+1) r(t+1) = W(t) r(t+1) + post (pre · r(t+1)), from the product that Oja's rule needed anyway."""
    for lane in range(LANES):
        overlap = 0.0
        for i in range(rates.shape[0]):
            overlap += work.pre[i, lane] * rates[i, lane]
        for i in range(rates.shape[0]):
            ahead[i, lane] = work.recurrent[i, lane] + work.post[i, lane] * overlap


@kernel
def advance_plastic(
    first: int, state: PlasticState, out_rates: FloatArray, out_post: FloatArray, out_pre: FloatArray
) -> int:
    """Take steps until the output, shape (4, step, N), is full or a number is not finite; return how many.

    `out_post` and `out_pre` may have no steps, and then keep none.
    """
    learning, weights, rates, work = state.learning, state.weights, state.rates, state.work
    for index in range(out_rates.shape[1]):
        step = first + index
        stimulate(state.stimulus, step, work.stimulus)
        work.moved[:] = rates
        for stage in range(state.response.stages):
            if stage == 0 and state.known[0]:
                work.recurrent[:] = state.ahead
            elif state.learned[0]:
                multiply_plastic(state.synapses, weights, work.moved, work.recurrent)
            else:
                sparse_product(state.synapses, work.moved, work.recurrent)
            slope(state.response, work.recurrent, work.stimulus, work.moved)
            integrate(stage, state.response, rates, work)
        state.known[0] = False
        if not all_finite(work.moved):
            return index
        observe(state.window, work.moved)
        phase = learning_phase(learning, step)
        if phase >= 0:
            if learning.rule == OJA:
                if state.learned[0]:
                    multiply_plastic(state.synapses, weights, work.moved, work.recurrent)
                else:
                    sparse_product(state.synapses, work.moved, work.recurrent)
            postsynaptic(learning, phase, state.window, work.moved, work.post)
            presynaptic(learning, state.window, work.moved, work)
            if not (all_finite(work.post) and all_finite(work.pre)):
                return index
            # Where two learning steps follow each other without a product between them, none may be lost.
            if weights.pending[0]:
                multiply_plastic(state.synapses, weights, work.moved, work.spare)
            put_off(weights, work)
            state.learned[0] = True
            if learning.rule == OJA and weights.dense and not weights.dale:
                look_ahead(work.moved, work, state.ahead)
                state.known[0] = True
            if out_post.shape[1]:
                put(work.post, out_post, index)
                put(work.pre, out_pre, index)
        rates[:] = work.moved
        put(rates, out_rates, index)
    return len(out_rates[0])
