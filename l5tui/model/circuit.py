"""A circuit: one realization of the network, with its neurons' positions and initial rates.

=========  =======================================================  =========
symbol     meaning                                                  shape
=========  =======================================================  =========
W(0)       initial weights, ``[post, pre]``, spectral abscissa 1    (N, N)
(a, b)     positions in the unit disc                               (N, 2)
r(0)       initial rates, in [0, 1)                                 (N,)
=========  =======================================================  =========
"""

from __future__ import annotations

from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l5tui.config import EXCITATORY, POPULATIONS, Experiment
from l5tui.config.network import Network
from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.cancellation import Stop, never
from l5tui.model.connectivity import connected_shares, sample_block_means, sample_synapses, sample_weights
from l5tui.model.layout import Layout
from l5tui.model.spectrum import scale_to_unit_abscissa

Number = TypeVar("Number", np.float64, np.bool_)


class Circuit:
    """Weights, positions and initial rates of N neurons; arrays are copied and cannot be changed.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        W(0), ``[post, pre]``.
    positions : ndarray, shape (N, 2)
        (a, b) of each neuron, in units of the patch's radius.
    initial_rates : ndarray, shape (N,)
        r(0).
    synapses : ndarray of bool, shape (N, N), optional
        Which pairs are connected; by default those whose weight is not zero.
    target_weights : ndarray, shape (4, 4), optional
        Mean over all pairs that each block is compared with, ``[post, pre]``; NaN where it is not known.
    divisor : float
        Spectral abscissa, in mV, by which the sampled weights were divided; 1 where nothing was divided.

    Raises
    ------
    ValueError
        Where shapes do not agree or a number is not finite.

    Examples
    --------
    >>> circuit = Circuit(weights=np.zeros((2, 2)), positions=np.zeros((2, 2)), initial_rates=[0.1, 0.2])
    >>> circuit.neurons
    2
    """

    def __init__(
        self,
        weights: ArrayLike,
        positions: ArrayLike,
        initial_rates: ArrayLike,
        synapses: ArrayLike | None = None,
        target_weights: ArrayLike | None = None,
        divisor: ArrayLike = 1.0,
    ) -> None:
        self.divisor = float(np.asarray(divisor))
        self.initial_rates = _fixed("initial_rates", initial_rates, (np.size(initial_rates),))
        n = self.neurons
        self.weights = _fixed("weights", weights, (n, n))
        self.positions = _fixed("positions", positions, (n, 2))
        self.synapses: BoolArray = _sealed(
            "synapses", np.array(self.weights != 0 if synapses is None else synapses, dtype=bool), (n, n)
        )
        if self.weights[~self.synapses].any():
            raise ValueError("weights: got a weight where there is no synapse, allowed 0")
        self.target_weights: FloatArray = _sealed(
            "target_weights",
            np.array(np.full((4, 4), np.nan) if target_weights is None else target_weights, dtype=float),
            (4, 4),
        )

    @property
    def neurons(self) -> int:
        """Number of neurons N.

        Returns
        -------
        int
        """
        return len(self.initial_rates)

    @classmethod
    def sample(cls, experiment: Experiment, realization: int = 0, stop: Stop = never) -> Self:
        """Draw one realization of an experiment's network.

        Every part of a circuit has a stream of random numbers of its own, so that a change of one parameter
        leaves the other parts as they were: runs stay comparable neuron by neuron.

        Parameters
        ----------
        experiment : Experiment
        realization : int
            Which realization; the same number gives the same circuit, bit for bit.
        stop : callable, optional
            Called now and then while a large network is sampled and scaled; whether to cancel.

        Returns
        -------
        Circuit
            With weights ``[post, pre]`` of spectral abscissa 1, or unscaled where there are no loops.

        Raises
        ------
        StoppedError
            If `stop` returned True.

        Examples
        --------
        >>> experiment = Experiment.model_validate({"network": {"sizes": [9, 22, 7, 6]}})
        >>> circuit = Circuit.sample(experiment, realization=1)
        >>> circuit.weights.shape, circuit.positions.shape
        ((44, 44), (44, 2))
        """
        return cls.draw(
            experiment.network,
            experiment.plasticity.neurons,
            experiment.seed,
            realization,
            experiment.variant,
            stop,
        )

    @classmethod
    def draw(
        cls,
        network: Network,
        learning: str,
        seed: int,
        realization: int,
        variant: str = "corrected",
        stop: Stop = never,
    ) -> Self:
        """Draw a circuit from its arguments; equal arguments give equal circuits.

        Parameters
        ----------
        network : Network
        learning : str
            Which neurons learn, as ``plasticity.neurons`` has it: only their blocks' means vary.
        seed, realization : int
        variant : str, optional
            ``corrected``: the target of a block is J times the share of its pairs that are connected, by the in-degree
            round(P·N_pre); ``original``: J·P, as the research code has it.
        stop : callable, optional
            As in `sample`.

        Returns
        -------
        Circuit
            With weights ``[post, pre]`` of spectral abscissa 1, or unscaled where there are no loops.

        Raises
        ------
        StoppedError
            If `stop` returned True.
        """
        layout = Layout(network.sizes.in_order())
        seeds = np.random.SeedSequence(seed, spawn_key=(realization,)).spawn(5)
        for_means, for_synapses, for_weights, for_positions, for_rates = map(np.random.default_rng, seeds)
        # The tables are printed with presynaptic rows; here they are turned, once, to [post, pre].
        probability = np.array(network.connection_probability).T
        target = np.array(network.target_weights).T
        means = sample_block_means(target, network.initial_weight_cv, _trained_blocks(learning), for_means)
        synapses = sample_synapses(probability, layout, for_synapses, stop)
        weights = sample_weights(means, network.weight_noise, synapses, layout, for_weights, stop)
        weights, abscissa = scale_to_unit_abscissa(weights, stop)
        connected = probability if variant == "original" else connected_shares(probability, layout)
        radius = np.sqrt(for_positions.random(layout.neurons))
        angle = 2 * np.pi * for_positions.random(layout.neurons)
        return cls(
            weights=weights,
            positions=np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1),
            initial_rates=for_rates.random(layout.neurons),
            synapses=synapses,
            target_weights=target * connected / abscissa,
            divisor=abscissa,
        )


def _trained_blocks(learning: str) -> BoolArray:
    """Blocks between populations that learn, shape (4, 4)."""
    excitatory = np.array([name in EXCITATORY for name in POPULATIONS])
    trained = {
        "all": np.ones_like(excitatory),
        "excitatory": excitatory,
        "inhibitory": ~excitatory,
    }[learning]
    return np.outer(trained, trained)


def _fixed(name: str, values: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return a read-only copy in C order, checked to be finite."""
    array = _sealed(name, np.array(values, dtype=float, order="C"), shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: got a number that is not finite")
    return array


def _sealed(name: str, array: NDArray[Number], shape: tuple[int, ...]) -> NDArray[Number]:
    """Return the array itself, checked for its shape and made read-only."""
    if array.shape != shape:
        raise ValueError(f"{name}: got shape {array.shape}, allowed {shape}")
    array.flags.writeable = False
    return array
