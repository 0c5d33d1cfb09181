"""Copies of a run's notes and tags beside its file: they survive the loss of the catalogue.

The run's file itself is never rewritten: its digest is in the catalogue, and rewriting hundreds of megabytes for a
note would put the only copy of the arrays at risk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from l5tui.errors import StoreError
from l5tui.store.catalog import Catalog
from l5tui.store.filesystem import replace_durably
from l5tui.store.id_paths import labels_file
from l5tui.workspace import Workspace

LOCK = "labels.lock"
"""File in the store whose lock is held while notes and tags are copied."""
LOCK_TIMEOUT_S = 30.0

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


def copy_labels(workspace: Workspace, catalog: Catalog, run_id: str) -> None:
    """Copy a run's notes and tags as the catalogue has them now; of several processes at once the newest wins.

    Parameters
    ----------
    workspace : Workspace
    catalog : Catalog
    run_id : str

    Raises
    ------
    StoreError
        Where the row cannot be read (it may have been deleted), or the copy cannot be written.
    """
    with labels_lock(workspace.store / LOCK):
        # Read under the lock: a process that changes them later also copies them later.
        record = catalog.find(run_id)
        save_labels(workspace, record.id, Labels(record.notes, record.tags))


@contextmanager
def labels_lock(path: Path) -> Iterator[None]:
    """Hold a lock while notes and tags are copied from the catalogue.

    Raises
    ------
    StoreError
        Where another process holds it for `LOCK_TIMEOUT_S`, or its file cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=LOCK_TIMEOUT_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreError(f"{path}: another process has held this lock for {LOCK_TIMEOUT_S:.0f} s") from error
    except (OSError, NotImplementedError) as error:
        raise StoreError(f"{path}: cannot be locked: {getattr(error, 'strerror', None) or error}") from error
    try:
        yield
    finally:
        lock.release()


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
