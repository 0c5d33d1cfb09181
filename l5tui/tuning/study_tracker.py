"""Keeps MLflow in step with a study's rows in the catalogue."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from l5tui.analysis.study_table import StudyTable, study_table
from l5tui.config.toml_file import to_toml
from l5tui.store.id_paths import file_name
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyRecord, StudyStatus, TrialRecord
from l5tui.tracking.mlflow_database import STUDIES_NAME, ensure_database
from l5tui.tracking.study_recorder import StudyRuns, open_client, open_study_runs, status_in_mlflow
from l5tui.tuning.figures import study_heading
from l5tui.tuning.inference.infer import show_inference
from l5tui.tuning.inference.pictures import inference_pictures
from l5tui.tuning.lifecycle import study_experiment
from l5tui.tuning.methods import DESIGNS, INFERENCES, study_kind
from l5tui.tuning.report import StudyReport
from l5tui.tuning.sensitivity import analysed
from l5tui.tuning.space import search_space
from l5tui.tuning.study import show_study
from l5tui.tuning.tracked import STUDY_STATUS, course, study_parameters, tracked_trial
from l5tui.workspace import Workspace

AT_ONCE = 20
REFRESH_SECONDS = 30.0
PATIENCE = 20
"""A study's figures are drawn again after so many times the time that drawing them took."""
LOCK_SECONDS = 120.0
LOCKS = "study-*.lock"
MOST_LEFT = 20
"""Studies, the newest ones, that are looked at for what MLflow has missed of them."""

log = logging.getLogger(__name__)


class StudyTracker:
    """A study in MLflow, open while a block lasts; one at a time for each study.

    Parameters
    ----------
    study_id : str
    workspace : Workspace
    lock_seconds : float, optional
        Seconds to wait for another process that records the same study.
    """

    def __init__(self, study_id: str, workspace: Workspace, lock_seconds: float = LOCK_SECONDS) -> None:
        self._workspace = workspace
        self._lock_seconds = lock_seconds
        self._studies = Studies.open(workspace)
        self._study = self._studies.find(study_id)
        self._experiment = study_experiment(self._study)
        self._space = search_space(self._experiment)
        self._open = ExitStack()
        self._shown: set[int] = set()
        self._drawn = time.monotonic()
        self._drawing = 0.0

    def __enter__(self) -> Self:
        from l5tui.figures.trial import TrialFigure

        workspace, study = self._workspace, self._study
        self._open.enter_context(self._studies.persistent(log.warning, lambda: False))
        workspace.mlruns.mkdir(exist_ok=True)
        lock = workspace.mlruns / file_name(study.id, ".lock", "study-")
        self._open.enter_context(FileLock(lock, timeout=self._lock_seconds))
        self._open.callback(lock.unlink, missing_ok=True)
        _clear_locks(workspace)
        self._figure = TrialFigure()
        # MLflow itself tries a database that it cannot open again and again, for minutes.
        ensure_database(workspace, STUDIES_NAME)
        client = self._open.enter_context(open_client(workspace))
        tags = {
            "l5tui.study_id": study.id,
            "l5tui.hash": study.hash,
            "mlflow.note.content": self._experiment.notes,
        }
        self._runs: StudyRuns = open_study_runs(
            client,
            workspace,
            study.mlflow_run,
            study.name,
            study.created,
            study_parameters(study, self._experiment),
            {name: value for name, value in tags.items() if value},
        )
        if self._runs.parent != study.mlflow_run:
            self._studies.note_mlflow(study.id, self._runs.parent)
        self._runs.close_leftovers({trial.mlflow_run or "" for trial in self._studies.trials(study.id)})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def catch_up(self) -> None:
        """Record trials that have ended since, and now and then the study's own figures."""
        self._record_trials()
        since = time.monotonic() - self._drawn
        if since > max(REFRESH_SECONDS, PATIENCE * self._drawing):
            self._refresh(self._studies.find(self._study.id))

    def finish(self) -> None:
        """Record what is left, and end the study's run as its row says."""
        while self._record_trials():
            pass
        study = self._studies.find(self._study.id)
        self._refresh(study)
        found = (
            show_study(self._workspace, study.id).best_in_words
            if study_kind(study.method) == "search"
            else ""
        )
        tags = {"l5tui.status": str(study.status), "l5tui.error": study.error or "", "l5tui.best": found}
        self._runs.close(
            STUDY_STATUS[StudyStatus(study.status)],
            study.ended or datetime.now(UTC),
            {name: value for name, value in tags.items() if value},
        )

    def _record_trials(self) -> int:
        trials = self._studies.untracked_trials(self._study.id, AT_ONCE)
        for trial in trials:
            image = self._figure.png(trial.metrics, _title(trial, self._study)) if trial.metrics else None
            tracked = tracked_trial(trial, self._study, self._experiment, self._space, image)
            self._studies.note_mlflow(self._study.id, self._runs.record_trial(tracked), trial.number)
        return len(trials)

    def _refresh(self, study: StudyRecord) -> None:
        begun = time.monotonic()
        trials = [trial for trial in self._studies.trials(study.id) if trial.status.is_final]
        if trials:
            report = show_study(self._workspace, study.id)
            table = study_table(study.space, trials, study.objective, study.maximize, report.confirmed_trial)
            self._runs.log_course(course(table, self._shown), datetime.now(UTC))
            self._shown |= {trial.number for trial in trials}
            self._runs.log_files(self._files(report, trials, table))
        self._drawn = time.monotonic()
        self._drawing = self._drawn - begun

    def _files(
        self, report: StudyReport, trials: list[TrialRecord], table: StudyTable
    ) -> Mapping[str, bytes]:
        from l5tui.figures.study.gallery import draw_study

        study = report.record
        files = {"trials.csv": table.as_csv().encode(), "experiment.toml": study.toml.encode()}
        best = next((trial for trial in trials if trial.number == report.best_trial), None)
        if best is not None:
            experiment = self._space.experiment(best.point, self._experiment)
            files["best.toml"] = to_toml(experiment).encode()
        return {**files, **draw_study(table, study_heading(report)), **self._analysis(study, trials)}

    def _analysis(self, study: StudyRecord, trials: list[TrialRecord]) -> Mapping[str, bytes]:
        """Return the files of a study's result, of a design once all trials have ended."""
        if study.method in INFERENCES:
            return self._inference(study)
        if study.method not in DESIGNS or len(trials) < study.trials:
            return {}
        from l5tui.figures.study.sensitivity import sensitivity_png

        found = analysed(study, trials)
        if found is None:
            return {}
        picture = sensitivity_png(found, study.name, study.id)
        return {"sensitivity.csv": found.as_csv().encode(), "figures/sensitivity.png": picture}

    def _inference(self, study: StudyRecord) -> Mapping[str, bytes]:
        """Return the files of an inference: its posterior and its figures, once it has one."""
        report = show_inference(self._workspace, study.id)
        if report.file is None:
            return {}
        pictures = inference_pictures(report)
        files = {f"figures/{name}.png": picture for name, picture in pictures.items()}
        return files | {"posterior.nc": report.file.read_bytes()}


