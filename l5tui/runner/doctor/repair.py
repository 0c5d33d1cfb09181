"""Mending what an examination found; nothing is deleted but temporary files, and what is replaced is kept beside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from l5tui.errors import L5Error
from l5tui.runner.doctor.examination import Examination, FileProgress, examine
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.filed_run import FiledRun
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.runner.doctor.leftovers import leftovers
from l5tui.runner.doctor.mlflow_repair import mend_mlflow, record_all
from l5tui.runner.doctor.recovered_labels import with_recovered_labels
from l5tui.runner.doctor.row_repair import NOT_RECOVERED, fill_rows, give_legal_ids, restore_rows
from l5tui.runner.doctor.stale_runs import settle_stale_runs
from l5tui.runner.doctor.study_repair import fill_studies, restore_trials
from l5tui.store.adoption import adopt
from l5tui.store.catalog import Catalog
from l5tui.store.id_paths import run_file
from l5tui.store.inspection import inspect
from l5tui.store.labels import copy_labels
from l5tui.store.rebuilding import rebuild, set_aside
from l5tui.store.schema_version import back_up, ensure_schema
from l5tui.store.studies import Studies
from l5tui.tracking.inspection import MlflowRun, inspect_mlflow
from l5tui.workspace import Workspace

MOST_ROUNDS = 6
"""Mending may show more: behind a damaged catalogue lie rows, behind these MLflow's runs."""

log = logging.getLogger(__name__)


def repair(
    workspace: Workspace,
    say: Callable[[str], None],
    progress: FileProgress = lambda done, total: None,
    reader: FileReader | None = None,
) -> Examination:
    """Mend what can be mended, and look again.

    Parameters
    ----------
    workspace : Workspace
    say : callable
        Called with one line for each repair, and for each repair that failed.
    progress : callable, optional
        Called with the number of files examined so far and their total.
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
        examined = examine(workspace, progress, files)
        for _ in range(MOST_ROUNDS):
            wanted = [each for each in examined.findings if each.is_mendable and each not in tried]
            if not wanted:
                break
            tried.update(wanted)
            for line in _Repair(workspace, files, wanted).lines():
                log.info("doctor: %s", line)
                say(line)
            examined = examine(workspace, progress, files)
    return examined


class _Repair:
    """One round: what was found, in the order in which one thing rests on another."""

    def __init__(self, workspace: Workspace, files: Files, findings: Sequence[Finding]) -> None:
        self._workspace = workspace
        self._files = files
        self._findings = findings
        self._copy: str | None = None

    def lines(self) -> Iterator[str]:
        for kinds, mend in (
            ((Kind.CATALOGUE_OLDER,), self._migrate),
            ((Kind.CATALOGUE_DAMAGED,), self._rebuild),
            ((Kind.ROW_ILLEGAL,), lambda found: self._give_ids(found, "run")),
            ((Kind.STUDY_ILLEGAL,), lambda found: self._give_ids(found, "study")),
            ((Kind.ROW_MISSING,), self._adopt),
            ((Kind.ROW_DISAGREES,), self._restore),
            ((Kind.ROW_DAMAGED,), lambda found: fill_rows(self._workspace, found, self._backup())),
            ((Kind.STUDY_DAMAGED,), lambda found: fill_studies(self._workspace, found, self._backup())),
            ((Kind.TRIAL_DISAGREES,), lambda found: restore_trials(self._workspace, found, self._backup())),
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
        yield f"{found[0].where}: migrated; the older one is backed up in the same folder"

    def _rebuild(self, found: Sequence[Finding]) -> Iterator[str]:
        aside, count = rebuild(self._workspace.catalog)
        kept = self._workspace.relative(aside)
        yield f"{found[0].where}: made anew with {count} rows that could be read; the damaged one is {kept}"

    def _adopt(self, found: Sequence[Finding]) -> Iterator[str]:
        ensure_schema(self._workspace.catalog)
        known = self._in_mlflow()
        there = {row.id for row in inspect(self._workspace.catalog).runs}
        for each in found:
            if each.subject in there:
                continue  # a row of an illegal id has got it meanwhile
            run = self._filed(each.subject)
            record, lost = with_recovered_labels(self._workspace, run.record, known.get(each.subject))
            adopt(self._workspace.catalog, record, run.tables)
            yield f"{each.where}: its row is restored"
            yield from (f"{NOT_RECOVERED}: {line}" for line in lost)

    def _restore(self, found: Sequence[Finding]) -> Iterator[str]:
        yield from restore_rows(self._workspace, self._files, found, self._in_mlflow(), self._backup())

    def _give_ids(self, found: Sequence[Finding], table: str) -> Iterator[str]:
        yield from give_legal_ids(self._workspace, self._files, found, table, self._backup())

    def _backup(self) -> str:
        """Copy the catalogue once a round; returns the name of the copy."""
        if self._copy is None:
            self._copy = back_up(self._workspace.catalog, f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}").name
        return self._copy

    def _in_mlflow(self) -> dict[str, MlflowRun]:
        """Return the runs in MLflow, by our ids."""
        inspected = inspect_mlflow(self._workspace)
        return {
            each.tags.get("l5tui.run_id", ""): each for each in (inspected.runs if inspected else {}).values()
        }

    def _copy_labels(self, found: Sequence[Finding]) -> Iterator[str]:
        catalog = Catalog.open(self._workspace)
        for each in found:
            copy_labels(self._workspace, catalog, each.subject)
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
        # Searched again: an abandoned file may have been removed, or claimed by a process, in the meantime.
        for path in leftovers(self._workspace):
            path.unlink(missing_ok=True)
            yield f"{self._workspace.relative(path)}: removed"

    def _replace_mlflow(self, found: Sequence[Finding]) -> Iterator[str]:
        aside = set_aside(self._workspace.mlflow_database)
        yield f"{found[0].where}: set aside as {aside.name}"
        yield from record_all(self._workspace)

    def _filed(self, run_id: str) -> FiledRun:
        return self._files.run(run_file(self._workspace, run_id), whole=True)


def _guarded(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a repair; an exception is reported, so that other repairs continue."""
    try:
        yield from lines
    except (L5Error, OSError) as error:
        log.error("doctor: not repaired", exc_info=error)
        yield f"not mended: {error}"
