"""Rows of runs restored: from their files, from MLflow, and with legal ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from l5tui.config.toml_text import parse_toml
from l5tui.errors import ConfigError, StoreError
from l5tui.runner.doctor.files import Files
from l5tui.runner.doctor.finding import Finding
from l5tui.runner.doctor.recovered_labels import with_recovered_labels
from l5tui.runner.doctor.row_check import own_contradictions
from l5tui.store.adoption import fill_row, give_id, restore
from l5tui.store.id_paths import run_file
from l5tui.store.inspection import Inspected, SeenRow, inspect
from l5tui.store.run_id import EPOCH, is_run_id, make_run_id
from l5tui.tracking.inspection import MlflowRun
from l5tui.tracking.recorded import RecordedRun, recorded_run, recorded_toml
from l5tui.workspace import Workspace

NOT_RECOVERED = "not recovered"
"""How a line of a repair begins that reports a loss."""


def restore_rows(
    workspace: Workspace, files: Files, found: Sequence[Finding], known: Mapping[str, MlflowRun], backup: str
) -> Iterator[str]:
    """Restore rows from the files of their runs; yields a line each."""
    for each in found:
        run = files.run(run_file(workspace, each.subject), whole=True)
        record = run.record
        lost: list[str] = []
        if "notes" in each.columns:
            record, lost = with_recovered_labels(workspace, record, known.get(each.subject))
        restore(workspace.catalog, record, run.tables, each.columns)
        yield f"{each.where}: agrees with its file now; the catalogue is backed up as {backup}"
        yield from (f"{NOT_RECOVERED}: {line}" for line in lost)


def fill_rows(workspace: Workspace, found: Sequence[Finding], backup: str) -> Iterator[str]:
    """Restore what MLflow has of rows that no file can restore; what it has not is emptied and reported."""
    rows = {row.id: row for row in inspect(workspace.catalog).runs}
    for each in found:
        row = rows[each.subject]
        recorded = recorded_run(workspace, row.mlflow_run)
        copies = run_copies(recorded, recorded_toml(workspace, recorded.id)) if recorded else {}
        faults = own_contradictions(row)
        # Of a text that can be read and is another experiment's nothing better is known without a copy.
        values = {
            name: copies.get(name, row.columns[name])
            for name in faults
            if name in copies or name in row.damage
        }
        if values:
            fill_row(workspace.catalog, "run", row.id, values)
        restored = [name for name in faults if name in copies]
        if restored:
            yield f"{each.where}: {', '.join(restored)} restored from MLflow; the catalogue is backed up as {backup}"
        for name in faults:
            if name not in copies:
                yield f"{NOT_RECOVERED}: {each.where}: {name}: neither a file nor MLflow has a copy of it"


def run_copies(recorded: RecordedRun, toml: str | None) -> dict[str, Any]:
    """Return what MLflow has of the columns of a run."""
    tags = recorded.tags
    known: dict[str, Any] = {
        "name": recorded.name or None,
        "hash": tags.get("l5tui.hash"),
        "rule": tags.get("l5tui.rule"),
        "variant": tags.get("l5tui.variant"),
        "status": tags.get("l5tui.status"),
        "error": tags.get("l5tui.error"),
        "notes": tags.get("mlflow.note.content", ""),
        "toml": readable_toml(toml),
        "started": recorded.started,
        "ended": recorded.ended,
        "group_id": tags.get("l5tui.group"),
        "git_commit": tags.get("mlflow.source.git.commit"),
    }
    if (seed := recorded.parameters.get("seed", "")).isdecimal():
        known["seed"] = int(seed)
    return {name: value for name, value in known.items() if value is not None}


def readable_toml(text: str | None) -> str | None:
    """Return a text that is TOML and says something; None for another."""
    try:
        return text if text and parse_toml(text) else None
    except ConfigError:
        return None


def give_legal_ids(
    workspace: Workspace, files: Files, found: Sequence[Finding], table: str, backup: str
) -> Iterator[str]:
    """Give rows of illegal ids the id of their file or of MLflow's record, else a new one; yields a line each."""
    inspected = inspect(workspace.catalog)
    rows = {row.id: row for row in (inspected.runs if table == "run" else inspected.studies)}
    taken = {row.id for row in (*inspected.runs, *inspected.studies)}
    for each in found:
        row = rows[each.subject]
        new = _own_id(workspace, files, row, inspected, table) or _new_id(row.created, taken)
        taken.add(new)
        give_id(workspace.catalog, table, row.id, new)
        yield f"{each.where}: is {table} {new} now; the catalogue is backed up as {backup}"


def _own_id(workspace: Workspace, files: Files, row: SeenRow, inspected: Inspected, table: str) -> str | None:
    """Return the id that a row had: that of the file with its digest, or that which MLflow has recorded."""
    taken = {other.id for other in (inspected.runs if table == "run" else inspected.studies)}
    if table == "run" and row.file_sha256:
        for path in files.found():
            if (
                is_run_id(path.stem)
                and path.stem not in taken
                and _has_digest(files, path.stem, row, workspace)
            ):
                return path.stem
    recorded = recorded_run(workspace, row.mlflow_run)
    tagged = recorded.tags.get(f"l5tui.{table}_id", "") if recorded else ""
    return tagged if is_run_id(tagged) and tagged not in taken else None


def _has_digest(files: Files, run_id: str, row: SeenRow, workspace: Workspace) -> bool:
    try:
        return files.digest(run_file(workspace, run_id)) == row.file_sha256
    except (StoreError, OSError):
        return False


def _new_id(created: datetime, taken: set[str]) -> str:
    moment = max(created, EPOCH)
    while (new := make_run_id(moment)) in taken:
        pass
    return new
