"""Showing files and addresses with the system's own programs, where there is a screen for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path


def has_screen() -> bool:
    """Whether programs with windows can be started from here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or sys.platform == "darwin"


def open_file(path: Path) -> bool:
    """Open a file with the system's viewer; return whether there is one.

    Parameters
    ----------
    path : Path
    """
    viewer = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if viewer is None or not has_screen():
        return False
    process = subprocess.Popen(
        [viewer, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # A process that has ended must be waited for; a thread does it, as the app must not block.
    threading.Thread(target=process.wait, daemon=True).start()
    return True
