"""Rows of studies and trials against themselves and against MLflow, which has the only other copy of them."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from l5tui.config.toml_text import parse_toml
from l5tui.config.tuning import Range
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError, StoreError
from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.store.inspection import CatalogueState, Inspected, SeenRow
from l5tui.store.studies import Studies
from l5tui.store.study_records import TrialRecord
from l5tui.tracking.limits import LONGEST_PARAMETER, LONGEST_TAG, parameter_text
from l5tui.tracking.recorded import RecordedRun, recorded_run, recorded_runs
from l5tui.tracking.tracked_run import legal_names
from l5tui.workspace import Workspace


def check_ids(inspected: Inspected) -> Iterator[Finding]:
    """Whether every run and study has a legal id."""
    for kind, name, rows in (
        (Kind.ROW_ILLEGAL, "run", inspected.runs),
        (Kind.STUDY_ILLEGAL, "study", inspected.studies),
    ):
        for row in rows:
            if not row.is_legal:
                text = f"has an illegal id: {row.damage.get('id', 'it is not the id of a run or study')}"
                yield Finding(kind, f"{name} {row.id[:60]!r}", text, subject=row.id, columns=("id",))


def check_studies(workspace: Workspace, inspected: Inspected) -> Iterator[Finding]:
    """Whether the rows of studies and trials can be read, agree with each other and with MLflow."""
    legal = [row for row in inspected.studies if row.is_legal]
    if not legal or inspected.state is not CatalogueState.GOOD:
        return
    studies = Studies.open(workspace)
    for row in legal:
        if faults := study_faults(workspace, row):
            text = ", ".join(f"{name} {what}" for name, what in faults.items())
            yield Finding(
                Kind.STUDY_DAMAGED,
                f"study {row.id}",
                f"is damaged: {text}",
                subject=row.id,
                columns=tuple(faults),
            )
        if "space" in faults:
            continue  # what a point has to be is not known yet
        try:
            checked = checked_trials(workspace, studies, row)
        except StoreError as error:
            yield Finding(Kind.CATALOGUE_UNUSABLE, f"study {row.id}", str(error), "check that it can be read")
            continue
        for each in checked:
            if each.faults:
                text = ", ".join(f"{name} {what}" for name, what in each.faults.items())
                yield Finding(
                    Kind.TRIAL_DISAGREES,
                    f"trial {each.trial.number} of study {row.id}",
                    f"is damaged: {text}",
                    subject=f"{row.id}/{each.trial.number}",
                    columns=tuple(each.faults),
                )


def study_faults(workspace: Workspace, row: SeenRow) -> dict[str, str]:
    """Return what is wrong with a study's row, by column."""
    found = dict(row.damage)
    recorded = recorded_run(workspace, row.mlflow_run)
    copies = study_copies(recorded) if recorded else {}
    for name, copy in copies.items():
        if name not in found and row.columns[name] != copy:
            found[name] = f"is {str(row.columns[name])[:60]!r}, and {str(copy)[:60]!r} in MLflow"
    if "toml" not in found and "space" not in found and (what := _wrong_toml(row)):
        found["toml"] = what
    return found


def _wrong_toml(row: SeenRow) -> str | None:
    """Return the fault of a study's experiment; None if there is none."""
    text = str(row.columns["toml"])
    try:
        document = parse_toml(text)
    except ConfigError:
        return "is not TOML"
    try:
        experiment = validate_stored(document)
    except ConfigError:
        return None  # of another l5tui, or of a package that is not installed
    if searched(experiment.tuning.space) != searched(row.columns["space"]):
        return "is another experiment's: it searches another space"
    named = document.get("name")
    if named is not None and named != row.name:
        return f"is another experiment's: its name is {str(named)[:60]!r}"
    return None


