"""A study from its beginning to its end: checked, kept, searched, shown to MLflow, and taken up again."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from l5tui.config import Experiment
from l5tui.config.checks import cross_check
from l5tui.config.validation import require_runnable
from l5tui.errors import ClusterLostError, ConfigError, Fault, StoreError, UnknownRunError
from l5tui.runner.anchor import Anchor
from l5tui.runner.engine_settings import require_engine_settings
from l5tui.runner.opening import WAIT_SECONDS
from l5tui.store.process import process_start_time
from l5tui.store.records import damage_in_words
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyRecord, StudyStatus, TrialRecord, TrialStatus
from l5tui.tuning.cluster import DaskCluster
from l5tui.tuning.code_identity import rules_of_study
from l5tui.tuning.confirmation import confirm
from l5tui.tuning.events import StudyObserver
from l5tui.tuning.executor import TrialExecutor
from l5tui.tuning.lifecycle import (
    STOPPED,
    Following,
    Surroundings,
    end_study,
    followed,
    new_study,
    require_own_experiment,
    study_experiment,
)
from l5tui.tuning.memory import require_memory_for_trials
from l5tui.tuning.methods import INFERENCES, study_proposer
from l5tui.tuning.process_pool import LocalPool
from l5tui.tuning.report import StudyReport, study_listing
from l5tui.tuning.resumption import require_enough_trials, require_same_kind, require_same_search
from l5tui.tuning.scheme import fresh_seed, recorded_scheme
from l5tui.tuning.search import Search
from l5tui.tuning.space import SearchSpace, search_space
from l5tui.workspace import Workspace

__all__ = [
    "StudyRecord",
    "StudyReport",
    "StudyStatus",
    "TrialRecord",
    "best_experiment",
    "checked_space",
    "experiment_of_trial",
    "list_studies",
    "resume_study",
    "run_study",
    "show_study",
    "study_listing",
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
    force: bool = False,
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
        Called with every event.
    requests : callable, optional
        Returns the number of stop requests in addition to signals: 1 begins no more trials, 2 aborts running trials.
    track : bool, optional
        Whether to record the study in MLflow.
    force : bool, optional
        Start even if the trials that run at the same time need more memory than is free.

    Raises
    ------
    ConfigError
        Where the space or the objective has faults; with all of them.
    MemoryShortageError
        If the trials need more memory than is free.
    ClusterError
        Where no scheduler answers.
    StoreError
        Where the catalogue cannot be used.
    """
    space = checked_space(experiment, source)
    if scheduler is None:
        require_engine_settings(experiment)
        require_memory_for_trials(experiment, force=force)
    with closing(Anchor(workspace)) as anchor:
        studies = open_studies(workspace).following(anchor.catalog)
        executor = _new_executor(experiment, scheduler, observe)
        row = new_study(
            experiment,
            toml,
            space,
            method=method or experiment.tuning.method,
            trials=trials or experiment.tuning.trials,
            objective=experiment.tuning.objective,
            maximize=experiment.tuning.maximize,
        )
        around = Surroundings(anchor, studies, executor, observe, requests, track)
        return _go_on(lambda: studies.start(row), experiment, space, around)


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
    force: bool = False,
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
    scheduler, observe, requests, track, force
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
    with closing(Anchor(workspace)) as anchor:
        studies = open_studies(workspace).following(anchor.catalog)
        found = studies.find(reference)
        require_same_kind(found, trials)
        require_enough_trials(found, trials)
        own = study_experiment(found)
        require_runnable(own, f"study {found.id}")
        space = search_space(own, f"study {found.id}")
        require_own_experiment(found, space)
        if experiment is not None:
            require_same_search(found, own, space, experiment, source)
        if workers is not None:
            own = own.model_copy(update={"tuning": own.tuning.model_copy(update={"workers": workers})})
        if scheduler is None:
            require_engine_settings(own)
            require_memory_for_trials(own, force=force)
        executor = _new_executor(own, scheduler, observe)
        around = Surroundings(anchor, studies, executor, observe, requests, track)
        pid = os.getpid()
        return _go_on(
            lambda: studies.resume(found.id, trials or found.trials, pid, process_start_time(pid)),
            own,
            space,
            around,
        )


def checked_space(experiment: Experiment, source: str = "") -> SearchSpace:
    """Return the search space of an experiment that can be searched.

    Raises
    ------
    ConfigError
        With every fault of the space, the objective and the rest.
    """
    if faults := cross_check(experiment, "search"):
        raise ConfigError(faults, source)
    return search_space(experiment, source)


