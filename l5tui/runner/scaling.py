"""Warn about circuits whose scaling is an accident of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from l5tui.config import Experiment
    from l5tui.model.circuit import Circuit


LARGE_NEURONS = 2000
"""Size above which a check does not sample a circuit, as that takes seconds."""


@dataclass(frozen=True)
class FirstCircuit:
    """How the weights of an experiment's first circuit are scaled.

    Parameters
    ----------
    note : str
        The divisor, or why it is not computed.
    warning : str
        Empty unless the divisor is an accident of the sample.
    """

    note: str
    warning: str


def first_circuit(experiment: Experiment) -> FirstCircuit:
    """Sample the first circuit of an experiment and return how its weights are scaled.

    Parameters
    ----------
    experiment : Experiment
        Of up to `LARGE_NEURONS` neurons; larger ones are not sampled.
    """
    neurons = sum(experiment.network.sizes.in_order())
    if neurons > LARGE_NEURONS:
        return FirstCircuit(
            f"network: the divisor of the weights is not computed for more than {LARGE_NEURONS:,} neurons; a run warns "
            "if it is an accident of the sample",
            "",
        )
    from l5tui.model.circuit import Circuit

    with threadpool_limits(limits=1, user_api="blas"):
        circuit = Circuit.sample(experiment)
    note = f"network: the sampled weights of the first circuit are divided by {circuit.divisor:.3g} mV"
    return FirstCircuit(note, scaling_warning([circuit]))


def scaling_warning(circuits: Sequence[Circuit]) -> str:
    """Return a warning about circuits that were divided by a small spectral abscissa; empty where none was.

    Parameters
    ----------
    circuits : sequence of Circuit
        One a realization.
    """
    from l5tui.model.spectrum import SMALL_ABSCISSA, relative_abscissa

    small = [
        number
        for number, circuit in enumerate(circuits, 1)
        if circuit.divisor != 1.0 and relative_abscissa(circuit.weights, 1.0) < SMALL_ABSCISSA
    ]
    if not small:
        return ""
    divisors = [circuit.divisor for circuit in circuits]
    return (
        f"network: in {len(small)} of {len(circuits)} realizations (first: {small[0]}) the spectral abscissa is below "
        f"{SMALL_ABSCISSA:g} of the Frobenius norm of W over the square root of N, so that the scale of W is an "
        f"accident of the sample; divisors are {min(divisors):.3g} to {max(divisors):.3g} mV"
    )
