"""How long this machine has seen a heartbeat unchanged, by its own clock.

The time in a heartbeat is that of another machine, or of a clock that was set since: it says nothing certain about its
age. A heartbeat that looks old is therefore noted with the monotonic clock of this machine, and counts as silent only
once it is still the same after a while. The notes are in ``store/heartbeats.json``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from l5tui.store.process import boot_id

HEARTBEATS: Final = "heartbeats.json"
"""Name of the file of the notes, beside the catalogue."""

MOST: Final = 1000
"""Notes of one boot, and boots, that are stored; the latest ones."""


def steady_seconds() -> float:
    """Return the time in seconds since boot, in which the machine was not suspended."""
    return time.monotonic()


class Silence:
    """The notes of a workspace.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def seconds(self, row_id: str, heard: datetime) -> float:
        """Return for how long this machine has seen a heartbeat unchanged; 0 if it has no note of it.

        Parameters
        ----------
        row_id : str
            Of a run or study.
        heard : datetime
            Its heartbeat.
        """
        noted = self._own(self._read()).get(row_id)
        if not isinstance(noted, list) or len(noted) != 2 or noted[0] != heard.isoformat():
            return 0.0
        return max(0.0, steady_seconds() - noted[1]) if isinstance(noted[1], float) else 0.0

    def note(self, heartbeats: Mapping[str, datetime]) -> None:
        """Note heartbeats that have no note yet; without effect where the file cannot be written.

        Parameters
        ----------
        heartbeats : mapping of str to datetime
            By the id of their run or study.
        """
        notes = self._read()
        own = self._own(notes)
        new = {
            row_id: [heard.isoformat(), steady_seconds()]
            for row_id, heard in heartbeats.items()
            if not isinstance(own.get(row_id), list) or own[row_id][:1] != [heard.isoformat()]
        }
        if not new:
            return
        kept = {name: each for name, each in notes.items() if name != boot_id()}
        merged = {**{name: each for name, each in own.items() if name not in new}, **new}
        kept[boot_id()] = dict(list(merged.items())[-MOST:])
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        with suppress(OSError):
            try:
                part.write_text(json.dumps(dict(list(kept.items())[-MOST:])), encoding="utf-8")
                part.replace(self._path)
            finally:
                part.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            notes = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def _own(self, notes: dict[str, Any]) -> dict[str, Any]:
        own = notes.get(boot_id())
        return own if isinstance(own, dict) else {}
