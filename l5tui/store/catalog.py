"""The catalogue of runs: one row a run, with everything that it was measured by."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from l5tui.analysis.tables import RunTables
from l5tui.errors import StoreError
from l5tui.store.database import Database
from l5tui.store.models import Run, RunTag
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.store.run_id import is_run_id, next_run_id
from l5tui.store.run_tables import count_damaged_measures, load_tables, save_tables
from l5tui.store.schema_version import ensure_schema
from l5tui.store.search import find_id, greatest_id, list_runs, list_untracked, record, records
from l5tui.store.silence import HEARTBEATS, Silence
from l5tui.store.stale import INTERRUPTED, interruptions
from l5tui.workspace import Workspace

LONGEST_TAG, LONGEST_NOTES = 100, 20_000
"""In characters, as in an experiment's file."""


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Catalog:
    """The runs of a workspace.

    Every method is one transaction on a connection of its own, and may be called from any thread or process.

    Parameters
    ----------
    database : Database
        With the tables in place; `Catalog.open` sees to that.
    clock : callable
        Gives the time, with its time zone.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    @classmethod
    def open(cls, workspace: Workspace, clock: Callable[[], datetime] = utc_now) -> Self:
        """Return the catalogue of a workspace, created or migrated if needed.

        Raises
        ------
        StoreError
            Where it cannot be read or written, or is of a newer l5tui.
        """
        ensure_schema(workspace.catalog)
        return cls(Database(workspace.catalog), clock)

    def waiting(self, seconds: float) -> Self:
        """Return the same catalogue with another lock timeout."""
        return type(self)(Database(self._database.path, seconds), self._clock)

    def start(self, new: NewRun) -> RunRecord:
        """Record that a run begins.

        Returns
        -------
        RunRecord
            With its id, which is greater than any before.
        """
        now = self._clock()
        row: dict[str, Any] = {**vars(new), "started": now, "created": now, "heartbeat": now, "timings": {}}
        row.update(status=RunStatus.RUNNING, versions=dict(new.versions), seed=int(new.seed))
        tags = dict.fromkeys(row.pop("tags"))
        with self._database.session(write=True) as session:
            run_id = next_run_id(now, greatest_id(session, Run))
            session.execute(insert(Run).values(id=run_id, **row))
            for position, tag in enumerate(tags):
                session.execute(insert(RunTag).values(run_id=run_id, tag=tag, position=position))
            return record(session, run_id)

    def beat(self, run_id: str) -> bool:
        """Show that a run is alive.

        Returns
        -------
        bool
            Whether the catalogue still has it as running.
        """
        with self._database.session(write=True) as session:
            alive = update(Run).where(Run.id == run_id, Run.status == RunStatus.RUNNING)
            beaten = session.execute(alive.values(heartbeat=self._clock()).returning(Run.id))
            return beaten.first() is not None

    def complete(
        self,
        run_id: str,
        *,
        status: RunStatus,
        file: str,
        sha256: str,
        tables: RunTables,
        timings: Mapping[str, float],
        error: str | None = None,
    ) -> RunRecord:
        """Record a run that came to its end, with all that it was measured by.

        Only the run's own process calls this. A run that another process took for interrupted and closed is
        completed all the same; one that another process has completed from its file stays as it is.

        Parameters
        ----------
        run_id : str
        status : RunStatus
            Completed or diverged.
        file : str
            The NetCDF file, in its place already, relative to the workspace.
        sha256 : str
            Its digest.
        tables : RunTables
        timings : mapping of str to float
            Seconds, by phase.
        error : str, optional
            Where it diverged, in one line.

        Raises
        ------
        StoreError
            Where the run has ended already.
        """
        if status not in (RunStatus.COMPLETED, RunStatus.DIVERGED):
            raise ValueError(f"a run cannot complete as {status}")
        with self._database.session(write=True) as session:
            run = record(session, run_id)
            if (run.status, run.file, run.file_sha256) == (status, file, sha256):
                return run
            self._finish(
                session,
                run_id,
                status,
                file=file,
                file_sha256=sha256,
                loss=tables.loss,
                timings=dict(timings),
                error=storable(error),
            )
            save_tables(session, run_id, tables)
            return record(session, run_id)

    def end(self, run_id: str, *, status: RunStatus, error: str | None = None) -> RunRecord:
        """Record a run that did not come to its end.

        Parameters
        ----------
        run_id : str
        status : RunStatus
            Failed, cancelled, or diverged with nothing to keep.
        error : str, optional
            Why, in one line.

        Raises
        ------
        StoreError
            Where the run has ended already.
        """
        if not status.is_final or status is RunStatus.COMPLETED:
            raise ValueError(f"a run cannot end as {status} without its tables")
        with self._database.session(write=True) as session:
            self._finish(session, run_id, status, error=storable(error))
            return record(session, run_id)

    def note_mlflow(
        self, run_id: str, mlflow_run: str | None, timings: Mapping[str, float] | None = None
    ) -> None:
        """Record under which id MLflow has a run, None where it has it no more, and how long all took."""
        values: dict[str, Any] = {"mlflow_run": mlflow_run}
        if timings is not None:
            values["timings"] = dict(timings)
        with self._database.session(write=True) as session:
            record(session, run_id)
            session.execute(update(Run).where(Run.id == run_id).values(**values))

    def set_tags(self, run_id: str, tags: Sequence[str]) -> RunRecord:
        """Give a run these tags, in this order, and no others; raises like `change_tags`."""
        return self._write_tags(run_id, lambda _: tags)

    def change_tags(self, run_id: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> RunRecord:
        """Add tags to a run and remove others, in one transaction: two processes at once lose no tag.

        Raises
        ------
        StoreError
            Where one is empty or longer than an experiment's tags may be.
        """
        return self._write_tags(run_id, lambda tags: [tag for tag in (*tags, *add) if tag not in remove])

    def _write_tags(self, run_id: str, change: Callable[[Sequence[str]], Sequence[str]]) -> RunRecord:
        with self._database.session(write=True) as session:
            tags = dict.fromkeys(change(record(session, run_id).tags))
            for tag in tags:
                if not 1 <= len(tag) <= LONGEST_TAG:
                    raise StoreError(f"a tag has 1 to {LONGEST_TAG} characters, not {len(tag)}")
            session.execute(delete(RunTag).where(RunTag.run_id == run_id))
            for position, tag in enumerate(tags):
                session.execute(insert(RunTag).values(run_id=run_id, tag=storable(tag), position=position))
            return record(session, run_id)

    def set_notes(self, run_id: str, notes: str) -> RunRecord:
        """Replace a run's notes.

        Raises
        ------
        StoreError
            Where they are longer than an experiment's notes may be.
        """
        if len(notes) > LONGEST_NOTES:
            raise StoreError(f"notes have {LONGEST_NOTES:,} characters at most, not {len(notes):,}")
        with self._database.session(write=True) as session:
            record(session, run_id)
            session.execute(update(Run).where(Run.id == run_id).values(notes=storable(notes)))
            return record(session, run_id)

    def delete(self, run_id: str) -> None:
        """Remove a run that has ended, with all that it was measured by; its file is its owner's business.

        Raises
        ------
        StoreError
            Where it has not ended.
        """
        with self._database.session(write=True) as session:
            run = record(session, run_id)
            if not run.status.is_final:
                raise StoreError(f"run {run_id} is still {run.status}")
            session.execute(delete(Run).where(Run.id == run_id))

    def runs(
        self,
        *,
        status: RunStatus | None = None,
        rule: str | None = None,
        tag: str | None = None,
        group: str | None = None,
        limit: int | None = None,
        among: Sequence[str] | None = None,
    ) -> list[RunRecord]:
        """Return runs, newest first.

        Parameters
        ----------
        status : RunStatus, optional
        rule, tag, group : str, optional
            Only runs with this learning rule, with this tag, of this group.
        limit : int, optional
            At most so many.
        among : sequence of str, optional
            Only runs with these ids.
        """
        with self._database.session() as session:
            return list_runs(
                session, status=status, rule=rule, tag=tag, group=group, limit=limit, among=among
            )

    def untracked(self, limit: int) -> list[RunRecord]:
        """Return runs that have ended and are not in MLflow, newest first.

        Parameters
        ----------
        limit : int
            At most so many.
        """
        with self._database.session() as session:
            return list_untracked(session, limit)

    def find(self, reference: str) -> RunRecord:
        """Return the run that a reference names.

        Parameters
        ----------
        reference : str
            ``last`` for the newest, whatever its status; an id, or its beginning, or what follows its last
            hyphen, where only one run has it.

        Raises
        ------
        UnknownRunError
            Where none or several answer to it.
        """
        with self._database.session() as session:
            return record(session, find_id(session, reference))

    def tables(self, run_id: str) -> RunTables:
        """Return the measures of a run; empty tables and a loss of NaN if it has none.

        Raises
        ------
        UnknownRunError
            Where there is no such run.
        """
        with self._database.session() as session:
            record(session, run_id)
            return load_tables(session, run_id)

    def damaged_measures(self, run_id: str) -> int:
        """Return how many of the numbers that a run was measured by cannot be read."""
        with self._database.session() as session:
            return count_damaged_measures(session, run_id)

    def stale(self, *, host: str | None = None) -> dict[str, str]:
        """Return the runs that are marked as running and whose process is gone, each with the reason.

        Reads the catalogue only; heartbeats that look old are noted in a file beside it.

        Parameters
        ----------
        host : str, optional
            Name of this machine.
        """
        host, now = host or socket.gethostname(), self._clock()
        running = self.runs(status=RunStatus.RUNNING)
        running = [run for run in running if is_run_id(run.id)]
        return interruptions(running, host, now, Silence(self._database.path.with_name(HEARTBEATS)))

    def require_lock(self) -> None:
        """Take the write lock and release it.

        Raises
        ------
        StoreError
            Where the catalogue cannot be written now.
        """
        with self._database.session(write=True):
            pass

    def close_stale(
        self, stale: Mapping[str, str] | None = None, *, host: str | None = None
    ) -> list[RunRecord]:
        """Mark runs as failed whose process is gone.

        Takes the write lock only where there are any. A run whose file is in its place is to be completed from it
        instead; see `l5tui.runner.doctor.stale_runs`.

        Parameters
        ----------
        stale : mapping of str to str, optional
            Ids, each with the reason; those of `stale` by default.
        host : str, optional
            Name of this machine.

        Returns
        -------
        list of RunRecord
            The closed runs, newest first, each with an error that begins with ``interrupted``.
        """
        stale = self.stale(host=host) if stale is None else stale
        if not stale:
            return []
        with self._database.session(write=True) as session:
            # One may have ended, or been closed by another process, since it was read.
            still = session.scalars(
                select(Run.id).where(Run.id.in_(stale), Run.status == RunStatus.RUNNING)
            ).all()
            for run_id in still:
                self._finish(session, run_id, RunStatus.FAILED, error=stale[run_id])
            return records(session, select(Run.id).where(Run.id.in_(still)))

    def _finish(self, session: Session, run_id: str, status: RunStatus, **values: Any) -> None:
        """Move a run to a final status, once; that a run was interrupted is presumed, and its process knows better."""
        run = record(session, run_id)
        if is_presumed(run):
            values["mlflow_run"] = None
        elif run.status.is_final:
            raise StoreError(f"run {run_id} is {run.status} already and cannot become {status}")
        session.execute(
            update(Run).where(Run.id == run_id).values(status=status, ended=self._clock(), **values)
        )


def is_presumed(run: RunRecord) -> bool:
    """Whether another process closed a run as interrupted, which its own process has not confirmed."""
    return run.status is RunStatus.FAILED and (run.error or "").startswith(INTERRUPTED)


def storable(text: str | None) -> str | None:
    """Text that SQLite can keep: file names in messages may hold bytes that are no characters."""
    return None if text is None else text.encode(errors="backslashreplace").decode()
