"""The row of a run, from its file alone: read in a child, checked here, as the file may be anybody's."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow
from l5tui.config.measure_names import COUNT
from l5tui.config.toml_text import parse_toml
from l5tui.errors import ConfigError, StoreError
from l5tui.store.records import RunRecord, RunStatus
from l5tui.store.run_id import is_run_id

LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class FiledRun:
    """A run as its file describes it.

    Parameters
    ----------
    record : RunRecord
    tables : RunTables
    values : mapping
        The measures by the catalogue's table, each under its names.
    attributes : set of str
        Names of the attributes that the file has; files of earlier versions lack some.
    """

    record: RunRecord
    tables: RunTables
    values: Mapping[str, Mapping[tuple[str, ...], float | None]]
    attributes: frozenset[str] = frozenset()


def filed_run(path: Path, file: str, sha256: str, read: Mapping[str, Any]) -> FiledRun:
    """Check what was read of a file and make a row of it.

    Parameters
    ----------
    path : Path
    file : str
        The path as the catalogue keeps it.
    sha256 : str
        The file's digest.
    read : mapping
        From `l5tui.runner.doctor.file_reading.FileReader.read`.

    Raises
    ------
    StoreError
        Where it is not whole, or is not what it is named after.
    """
    attributes = _Attributes(read["attributes"])
    run_id = attributes.text("run_id")
    if not is_run_id(run_id) or run_id != path.stem:
        raise StoreError(f"has the id of run {run_id[:40]!r}")
    toml = attributes.text("experiment_toml", longest=2_000_000)
    status = attributes.text("status")
    if status not in (RunStatus.COMPLETED, RunStatus.DIVERGED):
        raise StoreError(f"has the status {status[:40]!r}")
    name, notes, tags = _labels(toml, attributes.text("name"))
    created = attributes.moment("created")
    record = RunRecord(
        id=run_id,
        name=name,
        status=RunStatus(status),
        created=created,
        started=created,
        ended=attributes.moment("measured", datetime.fromtimestamp(path.stat().st_mtime, UTC)),
        heartbeat=attributes.moment("measured", created),
        host=attributes.text("host"),
        pid=attributes.number("pid", 0),
        process_started=attributes.text("process_started", "") or None,
        seed=attributes.number("seed"),
        hash=attributes.text("experiment_hash"),
        toml=toml,
        variant=attributes.text("variant"),
        rule=attributes.text("rule"),
        notes=notes,
        git_commit=attributes.text("git_commit", "") or None,
        git_dirty=attributes.mapping_or_switch("git_dirty"),
        versions=attributes.mapping("versions"),
        file=file,
        file_sha256=sha256,
        loss=_nan(read["loss"]),
        error=attributes.text("error", "") or _divergence(read["outcomes"]),
        mlflow_run=None,
        timings=attributes.mapping("timings", "{}"),
        group_id=attributes.text("group_id", "") or None,
        tags=tags,
    )
    return FiledRun(record, _tables(read), _values(read), frozenset(read["attributes"]))


class _Attributes:
    """Attributes of a file, each read with its expected type."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found

    def text(self, name: str, default: str | None = None, longest: int = LONGEST_TEXT) -> str:
        value = self._found.get(name, default)
        if not isinstance(value, str) or len(value) > longest:
            raise StoreError(f"is not a run of l5tui: it has no usable attribute {name}")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        value = self._found.get(name, default)
        if not isinstance(value, int) or not 0 <= value < 2**63:
            raise StoreError(f"is not a run of l5tui: it has no usable attribute {name}")
        return value

    def moment(self, name: str, default: datetime | None = None) -> datetime:
        if default is not None and name not in self._found:
            return default
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise StoreError(f"is not a run of l5tui: its attribute {name} is no time")
        return moment

    def mapping(self, name: str, default: str | None = None) -> dict[str, Any]:
        value = self._json(name, default)
        if not isinstance(value, dict):
            raise StoreError(f"is not a run of l5tui: its attribute {name} is no JSON object")
        return value

    def mapping_or_switch(self, name: str) -> bool | None:
        value = self._json(name, "null")
        return value if isinstance(value, bool) else None

    def _json(self, name: str, default: str | None) -> Any:
        try:
            return json.loads(self.text(name, default))
        except ValueError as error:
            raise StoreError(f"is not a run of l5tui: its attribute {name} is no JSON") from error


def _labels(toml: str, short: str) -> tuple[str, str, tuple[str, ...]]:
    """Name, notes and tags; the rest of an experiment of another l5tui need not be known to this one."""
    try:
        document = parse_toml(toml)
    except ConfigError as error:
        raise StoreError("is not a run of l5tui: its experiment is no TOML") from error
    notes, tags = document.get("notes", ""), document.get("tags", [])
    kept = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
    # NetCDF ends a text at its first NUL.
    name = document.get("name")
    is_longer = isinstance(name, str) and name.partition("\0")[0] == short
    return (str(name) if is_longer else short), (notes if isinstance(notes, str) else ""), kept


def _divergence(outcomes: list[str]) -> str | None:
    """Return the error text that `l5tui.runner.run` stores for diverged runs; older files have only the outcomes."""
    diverged = [(index, outcome) for index, outcome in enumerate(outcomes, 1) if "not finite" in outcome]
    if not diverged:
        return None
    index, outcome = diverged[0]
    return f"{len(diverged)} of {len(outcomes)} realizations diverged; in realization {index} {outcome}"


def _tables(read: Mapping[str, Any]) -> RunTables:
    rows = [SelectivityRow(*_names(r), _nan(r[-1])) for r in read["selectivity"]]
    return RunTables(
        selectivity=tuple(row for row in rows if row.statistic != COUNT),
        cells=tuple(row for row in rows if row.statistic == COUNT),
        weights=tuple(WeightRow(*_names(r), _nan(r[-1])) for r in read["weight"]),
        summary={str(name): _nan(value) for name, value in read["summary"]},
        loss=_nan(read["loss"]),
        loss_terms={str(name): _nan(value) for name, value in read["loss_term"]},
    )


def _names(row: list[Any]) -> tuple[str, str, str, str]:
    a, b, c, d, _ = row
    return str(a), str(b), str(c), str(d)


def _values(read: Mapping[str, Any]) -> dict[str, dict[tuple[str, ...], float | None]]:
    tables = ("selectivity", "weight", "summary", "loss_term")
    return {table: {tuple(row[:-1]): row[-1] for row in read[table]} for table in tables}


def _nan(value: Any) -> float:
    return math.nan if value is None else float(value)
