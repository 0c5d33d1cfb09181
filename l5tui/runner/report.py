"""A run as it is reported: by name for people, as JSON for scripts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from l5tui.analysis.tables import RunTables
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace


@dataclass(frozen=True)
class RunReport:
    """What there is to say of a run.

    Parameters
    ----------
    record : RunRecord
        Its row in the catalogue.
    tables : RunTables or None
        Its measures; None where it has none.
    workspace : Workspace
    warnings : tuple of str
        What fell short without spoiling the run.
    """

    record: RunRecord
    tables: RunTables | None
    workspace: Workspace
    warnings: tuple[str, ...] = ()

    @property
    def paths(self) -> dict[str, str | None]:
        """Absolute path of the NetCDF file and of the catalogue, and the id of the MLflow run."""
        file = self.record.file
        return {
            "netcdf": str(self.workspace.root / file) if file else None,
            "catalog": str(self.workspace.catalog),
            "mlflow_run": self.record.mlflow_run,
        }

    def as_dict(self) -> dict[str, Any]:
        """The run as one JSON object; what is not defined is null."""
        tables = self.tables or RunTables((), (), {}, math.nan, {})
        record = self.record
        return {
            "run_id": record.id,
            "status": str(record.status),
            "name": record.name,
            "rule": record.rule,
            "variant": record.variant,
            "seed": record.seed,
            "hash": record.hash,
            "loss": _number(tables.loss),
            "loss_terms": _numbers(tables.loss_terms),
            "selectivity": [_numbers(asdict(row)) for row in tables.selectivity],
            "weights": [_numbers(asdict(row)) for row in tables.weights],
            "summary": _numbers(tables.summary),
            "paths": self.paths,
            "timings": _numbers(record.timings),
            "error": record.error,
            "warnings": list(self.warnings),
            **listing(record, full=True),
        }

    def as_json(self) -> str:
        """The run as JSON text."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)


def listing(record: RunRecord, *, full: bool = False) -> dict[str, Any]:
    """What a list of runs says of each; with `full`, what a run's own page says besides its measures."""
    times = {name: getattr(record, name) for name in ("created", "started", "ended")}
    shared = {
        **{name: time.isoformat() if time else None for name, time in times.items()},
        "tags": list(record.tags),
        "notes": record.notes,
    }
    if full:
        return {
            **shared,
            "host": record.host,
            "git_commit": record.git_commit,
            "git_dirty": record.git_dirty,
            "versions": dict(record.versions),
            "file_sha256": record.file_sha256,
        }
    return {
        "run_id": record.id,
        "status": str(record.status),
        "name": record.name,
        "rule": record.rule,
        "variant": record.variant,
        "seed": record.seed,
        "hash": record.hash,
        "loss": _number(record.loss),
        "error": record.error,
        **shared,
    }


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _number(value) for name, value in values.items()}
