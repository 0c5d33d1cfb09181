"""The libraries of the extra ``inference``, loaded when they are needed."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import Any

from l5tui.errors import MissingExtraError
from l5tui.tuning.methods import VBMC


def library(name: str) -> Any:
    """Import ``arviz`` or ``pyvbmc`` without the warnings that they emit on import.

    Raises
    ------
    MissingExtraError
        Where it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        raise _missing(name) from error


def see_installed(method: str) -> None:
    """See that what a method takes is installed, without loading it, which takes seconds.

    Raises
    ------
    MissingExtraError
        Where it is not.
    """
    for name in ("arviz", "pyvbmc") if method == VBMC else ("arviz",):
        if importlib.util.find_spec(name) is None:
            raise _missing(name)


def _missing(name: str) -> MissingExtraError:
    return MissingExtraError(f"infer needs {name}: pip install 'l5tui[inference]'")
