"""Which neuron belongs to which population, and sums over blocks of a weight matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from l5tui.config import POPULATIONS, SIGNS
from l5tui.model.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Layout:
    """Neurons in the order CS, CC, PV, SST.

    Parameters
    ----------
    sizes : tuple of int
        Neurons of each population; some may be 0.

    Examples
    --------
    >>> layout = Layout((1, 2, 1, 1))
    >>> layout.population
    array([0, 1, 1, 2, 3])
    >>> layout.signs
    array([ 1.,  1.,  1., -1., -1.])
    """

    sizes: tuple[int, ...]

    @property
    def neurons(self) -> int:
        """Number of neurons N."""
        return sum(self.sizes)

    def check(self, neurons: int) -> None:
        """Check the number of neurons of a circuit.

        Parameters
        ----------
        neurons : int

        Raises
        ------
        ValueError
            If the number differs from N.
        """
        if neurons != self.neurons:
            raise ValueError(f"circuit: got {neurons} neurons, allowed {self.neurons} (network.sizes)")

    @cached_property
    def population(self) -> IntArray:
        """Index into `POPULATIONS` of each neuron, shape (N,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def signs(self) -> FloatArray:
        """+1 for excitatory and −1 for inhibitory neurons, shape (N,)."""
        return np.asarray(SIGNS, dtype=float)[self.population]

    @cached_property
    def membership(self) -> FloatArray:
        """1 where a neuron belongs to a population, shape (4, N)."""
        of_each = np.arange(len(self.sizes))[:, None]
        return np.asarray(self.population == of_each, dtype=float)

    def slice_of(self, population: int) -> slice:
        """Return the neurons of one population.

        Parameters
        ----------
        population : int
            Index into `POPULATIONS`.

        Returns
        -------
        slice
        """
        start = sum(self.sizes[:population])
        return slice(start, start + self.sizes[population])

    def members(self, names: Sequence[str]) -> BoolArray:
        """Return which neurons belong to any of the named populations.

        Parameters
        ----------
        names : sequence of str
            Some of CS, CC, PV, SST.

        Returns
        -------
        ndarray of bool, shape (N,)
        """
        return np.isin(self.population, [POPULATIONS.index(name) for name in names])

    def expand(self, values: Sequence[float] | FloatArray) -> FloatArray:
        """Repeat one value per population for each of its neurons.

        Parameters
        ----------
        values : sequence of float, length 4
            In the order CS, CC, PV, SST.

        Returns
        -------
        ndarray, shape (N,)
        """
        return np.asarray(values, dtype=float)[self.population]

    def population_sums(self, values: FloatArray) -> FloatArray:
        """Sum values over the neurons of each population.

        Parameters
        ----------
        values : ndarray, shape (…, N)

        Returns
        -------
        ndarray, shape (…, 4)
        """
        return values @ self.membership.T

    def block_sums(self, matrix: FloatArray) -> FloatArray:
        """Sum matrices over their blocks.

        Parameters
        ----------
        matrix : ndarray, shape (…, N, N)
            ``[post, pre]``.

        Returns
        -------
        ndarray, shape (…, 4, 4)
            ``[post, pre]``.
        """
        return self.membership @ matrix @ self.membership.T

    @cached_property
    def pairs(self) -> FloatArray:
        """Pairs in each block, NaN where a population is empty, shape (4, 4)."""
        counts = np.outer(self.sizes, self.sizes).astype(float)
        return np.where(counts > 0, counts, np.nan)

    @cached_property
    def counts(self) -> FloatArray:
        """Neurons of each population, NaN where it is empty, shape (4,)."""
        sizes = np.asarray(self.sizes, dtype=float)
        return np.where(sizes > 0, sizes, np.nan)