def open_studies(workspace: Workspace) -> Studies:
    """Open the studies of a workspace, and close as stopped those whose process is gone.

    While the catalogue cannot be written, they stay marked as running.
    """
    studies = Studies.open(workspace)
    try:
        for record in studies.waiting(WAIT_SECONDS).close_stale():
            log.warning("study %s closed as stopped: %s", record.id, record.error)
    except StoreError as error:
        log.warning("interrupted studies are still marked as running: %s", error)
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
    return readable_report(studies.find(reference), studies, workspace)


def readable_report(record: StudyRecord, studies: Studies, workspace: Workspace) -> StudyReport:
    """Return a study with those of its trials that can be read, and a warning for each other row."""
    found = studies.all_trials(record.id)
    warnings = [f"the study: {damage_in_words(record.damage)}"] if record.damage else []
    warnings += [f"trial {each.number}: {damage_in_words(each.damage)}" for each in found if each.damage]
    if not warnings:
        return StudyReport(record, tuple(found), workspace)
    trials = () if record.damage else tuple(each for each in found if not each.damage)
    valued = [each for each in trials if each.status is TrialStatus.COMPLETED and math.isfinite(each.value)]
    sign = -1.0 if record.maximize else 1.0
    best = min(valued, key=lambda each: (sign * each.value, each.number), default=None)
    number, value = (best.number, best.value) if best else (None, math.nan)
    return StudyReport(
        replace(record, best_trial=number, best_value=value), trials, workspace, tuple(warnings)
    )


def best_experiment(report: StudyReport) -> Experiment:
    """Return the experiment at a study's best point, without its search; in fresh circuits if it is confirmed.

    Raises
    ------
    ConfigError
        Where no trial has a value.
    """
    record = report.record
    if report.best_trial is None:
        fault = Fault("", "no trial with a value", f"one with a defined {record.objective}")
        raise ConfigError([fault], f"study {record.id}")
    return experiment_of_trial(report, report.best_trial, "best")


def experiment_of_trial(report: StudyReport, number: int, called: str = "") -> Experiment:
    """Return the experiment at the point of one of a study's trials, in that trial's circuits, without its search.

    With ``tuning.fresh`` and in an inference each trial has circuits of its own; the experiment has their seed. The
    best point of a study is an experiment of its own, with the study's seed.

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
    base = study_experiment(record)
    named = f"{base.name}, {called or f'trial {number}'} of study {record.id}"[:200]
    own = not called and (base.tuning.fresh or record.method in INFERENCES)
    seed = fresh_seed(base.seed, number, recorded_scheme(record.versions)) if own else base.seed
    return search_space(base).experiment(trial.point, base, name=named, seed=seed)


def _go_on(
    begin: Callable[[], StudyRecord], experiment: Experiment, space: SearchSpace, around: Surroundings
) -> StudyReport:
    """Search until the study is complete or stopped."""
    interruption = ""
    try:
        with followed(begin, around) as following:
            record = following.record
            try:
                is_complete = _search_and_confirm(record, experiment, space, around, following)
            except ClusterLostError as lost:
                is_complete, interruption = False, str(lost)
            if is_complete:
                end_study(around.studies, record)
            else:
                around.studies.end(record.id, StudyStatus.STOPPED, interruption or STOPPED)
    except BaseException:
        # The row may be refused, before there is a search that closes it.
        around.executor.stop()
        raise
    report = around.in_place(lambda workspace: show_study(workspace, record.id))
    return replace(report, warnings=tuple(following.warnings), interruption=interruption)


def _new_executor(experiment: Experiment, scheduler: str | None, observe: StudyObserver) -> TrialExecutor:
    """Return where trials run; called before a study has a row, as a cluster may not answer."""
    workers = experiment.tuning.workers
    if scheduler is None:
        return LocalPool(workers)
    return DaskCluster(scheduler, workers, rules_of_study(experiment), observe)


def _search_and_confirm(
    record: StudyRecord,
    experiment: Experiment,
    space: SearchSpace,
    around: Surroundings,
    following: Following,
) -> bool:
    executor = around.executor
    try:
        proposer = study_proposer(record.method, record.trials, experiment, space)
        search = Search(
            record,
            experiment,
            space,
            proposer,
            executor,
            around.studies,
            following.emit,
            following.stop_requests,
        )
        if not search.run():
            return False
        trials = around.studies.trials(record.id)
        return confirm(
            record,
            trials,
            experiment,
            space,
            around,
            following.emit,
            following.stop_requests,
        )
    finally:
        if following.stop_requests():
            # Nothing runs, or what runs is not waited for; a pool that still starts would be waited for by `close`.
            executor.stop()
        else:
            executor.close()
