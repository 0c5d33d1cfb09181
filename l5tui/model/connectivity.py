"""Sampling who is connected to whom, and how strongly."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from l5tui.config.checks import in_degree
from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.cancellation import Stop, never, pieces
from l5tui.model.layout import Layout


def sample_block_means(target: FloatArray, cv: float, trained: BoolArray, random: Generator) -> FloatArray:
    """Sample the initial mean weight of each block.

    Parameters
    ----------
    target : ndarray, shape (4, 4)
        Target weights J in mV, ``[post, pre]``.
    cv : float
        Standard deviation over absolute mean.
    trained : ndarray of bool, shape (4, 4)
        Blocks that learn; the others stay at their target.
    random : Generator

    Returns
    -------
    ndarray, shape (4, 4)
        ``|normal(J, cv·|J|)|`` with J's sign in trained blocks.
    """
    drawn = np.abs(target + cv * np.abs(target) * random.standard_normal(target.shape))
    return np.where(trained, np.sign(target) * drawn, target)


def sample_synapses(
    probability: FloatArray, layout: Layout, random: Generator, stop: Stop = never
) -> BoolArray:
    """Which pairs are connected: a fixed in-degree from every presynaptic population.

    Parameters
    ----------
    probability : ndarray, shape (4, 4)
        Connection probability P, ``[post, pre]``.
    layout : Layout
    random : Generator
    stop : callable, optional
        Called between pieces of a large block; whether to cancel.

    Returns
    -------
    ndarray of bool, shape (N, N)
        Every row of a block has exactly ``round(P·N_pre)`` synapses, drawn without replacement, none on the
        diagonal.
    """
    connected = np.zeros((layout.neurons, layout.neurons), dtype=bool)
    for post in range(len(layout.sizes)):
        for pre in range(len(layout.sizes)):
            rows, columns = layout.slice_of(post), layout.slice_of(pre)
            degree = in_degree(float(probability[post, pre]), layout.sizes[pre])
            block = connected[rows, columns]
            for piece in pieces(block.shape[0], block.shape[1], stop):
                order = random.random(block[piece].shape)
                if post == pre:
                    order[np.arange(len(order)), np.arange(piece.start, piece.stop)] = np.inf
                if degree:
                    partners = np.argpartition(order, degree - 1, axis=1)[:, :degree]
                    np.put_along_axis(block[piece], partners, True, axis=1)
    return connected


def connected_shares(probability: FloatArray, layout: Layout) -> FloatArray:
    """Share of all pairs of each block that `sample_synapses` connects, shape (4, 4).

    Parameters
    ----------
    probability : ndarray, shape (4, 4)
        Connection probability P, ``[post, pre]``; it stands where a population is empty.
    layout : Layout

    Examples
    --------
    >>> connected_shares(np.full((4, 4), 0.16), Layout((9, 45, 0, 10)))[0]
    array([0.11111111, 0.15555556, 0.16      , 0.2       ])
    """
    shares = np.array(probability, dtype=float)
    for (post, pre), value in np.ndenumerate(probability):
        if size := layout.sizes[pre]:
            shares[post, pre] = in_degree(float(value), size) / size
    return shares


def sample_weights(
    means: FloatArray,
    noise: float,
    synapses: BoolArray,
    layout: Layout,
    random: Generator,
    stop: Stop = never,
) -> FloatArray:
    """Weight of every synapse: normal around its block's mean, folded to the presynaptic sign.

    Synapses of a block whose mean is zero have the weight zero: folding would turn their noise into a bias.

    Returns
    -------
    ndarray, shape (N, N)
        mV, ``[post, pre]``; 0 where there is no synapse.
    """
    weights = np.zeros(synapses.shape)
    for piece in pieces(synapses.shape[0], synapses.shape[1], stop):
        mean = means[np.ix_(layout.population[piece], layout.population)]
        drawn = np.abs(mean + noise * random.standard_normal(mean.shape)) * layout.signs
        weights[piece] = np.where(synapses[piece] & (mean != 0), drawn, 0.0)
    return weights
