"""Sums of weights and of their squares over the 16 blocks, without a matrix of the size of W in between."""

from __future__ import annotations

import numpy as np

from l5tui.model.arrays import FloatArray, IntArray
from l5tui.model.compiled.kernel import kernel
from l5tui.model.compiled.low_rank import LowRank
from l5tui.model.compiled.sparse import Synapses, sparse_product
from l5tui.model.layout import Layout


@kernel
def dense_sums(weights: FloatArray, borders: IntArray) -> FloatArray:
    """Return sums and sums of squares over blocks of dense weights.

    Parameters
    ----------
    weights : ndarray, shape (N·N,)
    borders : ndarray of int, shape (5,)
        First neuron of each population, and N.

    Returns
    -------
    ndarray, shape (2, 4, 4)
        ``[post, pre]``.
    """
    sums = np.zeros((2, 4, 4))
    neurons = borders[4]
    for a in range(4):
        for i in range(borders[a], borders[a + 1]):
            row = weights[i * neurons : (i + 1) * neurons]
            for b in range(4):
                total, squares = 0.0, 0.0
                for j in range(borders[b], borders[b + 1]):
                    total += row[j]
                    squares += row[j] * row[j]
                sums[0, a, b] += total
                sums[1, a, b] += squares
    return sums


@kernel
def sparse_sums(weights: FloatArray, synapses: Synapses, population: IntArray) -> FloatArray:
    """Return sums and sums of squares over blocks of sparse weights.

    Parameters
    ----------
    weights : ndarray, shape (synapse,)
    synapses : Synapses
        Positions of the weights.
    population : ndarray of int, shape (N,)

    Returns
    -------
    ndarray, shape (2, 4, 4)
        ``[post, pre]``.
    """
    sums = np.zeros((2, 4, 4))
    for i in range(len(population)):
        for k in range(synapses.starts[i], synapses.starts[i + 1]):
            a, b = population[i], population[synapses.pre[k]]
            sums[0, a, b] += weights[k]
            sums[1, a, b] += weights[k] * weights[k]
    return sums


class LowRankSums:
    """Block sums of W(0) + Σ g pᵀ from sums over vectors.

    Σ (W₀ + Σ g pᵀ)² = Σ W₀² + 2 Σ g (W₀ p) + Σ Σ g g′ (p·p′), block by block; products with p are made once.

    Parameters
    ----------
    synapses : Synapses
        W(0).
    change : LowRank
    layout : Layout
    """

    def __init__(self, synapses: Synapses, change: LowRank, layout: Layout) -> None:
        self._layout = layout
        self._change = change
        self._start = sparse_sums(synapses.weights, synapses, layout.population)
        existing = len(change.adjacency.starts) > 1
        pre = change.pre
        parts, _, lanes = pre.shape
        # Σ over the pairs that may change, within each presynaptic population, of p, of W₀ p and of p p′; each
        # direction's beside each other.
        self._of_pre = np.empty((lanes, parts, layout.neurons, 4))
        self._of_weighted = np.empty((lanes, parts, layout.neurons, 4))
        self._of_products = np.empty((lanes, parts * parts, layout.neurons, 4))
        adjacency = change.adjacency if existing else None
        for k in range(parts):
            self._of_pre[:, k] = self._reduced(adjacency, pre[k])
            self._of_weighted[:, k] = self._reduced(synapses, pre[k])
            for other in range(parts):
                self._of_products[:, k * parts + other] = self._reduced(adjacency, pre[k] * pre[other])

    def _reduced(self, synapses: Synapses | None, values: FloatArray) -> FloatArray:
        """Σ_j in b W_ij v_j, shape (lanes, N, 4); with W = 1 for every pair where no synapses are given."""
        layout = self._layout
        sums = np.empty((values.shape[1], layout.neurons, 4))
        for b in range(4):
            masked = np.ascontiguousarray(values * layout.membership[b][:, None])
            summed = masked.sum(axis=0) if synapses is None else _rows(synapses, masked)
            sums[:, :, b] = summed[:, None] if synapses is None else summed.T
        return sums

    def sums(self, lane: int) -> FloatArray:
        """Return sums and sums of squares over blocks for one of the four directions.

        Parameters
        ----------
        lane : int

        Returns
        -------
        ndarray, shape (2, 4, 4)
            ``[post, pre]``.
        """
        post = np.ascontiguousarray(self._change.post[:, :, lane])
        both = (post[:, None] * post[None]).reshape(-1, post.shape[1])
        change = (post[..., None] * self._of_pre[lane]).sum(axis=0)
        squares = 2 * (post[..., None] * self._of_weighted[lane]).sum(axis=0)
        squares += (both[..., None] * self._of_products[lane]).sum(axis=0)
        members = self._layout.membership
        sums: FloatArray = self._start + np.stack([members @ change, members @ squares])
        return sums


def _rows(synapses: Synapses, values: FloatArray) -> FloatArray:
    out = np.empty_like(values)
    sparse_product(synapses, values, out)
    return out
