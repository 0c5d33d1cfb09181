"""The model: circuits, the stimulus, learning rules and the simulation. Pure: numbers in, numbers out.

``from l5tui.model import Circuit, simulate`` loads NumPy and the engines. The package alone does not: a forecast, which
needs no numbers, does not wait for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l5tui.model.circuit import Circuit
    from l5tui.model.outcome import Diverged
    from l5tui.model.plasticity.rule import Rule
    from l5tui.model.simulation import simulate
    from l5tui.model.trajectory import Trajectory

__all__ = ["Circuit", "Diverged", "Rule", "Trajectory", "simulate"]

_FOUND_IN = {
    "Circuit": "circuit",
    "Diverged": "outcome",
    "Rule": "plasticity.rule",
    "Trajectory": "trajectory",
    "simulate": "simulation",
}


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module 'l5tui.model' has no attribute {name!r}")
    return getattr(import_module(f"l5tui.model.{_FOUND_IN[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
