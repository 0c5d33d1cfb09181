"""Copies of a run's notes and tags beside its file: they survive the loss of the catalogue.

The run's file itself is never rewritten: its digest is in the catalogue, and rewriting hundreds of megabytes for a
note would put the only copy of the arrays at risk.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass

from l5tui.errors import StoreError
from l5tui.store.filesystem import replace_durably
from l5tui.store.id_paths import labels_file
from l5tui.workspace import Workspace

LARGEST_BYTES = 10_000_000
"""Size above which a file is no copy of notes and tags."""


@dataclass(frozen=True)
class Labels:
    """What a user writes on a run.

    Parameters
    ----------
    notes : str
    tags : tuple of str
    """

    notes: str
    tags: tuple[str, ...]


def save_labels(workspace: Workspace, run_id: str, labels: Labels) -> None:
    """Write the copy of a run's notes and tags, whole or not at all.

    Parameters
    ----------
    workspace : Workspace
    run_id : str
    labels : Labels

    Raises
    ------
    StoreError
        Where it cannot be written.
    """
    path = labels_file(workspace, run_id)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps({"notes": labels.notes, "tags": labels.tags}), encoding="utf-8")
        replace_durably(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise StoreError(
            f"{workspace.relative(path)}: cannot be written: {error.strerror or error}"
        ) from error


def load_labels(workspace: Workspace, run_id: str) -> Labels | None:
    """Read the copy of a run's notes and tags; None where there is none that can be read.

    Parameters
    ----------
    workspace : Workspace
    run_id : str
    """
    path = labels_file(workspace, run_id)
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
            return None
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    notes, tags = read.get("notes"), read.get("tags")
    if (
        not isinstance(notes, str)
        or not isinstance(tags, list)
        or not all(isinstance(tag, str) for tag in tags)
    ):
        return None
    return Labels(notes, tuple(tags))


def remove_labels(workspace: Workspace, run_id: str) -> None:
    """Remove the copy of a run's notes and tags, if there is one."""
    labels_file(workspace, run_id).unlink(missing_ok=True)
