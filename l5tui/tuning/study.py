"""A study from its beginning to its end: checked, kept, searched, shown to MLflow, and taken up again."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError, Fault, UnknownRunError
from l5tui.runner.provenance import provenance
from l5tui.store.process import process_start_time
from l5tui.store.studies import Studies
from l5tui.store.study_records import NewStudy, StudyRecord, StudyStatus, TrialRecord
from l5tui.tuning.events import StudyEvent, StudyObserver, StudyStarted, StudyWarned
from l5tui.tuning.executor import DaskCluster, LocalPool, TrialExecutor
from l5tui.tuning.methods import DESIGNS, INFERENCES, study_proposer
from l5tui.tuning.objective import check_objective
from l5tui.tuning.report import StudyReport, study_listing
from l5tui.tuning.search import Search
from l5tui.tuning.space import SearchSpace, search_space
from l5tui.tuning.stopping import counted_signals
from l5tui.workspace import Workspace

__all__ = [
    "StudyRecord",
    "StudyReport",
    "StudyStatus",
    "TrialRecord",
    "best_experiment",
    "checked_space",
    "list_studies",
    "resume_study",
    "run_study",
    "show_study",
    "study_listing",
    "trial_experiment",
]

log = logging.getLogger(__name__)


def run_study(
    experiment: Experiment,
    toml: str,
    workspace: Workspace,
    *,
    source: str = "",
    method: str | None = None,
    trials: int | None = None,
    scheduler: str | None = None,
    observe: StudyObserver = lambda event: None,
    requests: Callable[[], int] = lambda: 0,
    track: bool = True,
) -> StudyReport:
    """Search an experiment's ``[tuning.space]`` and keep every trial.

    Parameters
    ----------
    experiment : Experiment
    toml : str
        TOML text that gives the experiment; kept with the study.
    workspace : Workspace
    source : str, optional
        The file, for faults.
    method : str, optional
        A design of `l5tui.tuning.methods.DESIGNS` in place of the experiment's own method.
    trials : int, optional
        In all, in place of the experiment's own number.
    scheduler : str, optional
        Address of a Dask scheduler; processes on this machine unless it is given.
    observe : callable, optional
        Told of every event.
    requests : callable, optional
        How often somebody has asked to stop, beside signals: once to begin no more trials, twice to stop now.
    track : bool, optional
        Whether MLflow is told.

    Raises
    ------
    ConfigError
        Where the space or the objective has faults; with all of them.
    ClusterError
        Where no scheduler answers.
    StoreError
        Where the catalogue cannot be used.
    """
    space = checked_space(experiment, source)
    studies = open_studies(workspace)
    executor = _new_executor(experiment, scheduler)
    made_by = provenance(experiment)
    record = studies.start(
        NewStudy(
            name=experiment.name,
            method=method or experiment.tuning.method,
            objective=experiment.tuning.objective,
            maximize=experiment.tuning.maximize,
            trials=trials or experiment.tuning.trials,
            seed=experiment.tuning.seed,
            hash=experiment.hash,
            space=space.as_dict(),
            toml=toml,
            host=made_by.host,
            pid=made_by.pid,
            process_started=made_by.process_started,
            versions=made_by.versions,
            git_commit=made_by.git_commit,
            git_dirty=made_by.git_dirty,
        )
    )
    return _go_on(
        record, experiment, space, _Surroundings(workspace, studies, executor, observe, requests, track)
    )


def resume_study(
    reference: str,
    workspace: Workspace,
    *,
    experiment: Experiment | None = None,
    source: str = "",
    trials: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    observe: StudyObserver = lambda event: None,
    requests: Callable[[], int] = lambda: 0,
    track: bool = True,
) -> StudyReport:
    """Take a study up where it was left; trials that were interrupted are tried again.

    Parameters
    ----------
    reference : str
        Its id, the beginning or the end of it, or ``last``.
    workspace : Workspace
    experiment : Experiment, optional
        The file as it is now: refused where it is another experiment or another space.
    source : str, optional
        That file, for faults.
    trials, workers : int, optional
        Trials in all, and at the same time, where that is to change.
    scheduler, observe, requests, track
        As in `run_study`.

    Raises
    ------
    ConfigError
        Where the experiment is not the study's.
    UnknownRunError
        Where no study, or more than one, answers to the reference.
    StoreError
        Where it is running.
    """
    studies = open_studies(workspace)
    found = studies.find(reference)
    _refuse_other_kinds(found, trials)
    own = _experiment_of(found)
    space = checked_space(own, f"study {found.id}")
    if experiment is not None:
        _refuse_changes(found, own, space, experiment, source)
    if workers is not None:
        own = own.model_copy(update={"tuning": own.tuning.model_copy(update={"workers": workers})})
    executor = _new_executor(own, scheduler)
    record = studies.resume(found.id, trials or found.trials, os.getpid(), process_start_time(os.getpid()))
    return _go_on(record, own, space, _Surroundings(workspace, studies, executor, observe, requests, track))


def checked_space(experiment: Experiment, source: str = "") -> SearchSpace:
    """The search space, with its faults and those of the objective told together.

    Raises
    ------
    ConfigError
        With every fault.
    """
    faults: list[Fault] = []
    try:
        check_objective(experiment, source)
    except ConfigError as error:
        faults += error.faults
    try:
        space = search_space(experiment, source)
    except ConfigError as error:
        faults += error.faults
    if faults:
        raise ConfigError(faults, source)
    return space


def open_studies(workspace: Workspace) -> Studies:
    """The studies of a workspace, those whose process is gone closed as stopped."""
    studies = Studies.open(workspace)
    for record in studies.close_stale():
        log.warning("study %s closed as stopped: %s", record.id, record.error)
    return studies


def list_studies(workspace: Workspace, limit: int | None = None) -> list[StudyRecord]:
    """Studies, newest first; none where the workspace has no catalogue yet."""
    return open_studies(workspace).studies(limit) if workspace.catalog.exists() else []


def show_study(workspace: Workspace, reference: str) -> StudyReport:
    """One study with its trials.

    Raises
    ------
    UnknownRunError
        Where no study, or more than one, answers to it.
    """
    # Looking must not make a catalogue.
    if not workspace.catalog.exists():
        raise UnknownRunError("no studies yet; `l5tui tune FILE` makes one")
    studies = open_studies(workspace)
    record = studies.find(reference)
    return StudyReport(record, tuple(studies.trials(record.id)), workspace)


def best_experiment(report: StudyReport) -> Experiment:
    """The experiment at a study's best point, without its search.

    Raises
    ------
    ConfigError
        Where no trial has a value.
    """
    record = report.record
    if record.best_trial is None:
        fault = Fault("", "no trial with a value", f"one with a defined {record.objective}")
        raise ConfigError([fault], f"study {record.id}")
    return trial_experiment(report, record.best_trial, "best")


def trial_experiment(report: StudyReport, number: int, called: str = "") -> Experiment:
    """The experiment at the point of one of a study's trials, without its search.

    Parameters
    ----------
    report : StudyReport
    number : int
        The trial's.
    called : str, optional
        What the trial is called in the experiment's name; by default by its number.

    Raises
    ------
    ConfigError
        Where there is no such trial.
    """
    record = report.record
    trial = next((each for each in report.trials if each.number == number), None)
    if trial is None:
        raise ConfigError([Fault("", f"no trial {number}", "one of its trials")], f"study {record.id}")
    base = _experiment_of(record)
    named = f"{base.name}, {called or f'trial {number}'} of study {record.id}"[:200]
    return checked_space(base).experiment(trial.point, base, name=named)


def _experiment_of(record: StudyRecord) -> Experiment:
    return validate(parse_toml(record.toml), f"study {record.id}")


def _refuse_other_kinds(study: StudyRecord, trials: int | None) -> None:
    """Refuse to search on where a study is no search."""
    if study.method in INFERENCES:
        fault = Fault("", f"study {study.id}, an inference", f"`l5tui infer --resume {study.id}`")
        raise ConfigError([fault])
    if study.method in DESIGNS and trials not in (None, study.trials):
        fault = Fault("", f"{trials} trials", f"{study.trials}, those of the design of study {study.id}")
        raise ConfigError([fault])


def _refuse_changes(
    study: StudyRecord, own: Experiment, space: SearchSpace, wanted: Experiment, source: str
) -> None:
    """Refuse to go on with another experiment or another space; say what differs."""
    faults = []
    new, old = search_space(wanted, source).as_dict(), space.as_dict()
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            got = json.dumps(new[path], ensure_ascii=False) if path in new else "nothing"
            was = json.dumps(old[path], ensure_ascii=False) if path in old else "nothing"
            faults.append(Fault(f"tuning.space.{path}", got, f"{was}, as study {study.id} has it"))
    if wanted.hash != own.hash:
        faults.append(Fault("", "another experiment", f"that of study {study.id}; begin a new study for it"))
    for key in ("method", "objective", "maximize", "seed", "realizations", "fresh", "initial"):
        if (got_value := getattr(wanted.tuning, key)) != (was_value := getattr(own.tuning, key)):
            faults.append(Fault(f"tuning.{key}", str(got_value), f"{was_value}, as study {study.id} has it"))
    if faults:
        raise ConfigError(faults, source)


@dataclass(frozen=True)
class _Surroundings:
    """Where a study runs, and who is told."""

    workspace: Workspace
    studies: Studies
    executor: TrialExecutor
    observe: StudyObserver
    requests: Callable[[], int]
    track: bool


def _go_on(
    record: StudyRecord, experiment: Experiment, space: SearchSpace, around: _Surroundings
) -> StudyReport:
    """Search until the study is complete or stopped, and end its row truthfully."""
    warnings: list[str] = []

    def tell(event: StudyEvent) -> None:
        if isinstance(event, StudyWarned):
            warnings.append(event.text)
        around.observe(event)

    with counted_signals() as signals:

        def asked() -> int:
            return signals() + around.requests()

        try:
            ended = record.ended_trials
            tell(StudyStarted(record.id, record.name, bool(record.counts), ended, record.trials))
            with recorded_in_mlflow(record, around.workspace, tell, asked, around.track):
                complete = _search(record, experiment, space, around, tell, asked)
                status, error = (
                    (StudyStatus.COMPLETED, None) if complete else (StudyStatus.STOPPED, "stopped")
                )
                # Written before MLflow is told the end, which it reads here.
                around.studies.end(record.id, status, error)
        except BaseException as failure:
            log.exception("study %s", record.id)
            told = " ".join(f"{type(failure).__name__}: {failure}".split())
            around.studies.end(record.id, StudyStatus.FAILED, told)
            raise
    return replace(show_study(around.workspace, record.id), warnings=tuple(warnings))


def _new_executor(experiment: Experiment, scheduler: str | None) -> TrialExecutor:
    """Where trials run; made before a study has a row, as a cluster may not answer."""
    workers = experiment.tuning.workers
    return DaskCluster(scheduler, workers) if scheduler else LocalPool(workers)


def _search(
    record: StudyRecord,
    experiment: Experiment,
    space: SearchSpace,
    around: _Surroundings,
    tell: StudyObserver,
    asked: Callable[[], int],
) -> bool:
    executor = around.executor
    try:
        proposer = study_proposer(record.method, record.trials, experiment, space)
        return Search(record, experiment, space, proposer, executor, around.studies, tell, asked).run()
    finally:
        if asked() >= 2:
            executor.stop()
        else:
            executor.close()


def recorded_in_mlflow(
    record: StudyRecord, workspace: Workspace, tell: StudyObserver, asked: Callable[[], int], track: bool
) -> AbstractContextManager[object]:
    """While it lasts, MLflow is told of a study; of none unless `track` is set."""
    if not track:
        return nullcontext()
    from l5tui.tuning.mlflow_process import StudyRecorder

    return StudyRecorder(record.id, workspace, tell, asked)
