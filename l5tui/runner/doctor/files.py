"""Runs' files against their rows: each must be there, whole, what was written, and what the row says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from l5tui.errors import StoreError
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.filed_run import FiledRun, filed_run
from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.runner.doctor.row_check import differences, own_contradictions
from l5tui.store.catalog import storable
from l5tui.store.id_paths import run_file
from l5tui.store.inspection import Inspected, SeenRow
from l5tui.store.labels import load_labels
from l5tui.store.netcdf import file_sha256
from l5tui.tracking.inspection import MlflowRun
from l5tui.workspace import Workspace, is_regular

FileProgress = Callable[[int, int], None]

EMPTY: Mapping[str, MlflowRun] = {}

AGAIN = (
    "restore a copy of it, or `l5tui rerun {short}` runs it again and `l5tui delete {short}` removes this one"
)


class Files:
    """The files of a workspace's runs; what was read once is not read again unless the file has changed.

    Parameters
    ----------
    workspace : Workspace
    reader : FileReader
    """

    def __init__(self, workspace: Workspace, reader: FileReader) -> None:
        self._workspace = workspace
        self._reader = reader
        self._known: dict[tuple[Any, ...], Any] = {}

    def found(self) -> list[Path]:
        """Every file that is named as a run's."""
        return sorted(self._workspace.runs.glob("*.nc"))

    def digest(self, path: Path) -> str:
        """SHA-256 of a file."""
        return str(self._once(path, "digest", lambda: file_sha256(path)))

    def run(self, path: Path, *, whole: bool) -> FiledRun:
        """Return the run in a file.

        Raises
        ------
        StoreError
            Where it cannot be read as one, with the reason alone.
        """
        text = self._once(path, f"run {whole}", lambda: self._read(path, whole))
        if isinstance(text, StoreError):
            raise text
        assert isinstance(text, FiledRun)
        return text

    def _read(self, path: Path, whole: bool) -> FiledRun | StoreError:
        try:
            read = self._reader.read(path, whole=whole)
            return filed_run(path, self._workspace.relative(path), self.digest(path), read)
        except StoreError as error:
            return error

    def _once(self, path: Path, what: str, find: Callable[[], Any]) -> Any:
        status = path.stat()
        key = (path, what, status.st_mtime_ns, status.st_size)
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]


def check_files(
    workspace: Workspace,
    inspected: Inspected,
    files: Files,
    progress: FileProgress = lambda done, total: None,
    recorded: Mapping[str, MlflowRun] = EMPTY,
) -> Iterator[Finding]:
    """Compare every row with its file, and every file with its row.

    Parameters
    ----------
    workspace : Workspace
    inspected : Inspected
        With rows that can be read.
    files : Files
    progress : callable, optional
        Called with the number of files examined so far and their total.
    recorded : mapping of str to MlflowRun, optional
        What MLflow has, by its ids.
    """
    with_file = [row for row in inspected.runs if row.file and row.is_legal]
    named = {run_file(workspace, row.id) for row in with_file}
    others = [path for path in files.found() if path not in named]
    rows = {row.id: row for row in inspected.runs}
    for row in inspected.runs:
        if row.is_legal and not row.file and (faults := own_contradictions(row)):
            yield _damaged(row, faults)
    total = len(with_file) + len(others)
    for done, row in enumerate(with_file):
        progress(done, total)
        known = recorded.get(row.mlflow_run or "")
        yield from _check_row(workspace, row, files, known.tags if known else {})
    for done, path in enumerate(others, len(with_file)):
        progress(done, total)
        yield from _check_orphan(workspace, path, rows.get(path.stem), files)
    progress(total, total)