def finish_left_studies(workspace: Workspace, but: str) -> None:
    """Record studies in MLflow that have ended, and whose process or recorder ended before it could.

    A study that cannot be recorded is logged and retried with the next study.

    Parameters
    ----------
    workspace : Workspace
    but : str
        A study that is none of them.
    """
    ensure_database(workspace, STUDIES_NAME)
    studies = Studies.open(workspace)
    ended = [
        study
        for study in studies.studies(MOST_LEFT)
        if study.id != but and study.status is not StudyStatus.RUNNING
    ]
    with open_client(workspace) as client:
        # Not only open ones: a study may have been resumed after its interruption was recorded.
        left = [
            study
            for study in ended
            if study.mlflow_run is None
            or studies.count_untracked_trials(study.id)
            or status_in_mlflow(client, study.mlflow_run) not in (None, STUDY_STATUS[study.status])
        ]
    for number, study in enumerate(left, 1):
        log.info("study %s, %d of %d that MLflow has missed, is recorded", study.id, number, len(left))
        try:
            with StudyTracker(study.id, workspace, lock_seconds=0) as tracker:
                tracker.finish()
        except Timeout:
            continue  # its own process still records it
        except Exception:
            log.exception("study %s could not be recorded in MLflow", study.id)


def _title(trial: TrialRecord, study: StudyRecord) -> str:
    return f"trial {trial.number}, {study.objective} {trial.value:.4g}"


def _clear_locks(workspace: Workspace) -> None:
    """Remove the locks of killed processes, of studies that no process records any more."""
    for left in workspace.mlruns.glob(LOCKS):
        with suppress(Timeout, OSError), FileLock(left, timeout=0):
            left.unlink(missing_ok=True)
