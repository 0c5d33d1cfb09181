"""How kernels are compiled: cached on disk, without the interpreter's lock, sums in any order.

Reassociation lets sums be vectorized; NaN and infinity keep their meaning, so that a network that diverges shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

from l5tui.model.compiled.cache import cached_by_source

Function = TypeVar("Function", bound=Callable[..., object])

LANES = 4
"""Directions that are computed side by side, a vector register's worth of doubles."""


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers when it is first called.

    Parameters
    ----------
    function : callable

    Returns
    -------
    callable
    """
    compile_lazily = njit(
        cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"}
    )
    with cached_by_source():
        return cast(Function, compile_lazily(function))