def _check_row(
    workspace: Workspace, row: SeenRow, files: Files, tags: Mapping[str, str]
) -> Iterator[Finding]:
    path, again = run_file(workspace, row.id), AGAIN.format(short=row.id.rpartition("-")[2])
    where = workspace.relative(path)
    if not path.exists() and row.file != where:
        text = f"names {str(row.file)[:200]} as its file, which is not its place in the workspace"
        remedy = f"`l5tui delete {row.id}` removes the row alone"
        yield Finding(Kind.FILE_FOREIGN, f"run {row.id}", text, remedy)
    elif not is_regular(path):
        yield Finding(Kind.FILE_MISSING, where, f"is not there, though run {row.id} is {row.status}", again)
        if faults := own_contradictions(row):
            yield _damaged(row, faults)
    else:
        try:
            is_unchanged = files.digest(path) == row.file_sha256
            run = files.run(path, whole=not is_unchanged)
        except (StoreError, OSError) as error:
            yield Finding(Kind.FILE_UNREADABLE, where, _in_words(error), again)
            if faults := own_contradictions(row):
                yield _damaged(row, faults)
            return
        if not is_unchanged and _is_of_the_run(files.digest(path), row, tags):
            text = "has a SHA-256 other than its file and MLflow"
            columns = ("file_sha256", *differences(workspace, row, run))
            yield Finding(Kind.ROW_DISAGREES, f"run {row.id}", text, subject=row.id, columns=columns)
            return
        if not is_unchanged:
            text = f"is not what run {row.id} wrote: its SHA-256 differs"
            yield Finding(Kind.FILE_ALTERED, where, text, again)
            if faults := own_contradictions(row):
                yield _damaged(row, faults)
        elif differing := differences(workspace, row, run):
            text = f"disagrees with its file: {', '.join(differing)}"
            yield Finding(Kind.ROW_DISAGREES, f"run {row.id}", text, subject=row.id, columns=tuple(differing))
        if not _labels_survive(workspace, row, run):
            what = "its notes or tags are only in the catalogue, and would be lost with it"
            yield Finding(Kind.LABELS_UNCOPIED, f"run {row.id}", what, subject=row.id)


def _is_of_the_run(digest: str, row: SeenRow, tags: Mapping[str, str]) -> bool:
    """Whether a file is what its run wrote although the row has another digest, or none."""
    text = tags.get("l5tui.file_sha256")
    return digest == text if text else row.file_sha256 is None or "file_sha256" in row.damage


def _damaged(row: SeenRow, faults: Mapping[str, str]) -> Finding:
    """Return the finding for a row that no file can restore."""
    text = ", ".join(f"{name} {what}" for name, what in faults.items())
    return Finding(
        Kind.ROW_DAMAGED, f"run {row.id}", f"is damaged: {text}", subject=row.id, columns=tuple(faults)
    )


def _check_orphan(workspace: Workspace, path: Path, row: SeenRow | None, files: Files) -> Iterator[Finding]:
    where = workspace.relative(path)
    if row is not None:
        # Of a run that is marked as running it is said elsewhere whether it may be.
        if row.status != "running":
            yield _closed_with_file(where, path, row, files)
        return
    try:
        files.run(path, whole=True)
    except (StoreError, OSError) as error:
        yield Finding(Kind.FILE_FOREIGN, where, f"has no row, and {_in_words(error)}", "move it away")
    else:
        yield Finding(Kind.ROW_MISSING, where, "has no row in the catalogue", subject=path.stem)


def _closed_with_file(where: str, path: Path, row: SeenRow, files: Files) -> Finding:
    """Return the finding for a file under its final name, which only complete runs have, with an incomplete row."""
    try:
        run = files.run(path, whole=True)
    except (StoreError, OSError) as error:
        text = f"belongs to run {row.id}, which is {row.status} and has no file, and {_in_words(error)}"
        return Finding(Kind.FILE_FOREIGN, where, text, f"look at it; `l5tui delete {row.id}` removes both")
    text = f"is {row.status}, though its file is complete and has the status {run.record.status}"
    return Finding(Kind.ROW_DISAGREES, f"run {row.id}", text, subject=row.id)


def _labels_survive(workspace: Workspace, row: SeenRow, run: FiledRun) -> bool:
    """Whether a run's notes and tags can be recovered without its row."""
    copy = load_labels(workspace, row.id)
    notes, tags = (copy.notes, copy.tags) if copy else (run.record.notes, run.record.tags)
    return (row.notes, row.tags) == (storable(notes), tuple(map(storable, tags)))


def _in_words(error: StoreError | OSError) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return str(error).partition(";")[0]
