"""A study and its trials as MLflow shows them."""

from __future__ import annotations

import math
from collections.abc import Set

from l5tui.analysis.study_table import StudyTable
from l5tui.config import Experiment
from l5tui.store.study_records import StudyRecord, StudyStatus, TrialRecord
from l5tui.tracking.flatten import parameters_of
from l5tui.tracking.study_recorder import TrackedTrial
from l5tui.tuning.space import SearchSpace

SHOWN = ("rate", "OS", "DS", "OS_p")
"""Measures of a trial that MLflow gets; the catalogue has all."""

STUDY_STATUS = {
    StudyStatus.COMPLETED: "FINISHED",
    StudyStatus.FAILED: "FAILED",
    StudyStatus.STOPPED: "KILLED",
    StudyStatus.RUNNING: "KILLED",
}
"""How MLflow names the end of a study; one whose process is gone without a word is still running in its row."""


def tracked_trial(
    trial: TrialRecord, study: StudyRecord, experiment: Experiment, space: SearchSpace, image: bytes | None
) -> TrackedTrial:
    """Return the MLflow record of a trial that has ended.

    Parameters
    ----------
    trial : TrialRecord
    study : StudyRecord
    experiment : Experiment
        That is varied.
    space : SearchSpace
    image : bytes or None
        A figure, as the content of a PNG file.
    """
    assert trial.ended is not None
    metrics = {name: value for name, value in trial.metrics.items() if _is_shown(name)}
    if math.isfinite(trial.value):
        metrics["objective"] = trial.value
    if math.isfinite(trial.seconds):
        metrics["seconds"] = trial.seconds
    tags = {
        "l5tui.study_id": study.id,
        "l5tui.trial": str(trial.number),
        "l5tui.status": str(trial.status),
        "l5tui.error": trial.error or "",
    }
    return TrackedTrial(
        number=trial.number,
        status=str(trial.status),
        started=trial.started,
        ended=trial.ended,
        parameters=space.parameters(trial.point, experiment),
        metrics=metrics,
        tags={name: value for name, value in tags.items() if value},
        images={"figures/trial.png": image} if image else {},
    )


SETS_THE_STEP = {"dynamics.dt", "dynamics.tau", "dynamics.tau_ms"}
"""Paths of the keys by which a frequency in Hz becomes one in radians per step."""


def study_parameters(study: StudyRecord, experiment: Experiment) -> dict[str, object]:
    """Return a study's settings for MLflow: the search, its space, and the fixed parameters."""
    searched = {f"space/{path}": spread for path, spread in study.space.items()}
    varied = {*study.space}
    frequency = "stimulus.temporal_frequency_hz"
    if frequency in varied or (experiment.stimulus.temporal_frequency_hz and varied & SETS_THE_STEP):
        # The radians per step then differ from trial to trial.
        varied.add("stimulus.temporal_frequency")
    fixed = {
        name: value
        for name, value in parameters_of(experiment).items()
        if name not in varied and not name.startswith("tuning.")
    }
    search = {"method": study.method, "objective": study.objective, "maximize": study.maximize}
    return {**search, "search_seed": study.seed, **searched, **fixed}


def course(table: StudyTable, shown: Set[int]) -> dict[int, dict[str, float]]:
    """Return the objective and its best so far by trial, for trials that are not yet recorded."""
    rows: dict[int, dict[str, float]] = {}
    for number, value, best in zip(
        table.numbers.tolist(), table.values.tolist(), table.best_so_far.tolist(), strict=True
    ):
        row = {"objective": value, "best_so_far": best}
        kept = {name: each for name, each in row.items() if math.isfinite(each)}
        if kept and number not in shown:
            rows[number] = kept
    return rows


def _is_shown(name: str) -> bool:
    if name == "loss" or name.startswith(("loss/", "summary/")):
        return True
    condition, _, measure = name.partition("/")
    kind, _, population = measure.partition(".")
    return condition in ("before", "after") and kind in SHOWN and "." not in population
