"""BCM learning from the stimulus, exactly, without ever touching a weight.

Where the presynaptic factor is the stimulus, every update of a direction's weights has one of at most two presynaptic
vectors p, the drifting and the constant part of the stimulus, so that W(t) = W(0) + Σ g(t) pᵀ with g a vector of N,
and W(t) r = W(0) r + Σ g (p·r). W(0) is shared by all directions and stays sparse. With `existing` synapses only,
A their adjacency matrix, W(t) r = W(0) r + Σ g ∘ A(p ∘ r).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from l5tui.model.arrays import BoolArray, FloatArray
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
from l5tui.model.compiled.window import Window, observe


class LowRank(NamedTuple):
    """W(t) − W(0) of four directions.

    Parameters
    ----------
    post : ndarray, shape (K, N, 4)
        g(t).
    pre : ndarray, shape (K, N, 4)
        p, signs and masks included.
    drifting : ndarray of bool, shape (K,)
        Whether p is the part that is multiplied by cos(ω t).
    adjacency : Synapses
        Synapses of weight 1; empty where all pairs learn.
    """

    post: FloatArray
    pre: FloatArray
    drifting: BoolArray
    adjacency: Synapses


def new_low_rank(stimulus: Stimulus, learning: Learning, adjacency: Synapses) -> LowRank:
    """Return a change of zero along the parts of a stimulus.

    Parameters
    ----------
    stimulus : Stimulus
    learning : Learning
    adjacency : Synapses
        Without rows if all pairs learn.

    Returns
    -------
    LowRank
    """
    steady = stimulus.steady[:, None]
    constant = stimulus.pattern * steady * math.cos(stimulus.frequency) + stimulus.offset[:, None]
    parts = [(stimulus.pattern * ~steady, True), (constant, False)]
    masked = [(part * learning.columns[:, None], drifting) for part, drifting in parts]
    # A part of zeros adds nothing to W but costs a dot product and an update at every step.
    kept = [(part, drifting) for part, drifting in masked if part.any()]
    pre = np.array([part for part, _ in kept]).reshape(len(kept), len(stimulus.steady), LANES)
    return LowRank(
        np.zeros_like(pre), pre, np.array([drifting for _, drifting in kept], dtype=bool), adjacency
    )


@kernel
def multiply(synapses: Synapses, change: LowRank, rates: FloatArray, out: FloatArray, work: Work) -> None:
    """Write W(t) r.

    Parameters
    ----------
    synapses : Synapses
        W(0).
    change : LowRank
    rates : ndarray, shape (N, 4)
    out : ndarray, shape (N, 4)
        Output.
    work : Work
    """
    sparse_product(synapses, rates, out)
    neurons = rates.shape[0]
    existing = len(change.adjacency.starts) > 1
    overlap = np.empty(LANES)
    for part in range(len(change.drifting)):
        post, pre = change.post[part], change.pre[part]
        if existing:
            for i in range(neurons):
                for lane in range(LANES):
                    work.pre[i, lane] = pre[i, lane] * rates[i, lane]
            sparse_product(change.adjacency, work.pre, work.spare)
            for i in range(neurons):
                for lane in range(LANES):
                    out[i, lane] += post[i, lane] * work.spare[i, lane]
        else:
            overlap[:] = 0.0
            for i in range(neurons):
                for lane in range(LANES):
                    overlap[lane] += pre[i, lane] * rates[i, lane]
            for i in range(neurons):
                for lane in range(LANES):
                    out[i, lane] += post[i, lane] * overlap[lane]


class LowRankState(NamedTuple):
    """A circuit's four directions on their way.

    Parameters
    ----------
    response, stimulus, learning
        What does not change.
    synapses : Synapses
        W(0).
    change : LowRank
    window : Window
    rates : ndarray, shape (N, 4)
    learned : ndarray of bool, shape (1,)
        Whether any weight has changed yet.
    work : Work
    """

    response: Response
    stimulus: Stimulus
    learning: Learning
    synapses: Synapses
    change: LowRank
    window: Window
    rates: FloatArray
    learned: BoolArray
    work: Work


@kernel
def advance_low_rank(first: int, state: LowRankState, out_rates: FloatArray, out_post: FloatArray) -> int:
    """Take steps until the output is full or a number is not finite.

    `out_post` may have no steps, and then keeps none.

    Parameters
    ----------
    first : int
        Number of steps taken before.
    state : LowRankState
        Changed in place.
    out_rates, out_post : ndarray, shape (4, step, N)
        Outputs.

    Returns
    -------
    int
        Number of steps taken.
    """
    learning, change, rates, work = state.learning, state.change, state.rates, state.work
    for index in range(out_rates.shape[1]):
        step = first + index
        stimulate(state.stimulus, step, work.stimulus)
        work.moved[:] = rates
        for stage in range(state.response.stages):
            if state.learned[0]:
                multiply(state.synapses, change, work.moved, work.recurrent, work)
            else:
                sparse_product(state.synapses, work.moved, work.recurrent)
            slope(state.response, work.recurrent, work.stimulus, work.moved)
            integrate(stage, state.response, rates, work)
        if not all_finite(work.moved):
            return index
        observe(state.window, work.moved)
        phase = learning_phase(learning, step)
        if phase >= 0:
            postsynaptic(learning, phase, state.window, work.moved, work.post)
            if not all_finite(work.post):
                return index
            drifting = math.cos(state.stimulus.frequency * step)
            for part in range(len(change.drifting)):
                course = drifting if change.drifting[part] else 1.0
                grow(change.post[part], course, work.post)
            state.learned[0] = True
            if out_post.shape[1]:
                put(work.post, out_post, index)
        rates[:] = work.moved
        put(rates, out_rates, index)
    return len(out_rates[0])


@kernel
def grow(values: FloatArray, factor: float, by: FloatArray) -> None:
    """Add a multiple of an array to another, in place.

    Parameters
    ----------
    values, by : ndarray, shape (N, 4)
    factor : float
    """
    for i in range(values.shape[0]):
        for lane in range(LANES):
            values[i, lane] += factor * by[i, lane]
