"""Where compiled kernels are cached: a folder for each state of the model's source.

numba recompiles a kernel if the file that it is in has changed, not if a function that it calls has. Such code would be
compiled from an earlier source, after an edit or an upgrade, without a word.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from numba import config

MODEL = Path(__file__).parents[1]
DIGITS = 16
SETTINGS: Final[Any] = config


def source_digest(folder: Path) -> str:
    """Return a digest, in hexadecimal, of the names and contents of all Python files below a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:DIGITS]


@cache
def cache_folder() -> str:
    """Return the folder of the kernels of this source; empty where none can be written.

    It lies below NUMBA_CACHE_DIR, else beside the source, else in the user's cache.

    Returns
    -------
    str
    """
    beside = Path(__file__).parent / "__pycache__"
    user = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "l5tui"
    roots = [Path(SETTINGS.CACHE_DIR)] if SETTINGS.CACHE_DIR else [beside, user]
    for root in roots:
        folder = root / f"kernels-{source_digest(MODEL)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return ""


@contextmanager
def cached_by_source() -> Iterator[None]:
    """Let numba cache the functions that are decorated meanwhile in `cache_folder`.

    Yields
    ------
    None
    """
    before = SETTINGS.CACHE_DIR
    SETTINGS.CACHE_DIR = cache_folder() or before
    try:
        yield
    finally:
        SETTINGS.CACHE_DIR = before
