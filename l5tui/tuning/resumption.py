"""What a study that is resumed has to have in common with the study that was begun."""

from __future__ import annotations

import json

from l5tui.config import Experiment
from l5tui.errors import ConfigError, Fault
from l5tui.store.study_records import StudyRecord
from l5tui.tuning.methods import DESIGNS, INFERENCES
from l5tui.tuning.space import SearchSpace, search_space


def require_same_kind(study: StudyRecord, trials: int | None) -> None:
    """Refuse to resume a study by a command of another kind, or a design with another number of trials.

    Parameters
    ----------
    study : StudyRecord
    trials : int or None
        Trials in all; None for those that the study has.

    Raises
    ------
    ConfigError
    """
    if study.method in INFERENCES:
        fault = Fault("", f"study {study.id}, an inference", f"`l5tui infer --resume {study.id}`")
        raise ConfigError([fault])
    if study.method in DESIGNS and trials not in (None, study.trials):
        fault = Fault("", f"{trials} trials", f"{study.trials}, those of the design of study {study.id}")
        raise ConfigError([fault])


def require_enough_trials(study: StudyRecord, trials: int | None) -> None:
    """Refuse a number of trials in all that is less than the number of those that have ended.

    Parameters
    ----------
    study : StudyRecord
    trials : int or None
        Trials in all; None for those that the study has.

    Raises
    ------
    ConfigError
    """
    if trials is not None and trials < study.ended_trials:
        fault = Fault(
            "--trials",
            str(trials),
            f"{study.ended_trials} or more, as so many have ended in study {study.id}",
        )
        raise ConfigError([fault])


def require_same_search(
    study: StudyRecord, own: Experiment, space: SearchSpace, wanted: Experiment, source: str
) -> None:
    """Refuse to resume a study with another experiment or another search; report each difference.

    Parameters
    ----------
    study : StudyRecord
    own : Experiment
        The study's.
    space : SearchSpace
        The study's.
    wanted : Experiment
        Of the file as it is now.
    source : str
        That file, for faults.

    Raises
    ------
    ConfigError
        With a fault for each difference.
    """
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
