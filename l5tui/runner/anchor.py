"""Where a workspace is while a run computes: an open handle of its folder stays with it when it is moved."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from l5tui.workspace import Workspace


class Anchor:
    """An open handle of a workspace's folder.

    Parameters
    ----------
    workspace : Workspace
        If its folder cannot be opened, or the system does not tell the path of a handle, it is taken to stay.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._handle: int | None = None
        with suppress(OSError):
            self._handle = os.open(workspace.root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))

    def workspace(self) -> Workspace:
        """Return the workspace where it is now; where it was if that cannot be found out."""
        if self._handle is None or self._is_at(self._workspace.root):
            return self._workspace
        with suppress(OSError):
            moved = Path(os.readlink(f"/proc/self/fd/{self._handle}"))  # noqa: PTH115
            if self._is_at(moved):
                self._workspace = Workspace(moved)
        return self._workspace

    def close(self) -> None:
        """Close the handle; a second call has no effect."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _is_at(self, path: Path) -> bool:
        assert self._handle is not None
        try:
            return os.path.samestat(path.stat(), os.fstat(self._handle))
        except OSError:
            return False
