"""What a study is called: a search, an inference or a sensitivity design each have words of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.text import count, number

if TYPE_CHECKING:
    from l5tui.tuning.methods import Kind
    from l5tui.tuning.study import StudyRecord

LIKELIHOOD = "log_likelihood"


def kind_of(record: StudyRecord) -> Kind:
    """What a study is for."""
    from l5tui.tuning.methods import study_kind

    return study_kind(record.method)


def kind_in_words(record: StudyRecord) -> str:
    """What a study is, and of what."""
    return f"{record.method} {kind_of(record)} of {count(len(record.space), 'parameter')}"


def objective_in_words(record: StudyRecord) -> str:
    """What its values are."""
    return "log-likelihood" if record.objective == LIKELIHOOD else record.objective


def aim_in_words(record: StudyRecord) -> str:
    """What its values are, and which are the good ones."""
    return f"{objective_in_words(record)}, {'larger' if record.maximize else 'smaller'} is better"


def amount_in_words(record: StudyRecord) -> str:
    """How many of its trials have ended; an inference may need fewer than it may have."""
    if kind_of(record) == "inference":
        return f"{record.ended_trials} of at most {record.trials} simulations"
    return f"{record.ended_trials} of {record.trials} trials"


def best_in_words(record: StudyRecord) -> str:
    """Its best value and where that is; empty where there is none yet."""
    if record.best_trial is None:
        return ""
    what = {"inference": "best log-likelihood", "sensitivity": f"lowest {record.objective}"}
    if record.maximize:
        what["sensitivity"] = f"highest {record.objective}"
    called = what.get(kind_of(record), "best")
    return f"{called} {number(record.best_value, 4)} in trial {record.best_trial}"


def resume_refused(record: StudyRecord) -> str:
    """Why a study cannot go on; empty where it can."""
    kind = kind_of(record)
    if kind == "inference" and record.status == "completed":
        return f"study {record.id} has its posterior; with a larger budget it is a new inference: 1, i"
    if kind == "sensitivity" and record.ended_trials >= record.trials:
        return f"study {record.id} has its whole design; with more samples it is a new one: 1, i"
    return ""
