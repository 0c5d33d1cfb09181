"""Finding and listing runs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from itertools import count
from typing import Any

from sqlalchemy import Integer, Select, cast, func, or_, select
from sqlalchemy.orm import Session

from l5tui.errors import UnknownRunError
from l5tui.store.models import Run, RunTag, Summary
from l5tui.store.records import RunRecord, RunStatus
from l5tui.store.row_reading import RowReader
from l5tui.store.run_id import ALPHABET, is_run_id, require_run_id
from l5tui.store.study_models import Study

CANDIDATES_SHOWN = 5

RUN, TAG = Run.__table__.c, RunTag.__table__.c

ELSEWHERE = ("tags", "realizations", "damage")
"""The last fields of a `RunRecord`, which are no columns of a run."""

ROWS = RowReader([RUN[field.name] for field in fields(RunRecord) if field.name not in ELSEWHERE])
"""Reads the fields of a `RunRecord` that are columns of a run, in its order."""

LEGAL_ID = "[0-9]" * 8 + "-" + "[0-9]" * 6 + "-" + f"[{ALPHABET}]" * 6
"""Ids of the pattern, as SQLite's GLOB takes it; months and days may not exist."""

REALIZATIONS = (
    select(cast(Summary.value, Integer))
    .where(Summary.run_id == Run.id, Summary.name == "realizations")
    .correlate(Run)
    .scalar_subquery()
)


def list_runs(
    session: Session,
    *,
    status: RunStatus | None,
    rule: str | None,
    tag: str | None,
    group: str | None,
    limit: int | None,
    among: Sequence[str] | None = None,
) -> list[RunRecord]:
    """Return runs, newest first; see `l5tui.store.catalog.Catalog.runs`."""
    ids = select(RUN.id).order_by(RUN.id.desc())
    if among is not None:
        # One parameter, however many there are: SQLite limits their number.
        given = func.json_each(json.dumps(list(among))).table_valued("value")
        ids = ids.where(RUN.id.in_(select(given.c.value)))
    if status is not None:
        ids = ids.where(RUN.status == status)
    if rule is not None:
        ids = ids.where(RUN.rule == rule)
    if tag is not None:
        ids = ids.where(RUN.id.in_(select(TAG.run_id).where(TAG.tag == tag)))
    if group is not None:
        ids = ids.where(RUN.group_id == group)
    return records(session, ids.limit(limit))


def list_untracked(session: Session, limit: int) -> list[RunRecord]:
    """Return runs that have ended without an MLflow run; see `l5tui.store.catalog.Catalog.untracked`."""
    ended = [status for status in RunStatus if status.is_final]
    ids = select(RUN.id).where(RUN.mlflow_run.is_(None), RUN.status.in_(ended)).order_by(RUN.id.desc())
    found: list[RunRecord] = []
    # A row that is damaged must not keep others from their turn.
    for start in count(0, limit):
        page = records(session, ids.limit(limit).offset(start))
        found += [run for run in page if not run.damage]
        if len(found) >= limit or len(page) < limit:
            break
    return found[:limit]


def records(session: Session, ids: Select[str]) -> list[RunRecord]:
    """Return the runs with the ids of a query, newest first: one query for them and one for their tags."""
    tags: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    tagged = select(TAG.run_id, TAG.tag).where(TAG.run_id.in_(ids)).order_by(TAG.run_id, TAG.position)
    for run_id, tag in session.execute(tagged):
        tags[run_id] += (str(tag),)
    wanted = select(*ROWS.selected, REALIZATIONS).where(RUN.id.in_(ids)).order_by(RUN.id.desc())
    return [_record(run, tags[run[0]]) for run in session.execute(wanted)]


def _record(row: Sequence[Any], tags: tuple[str, ...]) -> RunRecord:
    values, damage = ROWS.read(row)
    return RunRecord(*(*values, tags, row[-1], damage))


def greatest_id(session: Session, of: type[Run] | type[Study]) -> str | None:
    """Return the greatest legal id of the runs or the studies; None if there is none."""
    ids = select(of.id).where(of.id.op("GLOB")(LEGAL_ID)).order_by(of.id.desc())
    return next((each for each in session.scalars(ids) if is_run_id(each)), None)


def record(session: Session, run_id: str) -> RunRecord:
    """Return the run with an id.

    Raises
    ------
    UnknownRunError
        Where there is none.
    """
    found = records(session, select(Run.id).where(Run.id == run_id))
    if not found:
        raise _unknown(run_id)
    return found[0]


def find_id(session: Session, reference: str) -> str:
    """Return the id of the run that a reference names; see `l5tui.store.catalog.Catalog.find`."""
    if session.scalar(select(Run.id).limit(1)) is None:
        raise UnknownRunError("no runs yet; `l5tui run FILE` makes one")
    wanted = reference.strip().lower()
    if wanted == "last":
        if (newest := greatest_id(session, Run)) is None:
            raise UnknownRunError("no run has a legal id; see `l5tui doctor`")
        return newest
    if not wanted:
        raise _unknown(reference)
    # Every character of an id sorts before "~".
    begins = (Run.id >= wanted) & (Run.id < wanted + "~")
    matching = or_(begins, Run.id.endswith(f"-{wanted}", autoescape=True))
    found = list(session.scalars(select(Run.id).where(matching).order_by(Run.id.desc())))
    if wanted in found:
        return require_run_id(wanted)
    if len(found) == 1:
        return require_run_id(found[0])
    raise _ambiguous(reference, found) if found else _unknown(reference)


def _unknown(reference: str) -> UnknownRunError:
    return UnknownRunError(f"no run {reference!r}; `l5tui runs` lists all runs, `last` is the newest")


def _ambiguous(reference: str, found: list[str]) -> UnknownRunError:
    more = len(found) - CANDIDATES_SHOWN
    named = ", ".join(found[:CANDIDATES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return UnknownRunError(f"{reference!r} matches several ids: {named}; give more of its id")
