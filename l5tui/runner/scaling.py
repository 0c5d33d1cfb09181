"""Warn about circuits whose scaling is an accident of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from l5tui.model.circuit import Circuit


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
