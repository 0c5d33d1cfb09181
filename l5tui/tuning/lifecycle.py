"""The life of a study's row, whatever fills it: made with where it comes from, followed, and ended truthfully."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field

from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import DamagedRowError, LockedStoreError
from l5tui.runner.provenance import provenance
from l5tui.store import retry
from l5tui.store.records import damage_in_words
from l5tui.store.studies import Studies
from l5tui.store.study_records import NewStudy, StudyRecord, StudyStatus
from l5tui.text import duration
from l5tui.tuning.events import StudyEvent, StudyObserver, StudyStarted, StudyWarned
from l5tui.tuning.executor import TrialExecutor
from l5tui.tuning.scheme import KEY, SCHEME
from l5tui.tuning.space import SearchSpace
from l5tui.tuning.stopping import counted_signals
from l5tui.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """Where a study runs, and who is told."""

    workspace: Workspace
    studies: Studies
    executor: TrialExecutor
    observe: StudyObserver
    requests: Callable[[], int]
    track: bool


@dataclass(frozen=True)
class Following:
    """A study that runs.

    Parameters
    ----------
    tell : callable
        Tells observers of an event.
    asked : callable
        How often somebody has asked to stop, by a signal or otherwise.
    warnings : list of str
        What has been warned of so far.
    """

    tell: StudyObserver
    asked: Callable[[], int]
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
    """The row of a study that this process begins."""
    made_by = provenance(experiment)
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
    """The experiment that a study varies.

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


@contextmanager
def followed(record: StudyRecord, around: Surroundings) -> Iterator[Following]:
    """While it lasts, signals ask the study to stop and MLflow is told of it; what is raised ends its row.

    The row has to be ended inside: MLflow is told the end last, and reads it there.
    """
    warnings: list[str] = []

    def tell(event: StudyEvent) -> None:
        if isinstance(event, StudyWarned):
            warnings.append(event.text)
        around.observe(event)

    def warn(error: LockedStoreError) -> None:
        patience = duration(retry.RETRY_SECONDS)
        tell(StudyWarned(f"{error}; the study's rows are tried again for up to {patience}"))

    with counted_signals() as signals, ExitStack() as stack:

        def asked() -> int:
            return signals() + around.requests()

        stack.enter_context(around.studies.persistent(warn, lambda: asked() >= 2))
        try:
            ended = record.ended_trials
            tell(StudyStarted(record.id, record.name, bool(record.counts), ended, record.trials))
            with _recorded_in_mlflow(record, around, tell, asked):
                yield Following(tell, asked, warnings)
        except BaseException as failure:
            log.exception("study %s", record.id)
            told = " ".join(f"{type(failure).__name__}: {failure}".split())
            around.studies.end(record.id, StudyStatus.FAILED, told)
            raise


def _recorded_in_mlflow(
    record: StudyRecord, around: Surroundings, tell: StudyObserver, asked: Callable[[], int]
) -> AbstractContextManager[object]:
    if not around.track:
        return nullcontext()
    from l5tui.tuning.mlflow_process import StudyRecorder

    return StudyRecorder(record.id, around.workspace, tell, asked)
