"""The libraries of the extra ``inference``, loaded when they are needed."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from l5tui.errors import MissingExtraError


def library(name: str) -> Any:
    """A library as a module: ``arviz`` or ``pyvbmc``, which greet whoever loads them with warnings.

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
        raise MissingExtraError(f"infer needs {name}: pip install 'l5tui[inference]'") from error