def searched(space: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Return the ends or the choices of each searched parameter, of an experiment or of a row."""
    found: dict[str, tuple[Any, ...]] = {}
    for path, spread in space.items():
        if isinstance(spread, Range):
            found[path] = (spread.low, spread.high)
        elif isinstance(spread, Mapping):
            found[path] = tuple(spread["choices"]) if "choices" in spread else (spread["low"], spread["high"])
        else:
            found[path] = tuple(spread)
    return found


def study_copies(recorded: RecordedRun) -> dict[str, Any]:
    """Return what MLflow has of the columns of a study that never change."""
    parameters = recorded.parameters
    copies: dict[str, Any] = {}
    for name in ("method", "objective"):
        if name in parameters:
            copies[name] = parameters[name]
    if parameters.get("maximize") in ("true", "false"):
        copies["maximize"] = parameters["maximize"] == "true"
    if parameters.get("search_seed", "").isdecimal():
        copies["seed"] = int(parameters["search_seed"])
    if "l5tui.hash" in recorded.tags:
        copies["hash"] = recorded.tags["l5tui.hash"]
    space = {
        name.removeprefix("space/"): text for name, text in parameters.items() if name.startswith("space/")
    }
    try:
        if space and max(map(len, space.values())) < LONGEST_PARAMETER:
            copies["space"] = {path: ast.literal_eval(text) for path, text in space.items()}
    except (ValueError, SyntaxError):
        pass  # written by another version
    return copies


@dataclass(frozen=True)
class CheckedTrial:
    """A trial with what is wrong with its row.

    Parameters
    ----------
    trial : TrialRecord
    faults : mapping of str to str
        By column.
    copies : mapping
        What MLflow has of the columns, or what follows from others.
    """

    trial: TrialRecord
    faults: Mapping[str, str]
    copies: Mapping[str, Any]


def checked_trials(workspace: Workspace, studies: Studies, row: SeenRow) -> list[CheckedTrial]:
    """Compare the trials of a study with MLflow's runs of them.

    Raises
    ------
    StoreError
        If the catalogue cannot be read.
    """
    trials = studies.all_trials(row.id)
    recorded = recorded_runs(workspace, [each.mlflow_run for each in trials if each.mlflow_run])
    return [_checked(each, row, recorded.get(each.mlflow_run or "")) for each in trials]


def _checked(trial: TrialRecord, row: SeenRow, recorded: RecordedRun | None) -> CheckedTrial:
    faults = dict(trial.damage)
    is_its = recorded is not None and (
        recorded.tags.get("l5tui.study_id"),
        recorded.tags.get("l5tui.trial"),
    ) == (row.id, str(trial.number))
    copies = _trial_copies(trial, row, recorded) if recorded and is_its else _implied(trial, row)
    for name, copy in copies.items():
        ours = getattr(trial, name)
        if name == "metrics":
            differs = any(ours.get(key) != value for key, value in copy.items())
            if differs and name not in faults:
                faults[name] = "differ from those in MLflow"
        elif name not in faults and ours != copy and not (_is_nan(ours) and _is_nan(copy)):
            faults[name] = f"is {str(ours)[:40]!r}, and {str(copy)[:40]!r} in MLflow"
    return CheckedTrial(trial, faults, copies)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _implied(trial: TrialRecord, row: SeenRow) -> dict[str, Any]:
    """Return the values that follow from a trial's measures, without MLflow: the objective is one of them."""
    value = trial.metrics.get(str(row.columns["objective"]))
    return {"value": float(value)} if value is not None and str(trial.status) == "completed" else {}


def _trial_copies(trial: TrialRecord, row: SeenRow, recorded: RecordedRun) -> dict[str, Any]:
    # Earlier versions recorded less.
    copies: dict[str, Any] = {}
    status = recorded.tags.get("l5tui.status")
    if "objective" in recorded.metrics or status in ("diverged", "failed"):
        copies["value"] = recorded.metrics.get("objective", math.nan)
    if "seconds" in recorded.metrics:
        copies["seconds"] = recorded.metrics["seconds"]
    if status:
        copies["status"] = status
        if len(error := recorded.tags.get("l5tui.error", "")) < LONGEST_TAG - 1:
            copies["error"] = error or None
    point = _point(row.columns["space"], recorded.parameters)
    if point is not None:
        copies["point"] = point
    names = legal_names(trial.metrics)
    known = {name: recorded.metrics[legal] for name, legal in names.items() if legal in recorded.metrics}
    if trial.damage.get("metrics"):
        known = {name: v for name, v in recorded.metrics.items() if name not in ("objective", "seconds")}
    copies["metrics"] = known
    return copies


def _point(space: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the point of MLflow's parameters; None if they do not define it."""
    point: dict[str, Any] = {}
    for path, spread in space.items():
        label = f"{path} / {spread['times']}" if spread.get("times") else path
        text = parameters.get(legal_names([label])[label])
        if text is None:
            return None
        choices = spread.get("choices")
        if choices is not None:
            chosen = [each for each in choices if parameter_text(each) == text]
            if len(chosen) != 1:
                return None
            point[path] = chosen[0]
            continue
        try:
            point[path] = int(text) if text.lstrip("-").isdecimal() else float(text)
        except ValueError:
            return None
    return point
