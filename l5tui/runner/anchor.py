"""Location of a workspace that may be moved meanwhile: an open handle of its folder follows it."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from l5tui.workspace import Workspace


class Anchor:
    """An open handle of a workspace's folder.

    Parameters
    ----------
    workspace : Workspace
        If its folder cannot be opened, or the system does not give the path of a handle, it is assumed not to move.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._handle: int | None = None
        with suppress(OSError):
            self._handle = os.open(workspace.root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))

    def workspace(self) -> Workspace:
        """Return the workspace where it is now; where it was if that cannot be found out."""
        with self._lock:
            if self._handle is None or self._is_at(self._workspace.root):
                return self._workspace
            with suppress(OSError):
                moved = Path(os.readlink(f"/proc/self/fd/{self._handle}"))  # noqa: PTH115
                if self._is_at(moved):
                    self._workspace = Workspace(moved)
            return self._workspace

    def catalog(self) -> Path:
        """Return the path of the catalogue where it is now."""
        return self.workspace().catalog

    def close(self) -> None:
        """Close the handle; a second call has no effect."""
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                os.close(handle)

    def _is_at(self, path: Path) -> bool:
        assert self._handle is not None
        try:
            return os.path.samestat(path.stat(), os.fstat(self._handle))
        except OSError:
            return False
