"""The model: circuits, the stimulus, learning rules and the simulation. Pure: numbers in, numbers out."""

from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled, Completed, Converged, Diverged, Outcome
from l5tui.model.simulate import simulate
from l5tui.model.trajectory import Trajectory

__all__ = ["Cancelled", "Circuit", "Completed", "Converged", "Diverged", "Outcome", "Trajectory", "simulate"]
