"""The tables that a run was measured by, to and from the catalogue."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Text, case, cast, func, insert, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow, named_measures
from l5tui.analysis.targets import target_rows
from l5tui.config.measure_names import COUNT
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError
from l5tui.store.models import Base, LossTerm, Run, Selectivity, Summary, Weight


def save_tables(session: Session, run_id: str, tables: RunTables) -> None:
    """Insert a run's tables; their order is kept. The loss itself belongs to the run's own row."""
    _insert(session, Selectivity, run_id, (vars(row) for row in (*tables.selectivity, *tables.cells)))
    _insert(session, Weight, run_id, (vars(row) for row in tables.weights))
    _insert(session, Summary, run_id, ({"name": k, "value": v} for k, v in tables.summary.items()))
    _insert(session, LossTerm, run_id, ({"term": k, "value": v} for k, v in tables.loss_terms.items()))


def load_tables(session: Session, run_id: str) -> RunTables:
    """Return a run's saved tables; empty if the run has none.

    How far it was from its targets is not saved but worked out: it follows from the tables and the experiment.
    """
    rows = [SelectivityRow(**row) for row in _rows(session, Selectivity, run_id)]
    loss = session.scalar(select(type_coerce(Run.loss, NullType())).where(Run.id == run_id))
    cells = tuple(row for row in rows if row.statistic == COUNT)
    tables = RunTables(
        selectivity=tuple(row for row in rows if row.statistic != COUNT),
        # Counts are all there, or there are none, as for runs of earlier versions.
        cells=cells if all(math.isfinite(row.value) for row in cells) else (),
        weights=tuple(WeightRow(**row) for row in _rows(session, Weight, run_id)),
        summary={row["name"]: row["value"] for row in _rows(session, Summary, run_id)},
        loss=float(loss) if isinstance(loss, int | float) else math.nan,
        loss_terms={row["term"]: row["value"] for row in _rows(session, LossTerm, run_id)},
    )
    return _with_targets(session, run_id, tables) if "targets" in tables.loss_terms else tables


def _with_targets(session: Session, run_id: str, tables: RunTables) -> RunTables:
    toml = session.scalar(select(cast(Run.toml, Text)).where(Run.id == run_id)) or ""
    try:
        targets = validate_stored(parse_toml(toml), f"run {run_id}").targets
    except ConfigError:
        return tables  # the row is another experiment's, or damaged, which `l5tui doctor` reports
    return replace(tables, targets=target_rows(named_measures(tables), targets))


def _insert(session: Session, model: type[Base], run_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    numbered = [{**row, "run_id": run_id, "position": position} for position, row in enumerate(rows)]
    if numbered:
        session.execute(insert(model.__table__), numbered)  # type: ignore[arg-type]


def _rows(session: Session, model: type[Base], run_id: str) -> Iterable[dict[str, Any]]:
    table = model.__table__
    wanted = [column for column in table.columns if column.name not in ("run_id", "position")]
    # What is not a number in a damaged catalogue is not defined.
    chosen = [
        case((func.typeof(column).in_(("real", "integer")), column), else_=None).label("value")
        if column.name == "value"
        else cast(column, Text).label(column.name)
        for column in wanted
    ]
    query = select(*chosen).where(table.c.run_id == run_id).order_by(table.c.position)
    return ({**row._mapping, "value": _nan(row.value)} for row in session.execute(query))


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


def count_damaged_measures(session: Session, run_id: str) -> int:
    """Return how many of the numbers that a run was measured by are none in its catalogue."""
    count = 0
    for model in (Selectivity, Weight, Summary, LossTerm):
        columns = model.__table__.c
        is_other = func.typeof(columns.value).not_in(("real", "integer", "null"))
        count += session.scalar(select(func.count()).where(columns.run_id == run_id, is_other)) or 0
    return count
