"""Rows that are written from files, rather than by the process of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlalchemy.orm import Session

from l5tui.analysis.tables import RunTables
from l5tui.store.catalog import storable
from l5tui.store.database import Database
from l5tui.store.models import LossTerm, Run, RunTag, Selectivity, Summary, Weight
from l5tui.store.records import RunRecord
from l5tui.store.run_tables import save_tables
from l5tui.store.search import ELSEWHERE, record

FROM_THE_FILE = (
    *("name", "status", "seed", "hash", "toml", "variant", "rule", "file", "file_sha256", "loss", "error"),
    *("versions", "git_commit", "git_dirty"),
)
"""Columns of which the file has the last word; tags, notes and the like may have been changed since."""


def adopt(catalogue: Path, run: RunRecord, tables: RunTables) -> None:
    """Add the row of a run that has a file and no row.

    Parameters
    ----------
    catalogue : Path
        With its tables in place.
    run : RunRecord
    tables : RunTables
    """
    values = {name: value for name, value in vars(run).items() if name not in ELSEWHERE}
    values.update(name=storable(run.name), notes=storable(run.notes), error=storable(run.error))
    values.update(versions=dict(run.versions), timings=dict(run.timings))
    with Database(catalogue).session(write=True) as session:
        session.execute(insert(Run).values(**values))
        for position, tag in enumerate(dict.fromkeys(run.tags)):
            session.execute(insert(RunTag).values(run_id=run.id, tag=storable(tag), position=position))
        save_tables(session, run.id, tables)


def restore(catalogue: Path, run: RunRecord, tables: RunTables) -> None:
    """Make a row say again what the run's file says; what was changed since on purpose stays."""
    with Database(catalogue).session(write=True) as session:
        # MLflow has a run that was closed as failed without its measures.
        is_closed = record(session, run.id).file is None
        _restore(session, run, tables, **({"mlflow_run": None} if is_closed else {}))


def complete_from_file(
    catalogue: Path, run: RunRecord, tables: RunTables, wait_s: float | None = None
) -> bool:
    """Complete the row of a run that is marked as running, from the run's file.

    Parameters
    ----------
    catalogue : Path
    run : RunRecord
        From the file.
    tables : RunTables
    wait_s : float, optional
        Seconds to wait for a lock that another process holds.

    Returns
    -------
    bool
        False where the row has ended meanwhile, and stays as it is.
    """
    with Database(catalogue, wait_s).session(write=True) as session:
        if record(session, run.id).status.is_final:
            return False
        _restore(session, run, tables, timings=dict(run.timings))
        return True


def _restore(session: Session, run: RunRecord, tables: RunTables, **more: Any) -> None:
    values: dict[str, Any] = {name: getattr(run, name) for name in FROM_THE_FILE}
    values.update(name=storable(run.name), error=storable(run.error), versions=dict(run.versions))
    # Of a run that was killed when its file was in place already.
    values["ended"] = func.coalesce(Run.ended, run.ended)
    session.execute(update(Run).where(Run.id == run.id).values(**values, **more))
    for table in (Selectivity, Weight, Summary, LossTerm):
        session.execute(delete(table).where(table.run_id == run.id))
    save_tables(session, run.id, tables)
