"""Which engine simulates an experiment: the one place where that is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.chunk import Chunk
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.codes import is_compiled
from l5tui.model.outcome import Diverged
from l5tui.model.reference_engine import ReferenceEngine


class Engine(Protocol):
    """A circuit that is being simulated in several directions."""

    directions: tuple[float, ...]
    step: int
    """Number of steps taken."""
    diverged: Diverged | None
    """Where a number stopped being finite, if one did."""

    def advance(self, steps: int, stop: Callable[[], bool] = ...) -> Chunk:
        """Take up to `steps` steps; fewer if `stop` returns True or a number is not finite.

        Parameters
        ----------
        steps : int
        stop : callable, optional
            Returns whether to stop.

        Returns
        -------
        Chunk
        """

    def weights(self, direction: int) -> FloatArray:
        """Return W at the current step.

        Parameters
        ----------
        direction : int
            Index into `directions`.

        Returns
        -------
        ndarray, shape (N, N)
            ``[post, pre]``.
        """

    def block_moments(self, direction: int) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of W over all pairs of each block.

        Parameters
        ----------
        direction : int
            Index into `directions`.

        Returns
        -------
        mean, std : ndarray, shape (4, 4)
            ``[post, pre]``.
        """


def new_engine(
    circuit: Circuit, experiment: Experiment, directions: Sequence[float], *, keep_factors: bool
) -> Engine:
    """Return the compiled engine, or the reference engine for a rule without a compiled form.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    directions : sequence of float
        Directions of motion in degrees.
    keep_factors : bool
        Whether the factors of each step's change of W are wanted.

    Returns
    -------
    Engine

    Raises
    ------
    ValueError
        Where the circuit has another number of neurons than the experiment.
    """
    from l5tui.model.compiled.engine import CompiledEngine

    if is_compiled(experiment):
        return CompiledEngine(circuit, experiment, directions, keep_factors=keep_factors)
    return ReferenceEngine(circuit, experiment, directions)
