"""l5tui: a terminal workbench for a firing-rate model of mouse V1 layer 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l5tui.runner.weights import weights_at

__all__ = ["__version__", "weights_at"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # What notebooks use is loaded when it is asked for: the command line must start at once.
    if name == "weights_at":
        from l5tui.runner.weights import weights_at

        return weights_at
    raise AttributeError(f"module 'l5tui' has no attribute {name!r}")
