"""Rows of studies and trials restored from MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError
from l5tui.runner.doctor.finding import Finding
from l5tui.runner.doctor.row_repair import NOT_RECOVERED, readable_toml
from l5tui.runner.doctor.studies import checked_trials, searched, study_copies, study_faults
from l5tui.store.adoption import fill_row, fill_trial, remove_trial
from l5tui.store.inspection import inspect
from l5tui.store.studies import Studies
from l5tui.store.study_records import TrialStatus
from l5tui.tracking.recorded import recorded_run, recorded_toml
from l5tui.workspace import Workspace


def fill_studies(workspace: Workspace, found: Sequence[Finding], backup: str) -> Iterator[str]:
    """Restore what MLflow has of studies; what it has not is emptied, if it cannot be read, and reported."""
    rows = {row.id: row for row in inspect(workspace.catalog).studies}
    for each in found:
        row = rows[each.subject]
        recorded = recorded_run(workspace, row.mlflow_run)
        copies: dict[str, Any] = study_copies(recorded) if recorded else {}
        if recorded:
            copies |= {"name": recorded.name, "started": recorded.started, "ended": recorded.ended}
            copies["toml"] = readable_toml(recorded_toml(workspace, recorded.id))
            copies["error"] = recorded.tags.get("l5tui.error")
            copies["status"] = recorded.tags.get("l5tui.status")
        faults = study_faults(workspace, row)
        space = copies.get("space") or row.columns["space"]
        if copies.get("toml") is not None and not _searches(copies["toml"], space):
            copies["toml"] = None
        known = {name: value for name, value in copies.items() if value is not None}
        values = {
            name: known.get(name, row.columns[name]) for name in faults if name in known or name in row.damage
        }
        if values:
            fill_row(workspace.catalog, "study", row.id, values)
        if restored := [name for name in faults if name in known]:
            yield f"{each.where}: {', '.join(restored)} restored from MLflow; the catalogue is backed up as {backup}"
        for name in faults:
            if name not in known:
                yield f"{NOT_RECOVERED}: {each.where}: {name}: MLflow has no copy"


def restore_trials(workspace: Workspace, found: Sequence[Finding], backup: str) -> Iterator[str]:
    """Restore what MLflow has of trials; what it has not is reported.

    A trial whose point is lost is removed: what it measured belongs to no point any more. Its study runs it again
    when it is resumed.
    """
    rows = {row.id: row for row in inspect(workspace.catalog).studies}
    studies = Studies.open(workspace)
    wanted = {each.subject: each for each in found}
    for study_id in dict.fromkeys(subject.partition("/")[0] for subject in wanted):
        for checked in checked_trials(workspace, studies, rows[study_id]):
            each = wanted.get(f"{study_id}/{checked.trial.number}")
            if each is None or not checked.faults:
                continue
            known = {name: value for name, value in checked.copies.items() if name in checked.faults}
            if "metrics" in known and "metrics" not in checked.trial.damage:
                known["metrics"] = {**checked.trial.metrics, **known["metrics"]}
            lost = [name for name in checked.faults if name not in known]
            if "point" in lost:
                remove_trial(workspace.catalog, study_id, checked.trial.number)
                yield f"{NOT_RECOVERED}: {each.where}: its point; the trial is removed, and is in {backup} as it was"
                continue
            values = known | {
                name: getattr(checked.trial, name) for name in lost if name in checked.trial.damage
            }
            if "status" in known:
                values["status"] = TrialStatus(known["status"])
            fill_trial(workspace.catalog, study_id, checked.trial.number, values)
            if known:
                yield f"{each.where}: {', '.join(known)} restored; the catalogue is backed up as {backup}"
            for name in lost:
                yield f"{NOT_RECOVERED}: {each.where}: {name}: MLflow has no copy"
            if "metrics" in checked.trial.damage:
                yield f"{NOT_RECOVERED}: {each.where}: metrics: MLflow has only the main ones"


def _searches(toml: str, space: Any) -> bool:
    """Whether an experiment searches a space; one that this l5tui cannot read is believed."""
    try:
        return searched(validate_stored(parse_toml(toml)).tuning.space) == searched(space)
    except ConfigError:
        return True
