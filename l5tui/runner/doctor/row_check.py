"""Rows of runs against their files, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l5tui.config.toml_text import parse_toml
from l5tui.errors import ConfigError
from l5tui.runner.doctor.filed_run import FiledRun
from l5tui.store.catalog import storable
from l5tui.store.inspection import SeenRow, measured
from l5tui.workspace import Workspace

ALWAYS = (
    *("name", "status", "seed", "hash", "rule", "variant", "loss", "toml", "versions"),
    *("git_commit", "git_dirty", "file", "created"),
)
"""Columns that every file gives."""

BY_ATTRIBUTE: Mapping[str, str] = {
    "host": "host",
    "pid": "pid",
    "process_started": "process_started",
    "group_id": "group_id",
}
"""Columns that a file gives if it has the attribute; files of earlier versions lack some."""

WHEN_UNREADABLE = ("started", "ended", "heartbeat", "timings", "notes")
"""Columns that may have changed since the file was written, which is their copy only if they cannot be read."""


def differences(workspace: Workspace, row: SeenRow, run: FiledRun) -> list[str]:
    """Return the columns and tables in which a row is not what its run's file says.

    Parameters
    ----------
    workspace : Workspace
    row : SeenRow
    run : FiledRun
        From a file that is whole and unchanged.
    """
    filed, stored = run.record, row.columns
    optional = [name for name, attribute in BY_ATTRIBUTE.items() if attribute in run.attributes]
    pairs: dict[str, tuple[object, object]] = {
        name: (stored[name], getattr(filed, name)) for name in (*ALWAYS, *optional) if name in stored
    }
    # A loss that is not defined is NaN in a file and NULL in a row.
    pairs["loss"] = (row.loss, filed.loss if filed.loss == filed.loss else None)
    pairs["name"] = (row.name, storable(filed.name))
    pairs["error"] = (stored["error"], storable(filed.error))
    # A run stores its last phases after its file is written.
    recorded = {name: stored["timings"].get(name) for name in filed.timings}
    pairs["timings"] = (recorded, dict(filed.timings))
    kept = measured(workspace.catalog, row.id)
    pairs |= {f"table {table}": (kept[table], dict(values)) for table, values in run.values.items()}
    differing = [name for name, (ours, theirs) in pairs.items() if name in row.damage or ours != theirs]
    unreadable = [name for name in WHEN_UNREADABLE if name in row.damage and name not in differing]
    return differing + unreadable


def own_contradictions(row: SeenRow) -> dict[str, str]:
    """Return what cannot be read in a row without a file, or contradicts itself, by column."""
    found = dict(row.damage)
    if "toml" in found:
        return found
    try:
        document = parse_toml(str(row.columns["toml"]))
    except ConfigError:
        return found | {"toml": "is not TOML"}
    in_file: dict[str, Any] = {
        "name": document.get("name"),
        "seed": document.get("seed"),
        "rule": _section(document, "plasticity").get("rule"),
    }
    for name, value in in_file.items():
        if value is not None and name not in found and value != row.columns[name]:
            found["toml"] = f"is another experiment's: its {name} is {value!r:.60}"
    return found


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    return section if isinstance(section, Mapping) else {}
