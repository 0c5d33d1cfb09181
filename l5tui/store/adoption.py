"""Rows that are written from files, rather than by the process of the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, literal, text, update
from sqlalchemy.orm import Session

from l5tui.analysis.tables import RunTables
from l5tui.store.catalog import storable
from l5tui.store.columns import UtcDateTime
from l5tui.store.database import Database
from l5tui.store.models import LossTerm, Run, RunTag, Selectivity, Summary, Weight
from l5tui.store.records import RunRecord
from l5tui.store.run_id import require_run_id
from l5tui.store.run_tables import save_tables
from l5tui.store.search import ELSEWHERE, RUN, record
from l5tui.store.study_models import Study, Trial

FROM_THE_FILE = (
    *("name", "status", "seed", "hash", "toml", "variant", "rule", "file", "file_sha256", "loss", "error"),
    *("versions", "git_commit", "git_dirty", "created"),
)
"""Columns of which the file has the last word; tags, notes and the like may have been changed since."""

RUN_TABLES = (RunTag, Selectivity, Weight, Summary, LossTerm)
"""What belongs to a run; all but the first is measured."""


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


def restore(catalogue: Path, run: RunRecord, tables: RunTables, columns: Collection[str] = ()) -> None:
    """Make a row say again what the run's file says; what was changed since on purpose stays.

    Parameters
    ----------
    catalogue : Path
    run : RunRecord
        From the file.
    tables : RunTables
    columns : collection of str, optional
        Columns that are restored beside those of `FROM_THE_FILE`; phases that only the row times stay.
    """
    with Database(catalogue).session(write=True) as session:
        before = record(session, run.id)
        more: dict[str, Any] = {
            name: getattr(run, name) for name in set(RUN.keys()) & set(columns) if name not in FROM_THE_FILE
        }
        if "timings" in more:
            more["timings"] = {**before.timings, **run.timings}
        if "notes" in more:
            more["notes"] = storable(run.notes)
        if before.file is None:
            # MLflow has a run that was closed as failed without its measures.
            more["mlflow_run"] = None
        _restore(session, run, tables, **more)


def give_id(catalogue: Path, table: str, old: str, new: str) -> None:
    """Give a run or a study another id, with all that belongs to it.

    Parameters
    ----------
    catalogue : Path
    table : {"run", "study"}
    old, new : str
        Ids; the new one has to be legal and free.
    """
    require_run_id(new)
    own, others = (Run, RUN_TABLES) if table == "run" else (Study, (Trial,))
    with Database(catalogue).session(write=True) as session:
        # Rows that refer to the id are changed after it, in the same transaction.
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.execute(update(own).where(own.id == old).values(id=new))
        for other in others:
            column = getattr(other, f"{table}_id")
            session.execute(update(other).where(column == old).values({column: new}))


def fill_row(catalogue: Path, table: str, row_id: str, values: Mapping[str, Any]) -> None:
    """Replace what cannot be read in the row of a run or a study.

    Parameters
    ----------
    catalogue : Path
    table : {"run", "study"}
    row_id : str
    values : mapping
        By column.
    """
    own = Run if table == "run" else Study
    with Database(catalogue).session(write=True) as session:
        session.execute(update(own).where(own.id == row_id).values(**values))


def remove_trial(catalogue: Path, study_id: str, number: int) -> None:
    """Remove the row of a trial; its study runs it again when it is resumed."""
    with Database(catalogue).session(write=True) as session:
        session.execute(delete(Trial).where(Trial.study_id == study_id, Trial.number == number))


def fill_trial(catalogue: Path, study_id: str, number: int, values: Mapping[str, Any]) -> None:
    """Replace what cannot be read in the row of a trial."""
    of_trial = update(Trial).where(Trial.study_id == study_id, Trial.number == number)
    with Database(catalogue).session(write=True) as session:
        session.execute(of_trial.values(**values))


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
    values.update(name=storable(run.name), error=storable(run.error), versions=dict(run.versions), **more)
    # Of a run that was killed when its file was in place already.
    values.setdefault("ended", func.coalesce(Run.ended, literal(run.ended, UtcDateTime)))
    session.execute(update(Run).where(Run.id == run.id).values(**values))
    for table in RUN_TABLES[1:]:
        session.execute(delete(table).where(table.run_id == run.id))
    save_tables(session, run.id, tables)
