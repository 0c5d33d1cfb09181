"""Former place of `l5tui.model.simulation`; importing it, or calling it as the function, works as before."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from l5tui.model.simulation import CHUNK_STEPS, outcome_of, simulate

__all__ = ["CHUNK_STEPS", "outcome_of", "simulate"]


class _CallableModule(ModuleType):
    """The import of this module hides the function of the same name in `l5tui.model`, which it therefore stands for."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return simulate(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
