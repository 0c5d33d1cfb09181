"""Rows of the catalogue without a run behind them, for tests of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.workspace import Workspace


def add_runs(workspace: Workspace, names: Sequence[str], **values: Any) -> list[RunRecord]:
    """Store a failed run of each name, oldest first.

    Parameters
    ----------
    workspace : Workspace
    names : sequence of str
    **values : str
        Other fields of `NewRun`.
    """
    catalog = Catalog.open(workspace)
    added = []
    for number, name in enumerate(names):
        fields: dict[str, Any] = {
            "hash": f"{number:064x}",
            "toml": f'name = "{name}"\n',
            "variant": "corrected",
            "rule": "oja",
            "host": "elsewhere",
            **values,
        }
        run = catalog.start(NewRun(name=name, seed=number, pid=1, process_started=None, **fields))
        added.append(catalog.end(run.id, status=RunStatus.FAILED, error="not simulated"))
    return added
