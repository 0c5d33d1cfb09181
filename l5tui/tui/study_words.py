"""What a study is called: a search, an inference or a sensitivity design each have words of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.text import count, number

if TYPE_CHECKING:
    from l5tui.tuning.confirmed import Candidate
    from l5tui.tuning.methods import Kind
    from l5tui.tuning.study import StudyRecord

LIKELIHOOD = "log_likelihood"


def kind_of(record: StudyRecord) -> Kind:
    """Return the purpose of a study."""
    from l5tui.tuning.methods import study_kind

    return study_kind(record.method)


def kind_in_words(record: StudyRecord) -> str:
    """Return the method, the kind and the number of parameters of a study."""
    return f"{record.method} {kind_of(record)} of {count(len(record.space), 'parameter')}"


def objective_in_words(record: StudyRecord) -> str:
    """Return the name of a study's values."""
    return "log-likelihood" if record.objective == LIKELIHOOD else record.objective


def aim_in_words(record: StudyRecord) -> str:
    """Return the name of a study's values, and the direction in which they improve."""
    return f"{objective_in_words(record)}, {'larger' if record.maximize else 'smaller'} is better"


def amount_in_words(record: StudyRecord) -> str:
    """How many of its trials have ended; an inference may need fewer than it may have."""
    if kind_of(record) == "inference":
        return f"{record.ended_trials} of at most {record.trials} simulations"
    return f"{record.ended_trials} of {record.trials} trials"


def best_in_words(record: StudyRecord, confirmed: Candidate | None) -> str:
    """Return the best of a study: of a search that in fresh circuits first; empty where no trial has a value.

    Parameters
    ----------
    record : StudyRecord
    confirmed : Candidate or None
        The best in fresh circuits.
    """
    if record.best_trial is None:
        return ""
    what = {"inference": "best log-likelihood", "sensitivity": f"lowest {record.objective}"}
    if record.maximize:
        what["sensitivity"] = f"highest {record.objective}"
    called = what.get(kind_of(record), "best in search")
    in_search = f"{called} {number(record.best_value, 4)} in trial {record.best_trial}"
    if confirmed is not None:
        return f"best {confirmed.with_interval} in trial {confirmed.trial}, confirmed; {in_search}"
    words = unconfirmed(record)
    return f"{in_search}, {words}" if words else in_search


def unconfirmed(record: StudyRecord) -> str:
    """Return that a search is not confirmed; empty for a design or an inference, which have no best point."""
    return "not confirmed" if kind_of(record) == "search" and record.best_trial is not None else ""


def resume_refused(record: StudyRecord) -> str:
    """Why a study cannot go on; empty where it can."""
    kind = kind_of(record)
    if kind == "inference" and record.status == "completed":
        return f"study {record.id} has its posterior; a larger budget needs a new inference: 1, i"
    if kind == "sensitivity" and record.ended_trials >= record.trials:
        return f"study {record.id} has its whole design; more samples need a new study: 1, i"
    return ""
