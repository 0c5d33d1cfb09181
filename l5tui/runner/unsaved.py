"""Edits of an experiment that have not been saved, kept so that they outlive a crash of whatever edits."""

from __future__ import annotations

import json
import logging
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from l5tui.store.process import is_alive, process_start_time
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unsaved:
    """What was being edited.

    Parameters
    ----------
    file : str
        Name of the experiment's file; empty where it had none.
    name : str
        What the experiment was called.
    text : str
        Its TOML, valid or not.
    place : Path
        Where this is kept.
    base : str
        SHA-256 of the file's text when it was read; empty if it is unknown.
    """

    file: str
    name: str
    text: str
    place: Path
    base: str = ""


class UnsavedEdits:
    """One file a process in ``store/unsaved``, which is there as long as it has edits that are not saved.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.store / "unsaved"
        self._host = socket.gethostname()
        self._place = self._folder / f"{os.getpid()}.json"
        self._kept: dict[str, object] | None = None

    def keep(self, file: str, name: str, text: str, base: str = "") -> None:
        """Keep a text; that it cannot be kept is logged, as nothing else depends on it."""
        pid = os.getpid()
        kept: dict[str, object] = {"file": file, "name": name, "text": text, "host": self._host, "pid": pid}
        kept["base"] = base
        if kept == self._kept:
            return
        self._kept = kept
        temporary = self._place.with_suffix(".part")
        try:
            self._folder.mkdir(exist_ok=True)
            temporary.write_text(
                json.dumps({**kept, "started": process_start_time(pid)}),
                encoding="utf-8",
                errors="surrogatepass",
            )
            os.replace(temporary, self._place)  # noqa: PTH105
        except OSError as error:
            log.warning("%s could not be written: %s", self._place, error)

    def forget(self) -> None:
        """Keep nothing, as everything is saved or was dropped."""
        if self._kept is not None:
            self._kept = None
            self.drop(self._place)

    def drop(self, place: Path) -> None:
        """Remove what was kept."""
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s could not be removed: %s", place, error)
        with suppress(OSError):
            self._folder.rmdir()  # Only where it is empty.

    def left_behind(self) -> list[Unsaved]:
        """Return the drafts of processes that have ended, newest first."""
        found = []
        for place in self._folder.glob("*.json"):
            try:
                kept = json.loads(place.read_text(encoding="utf-8", errors="surrogatepass"))
                owner = kept["host"], int(kept["pid"]), kept["started"]
                file, name, text = (str(kept[each]) for each in ("file", "name", "text"))
                unsaved = Unsaved(file, name, text, place, str(kept.get("base", "")))
                when = place.stat().st_mtime_ns
            except (OSError, ValueError, TypeError, KeyError) as error:
                log.warning("%s could not be read: %s", place, error)
                continue
            if owner[0] == self._host and not is_alive(owner[1], owner[2]):
                found.append((when, unsaved))
        return [unsaved for _, unsaved in sorted(found, key=lambda each: each[0], reverse=True)]
