"""Recording plan of a simulation, made before it begins; without NumPy, so that the size of a run is known early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Window: TypeAlias = tuple[int, int]
"""(start, stop): the rates r(start + 1) … r(stop)."""


@dataclass(frozen=True)
class Settling:
    """When a simulation may stop before its end.

    Parameters
    ----------
    edges : tuple of int
        Steps at which stimulus periods end, in order, the first being where they begin to count.
    tolerance : float
        Largest change of a neuron's period mean that counts as none.
    periods : int
        How many periods without a change are enough.
    tail : int
        Last rates that are remembered, for averages that end where the simulation does.
    """

    edges: tuple[int, ...]
    tolerance: float
    periods: int
    tail: int


@dataclass(frozen=True)
class RecordingPlan:
    """What to keep.

    Parameters
    ----------
    bins : tuple of Window
        Windows in order, none of which overlap, whose mean rates make the recorded time course; weights are
        looked at where each one ends.
    windows : mapping of str to Window
        Further windows, by name, over which rates are averaged.
    keep_rates : bool
        Whether every neuron's time course is kept, or only each population's.
    factors : tuple of str
        Which factors of each step's change of W are kept, ``weight_post`` and ``weight_pre``; they give W at any
        step. Where the presynaptic one is the stimulus, it need not be.
    keep_weights : bool
        Whether W is kept at the end of each bin.
    abscissa : str
        Whether the spectral abscissa of W is computed at the end of ``all`` bins, at the ``end`` of the
        simulation (kept with the last bin) or in ``none``.
    settling : Settling, optional
        Stops the simulation when the rates have settled; windows that end with the last step then end there.
    """

    bins: tuple[Window, ...]
    windows: Mapping[str, Window]
    keep_rates: bool = True
    factors: tuple[str, ...] = ()
    keep_weights: bool = False
    abscissa: str = "none"
    settling: Settling | None = None

    def trajectory_shapes(self, directions: int, steps: int, neurons: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each recorded trajectory of one circuit, by its name.

        Parameters
        ----------
        directions, steps, neurons : int

        Returns
        -------
        dict of str to tuple of int
        """
        shapes: dict[str, tuple[int, ...]] = {}
        if self.keep_rates:
            shapes["rates"] = (directions, len(self.bins), neurons)
        shapes |= dict.fromkeys(self.factors, (directions, steps, neurons))
        if self.keep_weights:
            shapes["weights"] = (directions, len(self.bins), neurons, neurons)
        return shapes
