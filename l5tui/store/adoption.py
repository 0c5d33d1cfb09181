"""Rows that are made from files, rather than by the run that wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, update

from l5tui.analysis.tables import RunTables
from l5tui.store.catalog import storable
from l5tui.store.database import Database
from l5tui.store.models import LossTerm, Run, RunTag, Selectivity, Summary, Weight
from l5tui.store.records import RunRecord
from l5tui.store.run_tables import save_tables
from l5tui.store.search import ELSEWHERE

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
    values: dict[str, Any] = {name: getattr(run, name) for name in FROM_THE_FILE}
    values.update(name=storable(run.name), error=storable(run.error), versions=dict(run.versions))
    # Of a run that was killed when its file was in place already.
    values["ended"] = func.coalesce(Run.ended, run.ended)
    with Database(catalogue).session(write=True) as session:
        session.execute(update(Run).where(Run.id == run.id).values(**values))
        for table in (Selectivity, Weight, Summary, LossTerm):
            session.execute(delete(table).where(table.run_id == run.id))
        save_tables(session, run.id, tables)
