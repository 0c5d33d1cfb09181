"""The life of a study's row, whatever fills it: made with where it comes from, followed, and ended truthfully."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final, TypeVar

from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import DamagedRowError, L5Error, LockedStoreError, StoreError, one_line
from l5tui.runner.anchor import Anchor
from l5tui.runner.mlflow_recorder import is_deferred
from l5tui.runner.provenance import provenance
from l5tui.store import retry
from l5tui.store.records import damage_in_words
from l5tui.store.studies import Studies
from l5tui.store.study_records import NewStudy, StudyRecord, StudyStatus, TrialRecord, TrialStatus
from l5tui.text import duration
from l5tui.tuning.code_identity import rules_of_study
from l5tui.tuning.events import StudyEvent, StudyObserver, StudyStarted, StudyWarned
from l5tui.tuning.executor import TrialExecutor
from l5tui.tuning.methods import DESIGNS, INFERENCES
from l5tui.tuning.mlflow_process import StudyRecorder
from l5tui.tuning.scheme import KEY, SCHEME
from l5tui.tuning.space import SearchSpace
from l5tui.tuning.stopping import counted_signals
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)

STOPPED: Final = "stopped"
"""Error of a study that was stopped on request; any other one says what has stopped it."""


T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """Workspace, executor and observers of a study.

    Parameters
    ----------
    anchor : Anchor
        Of the workspace, open as long as the study runs.
    studies : Studies
        Of the workspace where it is at the time of each transaction.
    executor : TrialExecutor
    observe : callable
    requests : callable
    track : bool
    """

    anchor: Anchor
    studies: Studies
    executor: TrialExecutor
    observe: StudyObserver
    requests: Callable[[], int]
    track: bool

    @property
    def workspace(self) -> Workspace:
        """The workspace where it is now."""
        return self.anchor.workspace()

    def in_place(self, task: Callable[[Workspace], T]) -> T:
        """Read or write files of the workspace; again if it was moved meanwhile.

        Parameters
        ----------
        task : callable
            May be called more than once.
        """
        while True:
            place = self.workspace
            try:
                return task(place)
            except (L5Error, OSError):
                if self.workspace == place:
                    raise


@dataclass(frozen=True)
class Following:
    """A study that runs.

    Parameters
    ----------
    record : StudyRecord
        With its row running.
    emit : callable
        Passes an event to the observers.
    stop_requests : callable
        Returns the number of stop requests, by signals or otherwise.
    warnings : list of str
        What has been warned of so far.
    """

    record: StudyRecord
    emit: StudyObserver
    stop_requests: Callable[[], int]
    warnings: list[str] = field(default_factory=list)


def new_study(
    experiment: Experiment,
    toml: str,
    space: SearchSpace,
    *,
    method: str,
    trials: int,
    objective: str,
    maximize: bool,
) -> NewStudy:
    """Return the row of a study that this process begins."""
    made_by = provenance(experiment, rules_of_study(experiment))
    return NewStudy(
        name=experiment.name,
        method=method,
        objective=objective,
        maximize=maximize,
        trials=trials,
        seed=experiment.tuning.seed,
        hash=experiment.hash,
        space=space.as_dict(),
        toml=toml,
        host=made_by.host,
        pid=made_by.pid,
        process_started=made_by.process_started,
        versions={**made_by.versions, KEY: str(SCHEME)},
        git_commit=made_by.git_commit,
        git_dirty=made_by.git_dirty,
    )


def study_experiment(record: StudyRecord) -> Experiment:
    """Return the experiment that a study varies.

    Raises
    ------
    ConfigError
        Where it was written for another l5tui, whose keys this one lacks.
    DamagedRowError
        If its row cannot be read.
    """
    if record.damage:
        raise DamagedRowError(f"study {record.id}: {damage_in_words(record.damage)}")
    return validate_stored(parse_toml(record.toml), f"study {record.id}")


def require_own_experiment(record: StudyRecord, space: SearchSpace) -> None:
    """Refuse to continue a study whose row has the experiment of another one.

    Parameters
    ----------
    record : StudyRecord
    space : SearchSpace
        Of the experiment in the row.

    Raises
    ------
    DamagedRowError
        If the space is not that of the row.
    """
    if space.as_dict() != dict(record.space):
        raise DamagedRowError(
            f"study {record.id}: the experiment in its row is not the study's, its space is another; "
            "`l5tui doctor --repair` restores it from MLflow"
        )


def end_study(studies: Studies, record: StudyRecord) -> None:
    """End the row of a study whose trials have all ended: as failed where none of them has a value.

    Parameters
    ----------
    studies : Studies
    record : StudyRecord
    """
    error = without_value(record, studies.trials(record.id))
    studies.end(record.id, StudyStatus.FAILED if error else StudyStatus.COMPLETED, error or None)


def without_value(record: StudyRecord, trials: Sequence[TrialRecord]) -> str:
    """Return why a study has no result, in a line; empty where a trial has a value.

    Parameters
    ----------
    record : StudyRecord
    trials : sequence of TrialRecord
        All of its trials.
    """
    # A sensitivity analysis uses each measure where it is defined, whatever the objective is.
    is_design = record.method in DESIGNS
    for trial in trials:
        if trial.status is TrialStatus.COMPLETED and (
            math.isfinite(trial.value) or (is_design and any(map(math.isfinite, trial.metrics.values())))
        ):
            return ""
    counts = Counter(str(trial.status) for trial in trials)
    counted = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    first = next((f"; trial {trial.number}: {trial.error}" for trial in trials if trial.error), "")
    return f"no trial has a value of {record.objective} ({counted or 'no trials'}){first}"


@contextmanager
def followed(begin: Callable[[], StudyRecord], around: Surroundings) -> Iterator[Following]:
    """Context of a running study: signals request a stop, MLflow records its trials, an exception ends its row.

    The caller ends the row inside the block: the record in MLflow is closed afterwards, from the row.

    Parameters
    ----------
    begin : callable
        Writes the row and returns it. It is called with signals counted, so that none comes between the row and
        what ends it.
    around : Surroundings
    """
    warnings: list[str] = []
    place = around.workspace

    def report_move() -> None:
        nonlocal place
        if (now := around.workspace) != place:
            place = now
            emit(StudyWarned(f"the workspace was moved to {now.root}; the study continues there"))

    def emit(event: StudyEvent) -> None:
        report_move()
        if isinstance(event, StudyWarned):
            warnings.append(event.text)
        around.observe(event)

    def warn(error: LockedStoreError) -> None:
        patience = duration(retry.RETRY_SECONDS)
        emit(StudyWarned(f"{error}; writing the rows of the study is retried for up to {patience}"))

    with counted_signals() as signals, ExitStack() as stack:

        def stop_requests() -> int:
            return signals() + around.requests()

        has_begun = False
        stack.enter_context(
            around.studies.persistent(warn, lambda: stop_requests() >= (2 if has_begun else 1))
        )
        try:
            record = begin()
        except LockedStoreError as error:
            if stop_requests():
                raise KeyboardInterrupt from error
            raise
        has_begun = True
        try:
            ended = record.ended_trials
            emit(StudyStarted(record.id, record.name, bool(record.counts), ended, record.trials))
            with _recorded_in_mlflow(record, around, emit, stop_requests):
                yield Following(record, emit, stop_requests, warnings)
        except BaseException as failure:
            log.exception("study %s", record.id)
            if not around.workspace.catalog.exists():
                raise StoreError(_gone(record, around.workspace)) from failure
            reason = one_line(failure)
            around.studies.end(record.id, StudyStatus.FAILED, reason)
            raise
        report_move()


def _gone(record: StudyRecord, workspace: Workspace) -> str:
    """Why a study has ended whose workspace cannot be followed, and how it is resumed."""
    command = "infer" if record.method in INFERENCES else "tune"
    return (
        f"study {record.id}: the catalogue of the workspace {workspace.root} is gone: it was deleted, or moved to "
        f"another disk; `l5tui {command} --resume {record.id} --workspace DIR` resumes the study there"
    )


def _recorded_in_mlflow(
    record: StudyRecord, around: Surroundings, emit: StudyObserver, stop_requests: Callable[[], int]
) -> AbstractContextManager[object]:
    if not around.track or is_deferred():
        return nullcontext()
    return StudyRecorder(record.id, around.workspace, emit, stop_requests, locate=around.anchor.workspace)
