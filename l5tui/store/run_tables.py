"""The tables that a run was measured by, to and from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow, named_measures
from l5tui.analysis.targets import target_rows
from l5tui.config.measure_names import COUNT
from l5tui.store.models import Base, LossTerm, Run, Selectivity, Summary, Weight


def save_tables(session: Session, run_id: str, tables: RunTables) -> None:
    """Insert a run's tables; their order is kept. The loss itself belongs to the run's own row."""
    _insert(session, Selectivity, run_id, (vars(row) for row in (*tables.selectivity, *tables.cells)))
    _insert(session, Weight, run_id, (vars(row) for row in tables.weights))
    _insert(session, Summary, run_id, ({"name": k, "value": v} for k, v in tables.summary.items()))
    _insert(session, LossTerm, run_id, ({"term": k, "value": v} for k, v in tables.loss_terms.items()))


def load_tables(session: Session, run_id: str) -> RunTables:
    """A run's tables as they were saved; empty where the run did not get that far.

    How far it was from its targets is not saved but worked out: it follows from the tables and the experiment.
    """
    rows = [SelectivityRow(**row) for row in _rows(session, Selectivity, run_id)]
    loss = session.scalar(select(Run.loss).where(Run.id == run_id))
    tables = RunTables(
        selectivity=tuple(row for row in rows if row.statistic != COUNT),
        cells=tuple(row for row in rows if row.statistic == COUNT),
        weights=tuple(WeightRow(**row) for row in _rows(session, Weight, run_id)),
        summary={row["name"]: row["value"] for row in _rows(session, Summary, run_id)},
        loss=loss if loss is not None else float("nan"),
        loss_terms={row["term"]: row["value"] for row in _rows(session, LossTerm, run_id)},
    )
    return _with_targets(session, run_id, tables) if "targets" in tables.loss_terms else tables


def _with_targets(session: Session, run_id: str, tables: RunTables) -> RunTables:
    from l5tui.config.toml_text import parse_toml
    from l5tui.config.validation import validate_stored

    toml = session.scalar(select(Run.toml).where(Run.id == run_id)) or ""
    targets = validate_stored(parse_toml(toml), f"run {run_id}").targets
    return replace(tables, targets=target_rows(named_measures(tables), targets))


def _insert(session: Session, model: type[Base], run_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    numbered = [{**row, "run_id": run_id, "position": position} for position, row in enumerate(rows)]
    if numbered:
        session.execute(insert(model.__table__), numbered)  # type: ignore[arg-type]


def _rows(session: Session, model: type[Base], run_id: str) -> Iterable[dict[str, Any]]:
    table = model.__table__
    wanted = [column for column in table.columns if column.name not in ("run_id", "position")]
    query = select(*wanted).where(table.c.run_id == run_id).order_by(table.c.position)
    return (dict(row._mapping) for row in session.execute(query))
