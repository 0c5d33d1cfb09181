"""Mending what an examination found; nothing is deleted but temporary files, and what is replaced is kept beside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from l5tui.errors import L5Error
from l5tui.runner.doctor.examination import Examination, Told, examine
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.filed_run import FiledRun
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.runner.doctor.leftovers import leftovers
from l5tui.runner.doctor.mlflow_repair import mend_mlflow, tell_of_all
from l5tui.runner.doctor.recovered_labels import with_recovered_labels
from l5tui.runner.doctor.stale_runs import settle_stale_runs
from l5tui.store.adoption import adopt, restore
from l5tui.store.catalog import Catalog
from l5tui.store.labels import Labels, save_labels
from l5tui.store.rebuilding import rebuild, set_aside
from l5tui.store.schema_version import back_up, ensure_schema
from l5tui.store.studies import Studies
from l5tui.tracking.inspection import inspect_mlflow
from l5tui.workspace import Workspace

MOST_ROUNDS = 4
"""Mending may show more: behind a damaged catalogue lie rows, behind these MLflow's runs."""

NOT_RECOVERED = "not recovered"
"""How a line of a repair begins that reports a loss."""

log = logging.getLogger(__name__)


def repair(
    workspace: Workspace,
    say: Callable[[str], None],
    tell: Told = lambda done, total: None,
    reader: FileReader | None = None,
) -> Examination:
    """Mend what can be mended, and look again.

    Parameters
    ----------
    workspace : Workspace
    say : callable
        Told one line for each thing that was mended, or that could not be.
    tell : callable, optional
        Told how many of how many files were looked at.
    reader : FileReader, optional
        One that has begun already.

    Returns
    -------
    Examination
        What is wrong still.
    """
    tried: set[Finding] = set()
    with ExitStack() as stack:
        files = Files(workspace, reader or stack.enter_context(FileReader()))
        examined = examine(workspace, tell, files)
        for _ in range(MOST_ROUNDS):
            wanted = [each for each in examined.findings if each.is_mendable and each not in tried]
            if not wanted:
                break
            tried.update(wanted)
            for line in _Repair(workspace, files, wanted).lines():
                log.info("doctor: %s", line)
                say(line)
            examined = examine(workspace, tell, files)
    return examined


class _Repair:
    """One round: what was found, in the order in which one thing rests on another."""

    def __init__(self, workspace: Workspace, files: Files, findings: Sequence[Finding]) -> None:
        self._workspace = workspace
        self._files = files
        self._findings = findings

    def lines(self) -> Iterator[str]:
        for kinds, mend in (
            ((Kind.CATALOGUE_OLDER,), self._migrate),
            ((Kind.CATALOGUE_DAMAGED,), self._rebuild),
            ((Kind.ROW_MISSING,), self._adopt),
            ((Kind.ROW_DISAGREES,), self._restore),
            ((Kind.LABELS_UNCOPIED,), self._copy_labels),
            ((Kind.STALE_RUN, Kind.STALE_STUDY), self._close),
            ((Kind.LEFTOVER,), self._clear),
            ((Kind.MLFLOW_DAMAGED,), self._replace_mlflow),
        ):
            found = [each for each in self._findings if each.kind in kinds]
            if found:
                yield from _guarded(mend(found))
        yield from _guarded(mend_mlflow(self._workspace, self._findings))

    def _migrate(self, found: Sequence[Finding]) -> Iterator[str]:
        ensure_schema(self._workspace.catalog)
        yield f"{found[0].where}: migrated; a copy of the older one is beside it"

    def _rebuild(self, found: Sequence[Finding]) -> Iterator[str]:
        aside, count = rebuild(self._workspace.catalog)
        kept = self._workspace.relative(aside)
        yield f"{found[0].where}: made anew with {count} rows that could be read; the damaged one is {kept}"

    def _adopt(self, found: Sequence[Finding]) -> Iterator[str]:
        ensure_schema(self._workspace.catalog)
        inspected = inspect_mlflow(self._workspace)
        known = {
            each.tags.get("l5tui.run_id"): each for each in (inspected.runs if inspected else {}).values()
        }
        for each in found:
            run = self._filed(each.subject)
            record, lost = with_recovered_labels(self._workspace, run.record, known.get(each.subject))
            adopt(self._workspace.catalog, record, run.tables)
            yield f"{each.where}: has its row again"
            yield from (f"{NOT_RECOVERED}: {line}" for line in lost)

    def _restore(self, found: Sequence[Finding]) -> Iterator[str]:
        backup = back_up(self._workspace.catalog, f"{datetime.now(UTC):%Y%m%d-%H%M%S}")
        for each in found:
            run = self._filed(each.subject)
            restore(self._workspace.catalog, run.record, run.tables)
            yield f"{each.where}: says what its file does; the catalogue before is {backup.name}"

    def _copy_labels(self, found: Sequence[Finding]) -> Iterator[str]:
        catalog = Catalog.open(self._workspace)
        for each in found:
            record = catalog.find(each.subject)
            save_labels(self._workspace, record.id, Labels(record.notes, record.tags))
            yield f"{each.where}: its notes and tags are copied to {self._workspace.relative(self._workspace.labels)}"

    def _close(self, found: Sequence[Finding]) -> Iterator[str]:
        catalog = Catalog.open(self._workspace)
        for run in settle_stale_runs(self._workspace, catalog, catalog.stale(), self._files):
            if run.file is None:
                yield f"run {run.id}: closed as {run.status}, {run.error}"
            else:
                yield f"run {run.id}: {run.status}, as its file is whole"
        for study in Studies.open(self._workspace).close_stale():
            yield f"study {study.id}: closed as {study.status}, {study.error}"

    def _clear(self, found: Sequence[Finding]) -> Iterator[str]:
        # Looked for again: what was abandoned may have gone, or come to belong to somebody.
        for path in leftovers(self._workspace):
            path.unlink(missing_ok=True)
            yield f"{self._workspace.relative(path)}: removed"

    def _replace_mlflow(self, found: Sequence[Finding]) -> Iterator[str]:
        aside = set_aside(self._workspace.mlflow_database)
        yield f"{found[0].where}: set aside as {aside.name}"
        yield from tell_of_all(self._workspace)

    def _filed(self, run_id: str) -> FiledRun:
        return self._files.run(self._workspace.runs / f"{run_id}.nc", whole=True)


def _guarded(lines: Iterator[str]) -> Iterator[str]:
    """What goes wrong with one thing must not keep others from being mended."""
    try:
        yield from lines
    except (L5Error, OSError) as error:
        log.error("doctor: not mended", exc_info=error)
        yield f"not mended: {error}"
