"""Measures of recorded activity: selectivity, loss, statistics, and the tables and datasets made from them.

``from l5tui.analysis import measure, selectivity`` loads NumPy; the package alone does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l5tui.analysis.measures import measure
    from l5tui.analysis.selectivity import selectivity

__all__ = ["measure", "selectivity"]


def __getattr__(name: str) -> Any:
    if name == "measure":
        return import_module("l5tui.analysis.measures").measure
    if name == "selectivity":
        # The module of this name, which Python binds here once it is imported, can be called as the function.
        return import_module("l5tui.analysis.selectivity")
    raise AttributeError(f"module 'l5tui.analysis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
