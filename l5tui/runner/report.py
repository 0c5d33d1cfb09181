"""A run as it is reported: by name for people, as JSON for scripts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from l5tui.analysis.caveats import caveats
from l5tui.analysis.tables import RunTables
from l5tui.store.id_paths import run_file
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace

NO_TABLES = RunTables((), (), {}, math.nan, {})


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
    integrity : tuple of str
        What is wrong with its row or its file, one line each.
    """

    record: RunRecord
    tables: RunTables | None
    workspace: Workspace
    warnings: tuple[str, ...] = ()
    integrity: tuple[str, ...] = ()

    @property
    def caveats(self) -> tuple[str, ...]:
        """What limits its measures, one line each; first what is wrong with its row or its file."""
        return self.integrity + (caveats(self.tables) if self.tables else ())

    @property
    def paths(self) -> dict[str, str | None]:
        """Absolute path of the NetCDF file and of the catalogue, and the id of the MLflow run."""
        has_file = self.record.file is not None
        return {
            "netcdf": str(run_file(self.workspace, self.record.id)) if has_file else None,
            "catalog": str(self.workspace.catalog),
            "mlflow_run": self.record.mlflow_run,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the run as one JSON object; what is not defined is null."""
        tables = self.tables or NO_TABLES
        record = self.record
        return {
            **_identity(record),
            "loss": number_or_none(tables.loss),
            "loss_terms": _numbers(tables.loss_terms),
            "targets": [_numbers(asdict(row)) for row in tables.targets],
            "selectivity": [_numbers(asdict(row)) for row in tables.selectivity],
            "cells": [_numbers(asdict(row)) for row in tables.cells],
            "weights": [_numbers(asdict(row)) for row in tables.weights],
            "summary": _numbers(tables.summary),
            "paths": self.paths,
            "timings": dict(record.timings),
            "error": record.shown_error,
            "caveats": list(self.caveats),
            "warnings": list(self.warnings),
            **_circumstances(record),
            "host": record.host,
            "git_commit": record.git_commit,
            "git_dirty": record.git_dirty,
            "versions": dict(record.versions),
            "file_sha256": record.file_sha256,
        }

    def as_json(self) -> str:
        """Return the run as JSON text, in ASCII, so that it passes through any terminal and pipe unchanged."""
        return json.dumps(self.as_dict(), indent=2, allow_nan=False)


def listing(record: RunRecord) -> dict[str, Any]:
    """Return the entry of a run in a list of runs."""
    return {
        **_identity(record),
        "loss": number_or_none(record.loss),
        "realizations": record.realizations,
        "error": record.shown_error,
        **_circumstances(record),
    }


def _identity(record: RunRecord) -> dict[str, Any]:
    return {
        "run_id": record.id,
        "status": record.shown_status,
        "name": record.name,
        "rule": record.rule,
        "variant": record.variant,
        "seed": record.seed,
        "hash": record.hash,
    }


def _circumstances(record: RunRecord) -> dict[str, Any]:
    times = {"created": record.created, "started": record.started, "ended": record.ended}
    return {
        **{name: time.isoformat() if time else None for name, time in times.items()},
        "tags": list(record.tags),
        "group": record.group_id,
        "notes": record.notes,
    }


def number_or_none(value: Any) -> Any:
    """Return a number in JSON's terms: null if it is not finite, whole ones without a decimal point."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number_or_none(value) for name, value in values.items()}
