"""Studies and trials in the catalogue: the truth that a search is rebuilt from."""

from __future__ import annotations

import functools
import logging
import math
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from l5tui.errors import DamagedRowError, LockedStoreError, StoreError, UnknownRunError
from l5tui.store import retry
from l5tui.store.catalog import storable, utc_now
from l5tui.store.database import Database
from l5tui.store.run_id import is_run_id, next_run_id, require_run_id
from l5tui.store.schema_version import ensure_schema
from l5tui.store.search import greatest_id
from l5tui.store.silence import HEARTBEATS, Silence
from l5tui.store.stale import INTERRUPTED, interruption, interruptions
from l5tui.store.study_models import Study, Trial
from l5tui.store.study_records import (
    NewStudy,
    StudyRecord,
    StudyStatus,
    TrialRecord,
    TrialStatus,
    checked_point,
)
from l5tui.store.study_rows import STUDY, read_study, read_trials
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def _persistent(
    method: Callable[Concatenate[Studies, P], T],
) -> Callable[Concatenate[Studies, P], T]:
    """Wrap a method whose one transaction is retried inside `Studies.persistent`."""

    @functools.wraps(method)
    def wrapped(self: Studies, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._persistence is None:
            return method(self, *args, **kwargs)
        return self._persistence(lambda: method(self, *args, **kwargs))

    return wrapped


class Studies:
    """The studies of a workspace.

    Every method is one transaction on a connection of its own, and may be called from any thread or process.

    Parameters
    ----------
    database : Database
    clock : callable
        Gives the time, with its time zone.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._persistence: retry.Persistence | None = None
        self._owned: tuple[str, str, int, str | None] | None = None
        self._silence = Silence(database.path.with_name(HEARTBEATS))

    @classmethod
    def open(cls, workspace: Workspace, clock: Callable[[], datetime] = utc_now) -> Self:
        """Return the studies of a workspace; its catalogue is created or migrated if needed.

        Raises
        ------
        StoreError
            Where the catalogue cannot be read or written.
        """
        ensure_schema(workspace.catalog)
        return cls(Database(workspace.catalog), clock)

    def following(self, catalog: Callable[[], Path]) -> Self:
        """Return the same studies of a workspace that may be moved.

        Parameters
        ----------
        catalog : callable
            Returns the path of the catalogue at the time of each transaction.
        """
        return type(self)(Database(catalog), self._clock)

    def waiting(self, seconds: float) -> Self:
        """Return the same studies with another lock timeout."""
        return type(self)(self._database.waiting(seconds), self._clock)

    @contextmanager
    def persistent(
        self, warn: Callable[[LockedStoreError], None], stopped: Callable[[], bool]
    ) -> Iterator[None]:
        """Retry the writes of a study that runs while another process holds the catalogue, as long as a block lasts.

        Parameters
        ----------
        warn, stopped : callable
            As in `l5tui.store.retry.Persistence`.
        """
        database = self._database
        self._database = database.waiting(retry.ATTEMPT_SECONDS)
        self._persistence = retry.Persistence(warn, stopped)
        try:
            yield
        finally:
            self._database, self._persistence = database, None

    @_persistent
    def start(self, new: NewStudy) -> StudyRecord:
        """Record that a study begins."""
        now = self._clock()
        row = {**vars(new), "space": dict(new.space), "versions": dict(new.versions)}
        with self._database.session(write=True) as session:
            study_id = next_run_id(now, greatest_id(session, Study))
            times = {"created": now, "started": now, "heartbeat": now}
            session.execute(insert(Study).values(id=study_id, status=StudyStatus.RUNNING, **times, **row))
            self._owned = (study_id, new.host, new.pid, new.process_started)
            return read_study(session, study_id)

    @_persistent
    def resume(self, study_id: str, trials: int, pid: int, process_started: str | None) -> StudyRecord:
        """Record that a study goes on in another process; its trials that were running are interrupted.

        Raises
        ------
        StoreError
            Where it is running.
        """
        now = self._clock()
        with self._database.session(write=True) as session:
            study = read_study(session, study_id)
            if study.status is StudyStatus.RUNNING:
                raise StoreError(f"study {study_id} is running in process {study.pid} on {study.host}")
            values = {"trials": trials, "pid": pid, "process_started": process_started, "error": None}
            times = {"ended": None, "heartbeat": now, "started": now}
            running = update(Study).where(Study.id == study_id)
            host = socket.gethostname()
            session.execute(running.values(status=StudyStatus.RUNNING, host=host, **values, **times))
            self._owned = (study_id, host, pid, process_started)
            return read_study(session, study_id)

    def beat(self, study_id: str) -> None:
        """Show that a study is alive.

        Raises
        ------
        StoreError
            If another process has resumed it.
        """
        with self._database.session(write=True) as session:
            self._reclaim(session, study_id)
            session.execute(update(Study).where(Study.id == study_id).values(heartbeat=self._clock()))

    @_persistent
    def end(self, study_id: str, status: StudyStatus, error: str | None = None) -> StudyRecord:
        """Record that a study is over for now; trials that are still running were interrupted."""
        with self._database.session(write=True) as session:
            self._reclaim(session, study_id)
            self._finish(session, study_id, status, error)
            return read_study(session, study_id)

    @_persistent
    def start_trial(self, study_id: str, number: int, point: Mapping[str, Any]) -> None:
        """Record that a trial begins, or begins again."""
        now = self._clock()
        with self._database.session(write=True) as session:
            self._reclaim(session, study_id)
            again = update(Trial).where(Trial.study_id == study_id, Trial.number == number)
            begun = {"status": TrialStatus.RUNNING, "started": now, "attempts": Trial.attempts + 1}
            begun["mlflow_run"] = None  # of an earlier end that counts no more
            if session.execute(again.values(**begun).returning(Trial.number)).first() is None:
                row = {"status": TrialStatus.RUNNING, "started": now, "attempts": 1, "point": dict(point)}
                session.execute(insert(Trial).values(study_id=study_id, number=number, metrics={}, **row))

    @_persistent
    def end_trial(
        self,
        study_id: str,
        number: int,
        status: TrialStatus,
        *,
        value: float = math.nan,
        metrics: Mapping[str, float] | None = None,
        seconds: float = math.nan,
        error: str | None = None,
    ) -> TrialRecord:
        """Record how a trial ended.

        Raises
        ------
        StoreError
            Where it is not running, or if another process has resumed the study.
        """
        kept = {name: float(each) for name, each in (metrics or {}).items() if math.isfinite(each)}
        values = {"value": value, "metrics": kept, "seconds": seconds, "error": storable(error)}
        with self._database.session(write=True) as session:
            self._reclaim(session, study_id)
            running = update(Trial).where(
                Trial.study_id == study_id, Trial.number == number, Trial.status == TrialStatus.RUNNING
            )
            ended = running.values(status=status, ended=self._clock(), **values)
            if session.execute(ended.returning(Trial.number)).first() is None:
                raise StoreError(f"trial {number} of study {study_id} is not running")
            return read_trials(session, study_id, Trial.number == number)[0]

    @_persistent
    def note_mlflow(self, study_id: str, mlflow_run: str | None, number: int | None = None) -> None:
        """Record under which id MLflow has a study, or one of its trials; None where it has it no more."""
        with self._database.session(write=True) as session:
            if number is None:
                session.execute(update(Study).where(Study.id == study_id).values(mlflow_run=mlflow_run))
                return
            trial = update(Trial).where(Trial.study_id == study_id, Trial.number == number)
            session.execute(trial.values(mlflow_run=mlflow_run))

    @_persistent
    def trials(self, study_id: str) -> list[TrialRecord]:
        """Return the trials of a study, by number.

        Raises
        ------
        DamagedRowError
            If one cannot be read: a search rests on all of them.
        """
        found = self.all_trials(study_id)
        for each in found:
            if each.damage:
                what = ", ".join(f"{name} {why}" for name, why in each.damage.items())
                raise DamagedRowError(
                    f"study {study_id}: the row of trial {each.number} is damaged: {what}; "
                    "`l5tui doctor --repair` restores it from MLflow"
                )
        return found

    def all_trials(self, study_id: str) -> list[TrialRecord]:
        """Return the trials of a study, by number, with those whose rows are damaged."""
        with self._database.session() as session:
            study = read_study(session, study_id)
            found = read_trials(session, study_id)
        return found if study.damage else [checked_point(each, study.space) for each in found]

    def untracked_trials(self, study_id: str, limit: int) -> list[TrialRecord]:
        """Trials that have ended and that MLflow does not have, by number."""
        ended = [status for status in TrialStatus if status.is_final]
        with self._database.session() as session:
            wanted = (Trial.mlflow_run.is_(None), Trial.status.in_(ended))
            return [each for each in read_trials(session, study_id, *wanted) if not each.damage][:limit]

    @_persistent
    def count_untracked_trials(self, study_id: str) -> int:
        """How many trials have ended that MLflow does not have."""
        ended = [status for status in TrialStatus if status.is_final]
        of_study = Trial.study_id == study_id
        counted = select(func.count()).where(of_study, Trial.mlflow_run.is_(None), Trial.status.in_(ended))
        with self._database.session() as session:
            return int(session.scalar(counted) or 0)

    def studies(self, limit: int | None = None) -> list[StudyRecord]:
        """Studies, newest first."""
        with self._database.session() as session:
            ids = session.scalars(select(Study.id).order_by(Study.id.desc()).limit(limit)).all()
            return [read_study(session, study_id) for study_id in ids]

    def find(self, reference: str) -> StudyRecord:
        """Return the study that a reference names, as `l5tui.store.catalog.Catalog.find` finds runs.

        Raises
        ------
        UnknownRunError
            Where none or several answer to it.
        """
        wanted = reference.strip().lower()
        with self._database.session() as session:
            ids = list(session.scalars(select(Study.id).order_by(Study.id.desc())))
            if not ids:
                raise UnknownRunError("no studies yet; `l5tui tune FILE` makes one")
            if wanted == "last":
                found = [newest] if (newest := greatest_id(session, Study)) else []
            else:
                found = [each for each in ids if each == wanted] or [
                    each
                    for each in ids
                    if wanted and (each.startswith(wanted) or each.endswith(f"-{wanted}"))
                ]
            if len(found) == 1:
                return read_study(session, require_run_id(found[0]))
        if not found:
            raise UnknownRunError(f"no study {reference!r}; `l5tui studies` lists all studies")
        raise UnknownRunError(
            f"{reference!r} matches several ids: {', '.join(found[:5])}; give more of its id"
        )

    def stale(self) -> dict[str, str]:
        """Return the studies that are marked as running and whose process is gone, each with the reason.

        Reads the catalogue only; heartbeats that look old are noted in a file beside it.
        """
        host, now = socket.gethostname(), self._clock()
        with self._database.session() as session:
            ids = session.scalars(select(Study.id).where(Study.status == StudyStatus.RUNNING)).all()
            running = [read_study(session, study_id) for study_id in ids]
        running = [study for study in running if is_run_id(study.id)]
        return interruptions(running, host, now, self._silence)

    def close_stale(self) -> list[StudyRecord]:
        """Mark studies as stopped whose process is gone; takes the write lock only where there are any."""
        stale = self.stale()
        if not stale:
            return []
        with self._database.session(write=True) as session:
            # One may have ended, or been resumed by another process, since it was read.
            running = select(Study.id).where(Study.id.in_(stale), Study.status == StudyStatus.RUNNING)
            host, now = socket.gethostname(), self._clock()
            closed = []
            for study_id in session.scalars(running).all():
                if interruption(read_study(session, study_id), host, now, self._silence):
                    self._finish(session, study_id, StudyStatus.STOPPED, stale[study_id])
                    closed.append(read_study(session, study_id))
            return closed

    def _reclaim(self, session: Session, study_id: str) -> None:
        """Mark the study of this process as running again if another one took it for interrupted and closed it.

        Raises
        ------
        StoreError
            If another process has resumed it since.
        """
        if self._owned is None or self._owned[0] != study_id:
            return
        of_study = STUDY.id == study_id
        columns = (
            STUDY.id,
            STUDY.host,
            STUDY.pid,
            STUDY.process_started,
            STUDY.status,
            STUDY.error,
            STUDY.ended,
        )
        row = session.execute(select(*columns).where(of_study)).first()
        if row is None or tuple(row[:4]) != self._owned:
            other = f"process {row.pid} on {row.host}" if row is not None else "another process"
            raise StoreError(f"study {study_id} was resumed by {other}, or deleted; this process ends")
        if row.status is StudyStatus.RUNNING or not (row.error or "").startswith(INTERRUPTED):
            return
        log.warning("study %s was marked as interrupted by another process; it continues", study_id)
        session.execute(
            update(Study).where(of_study).values(status=StudyStatus.RUNNING, ended=None, error=None)
        )
        # Those of this very moment were interrupted with the study, and run on.
        interrupted = update(Trial).where(
            Trial.study_id == study_id, Trial.status == TrialStatus.INTERRUPTED, Trial.ended == row.ended
        )
        session.execute(interrupted.values(status=TrialStatus.RUNNING, ended=None))

    def _finish(self, session: Session, study_id: str, status: StudyStatus, error: str | None) -> None:
        now = self._clock()
        values = {"status": status, "ended": now, "error": storable(error)}
        session.execute(update(Study).where(Study.id == study_id).values(**values))
        running = update(Trial).where(Trial.study_id == study_id, Trial.status == TrialStatus.RUNNING)
        session.execute(running.values(status=TrialStatus.INTERRUPTED, ended=now))
