"""All runs as one table: a row a run, a column a parameter or measure."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from l5tui.errors import ConfigError
from l5tui.runner.report import listing
from l5tui.runner.stored_run import existing_catalog, stored_experiment
from l5tui.store.catalog import Catalog
from l5tui.store.records import RunRecord, RunStatus
from l5tui.tracking.flatten import metrics_of, parameters_of
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunTable:
    """Runs as rows.

    Parameters
    ----------
    columns : tuple of str
        What the catalogue says of a run first, then parameters by dotted key, then measures as MLflow names them.
    rows : list of list
        Newest first; None where a run has no such value.
    unreadable : int
        How many runs are without their parameters, as these were written for another l5tui.
    """

    columns: tuple[str, ...]
    rows: list[list[object]]
    unreadable: int

    def lines(self) -> list[Sequence[object]]:
        """Return the columns' names and all rows."""
        return [self.columns, *self.rows]


def run_table(
    workspace: Workspace,
    *,
    status: RunStatus | None = None,
    rule: str | None = None,
    tag: str | None = None,
    group: str | None = None,
    limit: int | None = None,
    among: Sequence[str] | None = None,
    observe: Callable[[int, int], None] = lambda done, total: None,
) -> RunTable:
    """Return the runs that match, a row each.

    Parameters
    ----------
    workspace : Workspace
    status, rule, tag, group, limit
        As `l5tui.runner.history.list_runs` takes them.
    among : sequence of str, optional
        Only runs with these ids.
    observe : callable, optional
        Called with the number of runs read so far and their total.

    Raises
    ------
    UnknownRunError
        Where the workspace has no catalogue yet.
    """
    catalog = existing_catalog(workspace)
    records = catalog.runs(status=status, rule=rule, tag=tag, group=group, limit=limit, among=among)
    sections: tuple[list[dict[str, Any]], ...] = ([], [], [])
    unreadable = 0
    for done, record in enumerate(records, 1):
        parameters = _parameters(record)
        unreadable += parameters is None
        parts = (_identity(record), parameters or {}, _measures(catalog, record))
        for section, row in zip(sections, parts, strict=True):
            section.append(row)
        observe(done, len(records))
    columns = tuple(dict.fromkeys(name for section in sections for row in section for name in row))
    whole = [one | other | more for one, other, more in zip(*sections, strict=True)]
    rows = [[row.get(name) for name in columns] for row in whole]
    return RunTable(columns, rows, unreadable)


def _identity(record: RunRecord) -> dict[str, Any]:
    return {
        **listing(record),
        "tags": json.dumps(record.tags, ensure_ascii=False),
        "file": record.file,
        "mlflow_run": record.mlflow_run,
        "l5tui": record.versions.get("l5tui"),
        "git_commit": record.git_commit,
        "git_dirty": record.git_dirty,
    }


def _parameters(record: RunRecord) -> dict[str, Any] | None:
    try:
        return dict(parameters_of(stored_experiment(record)))
    except ConfigError as error:
        log.warning("run %s is exported without its parameters: %s", record.id, error)
        return None


def _measures(catalog: Catalog, record: RunRecord) -> dict[str, float | None]:
    if record.file is None:
        return {}
    metrics = metrics_of(catalog.tables(record.id))
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}
