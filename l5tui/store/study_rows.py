"""Reading of studies and trials from their rows in the catalogue."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from sqlalchemy import Text, func, select, type_coerce
from sqlalchemy.orm import Session

from l5tui.errors import UnknownRunError
from l5tui.store.row_reading import RowReader
from l5tui.store.study_models import Study, Trial
from l5tui.store.study_records import StudyRecord, TrialRecord, TrialStatus

STUDY, TRIAL = Study.__table__.c, Trial.__table__.c
DERIVED = ("counts", "best_trial", "best_value", "damage")
STUDY_ROWS = RowReader([STUDY[each.name] for each in fields(StudyRecord) if each.name not in DERIVED])
TRIAL_ROWS = RowReader([TRIAL[each.name] for each in fields(TrialRecord) if each.name not in DERIVED])


def read_study(session: Session, study_id: str) -> StudyRecord:
    """Read a study, with the counts of its trials and the best one.

    Parameters
    ----------
    session : Session
    study_id : str

    Returns
    -------
    StudyRecord

    Raises
    ------
    UnknownRunError
        If there is no such study.
    """
    row = session.execute(select(*STUDY_ROWS.selected).where(STUDY.id == study_id)).first()
    if row is None:
        raise UnknownRunError(f"no study {study_id!r}; `l5tui studies` lists all studies")
    values, damage = STUDY_ROWS.read(row)
    of_study, status = TRIAL.study_id == study_id, type_coerce(TRIAL.status, Text)
    counted = select(status, func.count()).where(of_study).group_by(status)
    counts = {str(each): int(count) for each, count in session.execute(counted)}
    order = TRIAL.value.desc() if row.maximize else TRIAL.value.asc()
    ranked = select(TRIAL.number, TRIAL.value).where(of_study, TRIAL.status == TrialStatus.COMPLETED)
    is_number = func.typeof(TRIAL.value).in_(("real", "integer"))
    best = session.execute(ranked.where(is_number).order_by(order, TRIAL.number).limit(1)).first()
    number, value = best or (None, math.nan)
    return StudyRecord(*(*values, counts, number, value, damage))


def read_trials(session: Session, study_id: str, *wanted: Any) -> list[TrialRecord]:
    """Read the trials of a study.

    Parameters
    ----------
    session : Session
    study_id : str
    *wanted : ColumnElement
        Conditions on the rows.

    Returns
    -------
    list of TrialRecord
        By number.
    """
    chosen = select(*TRIAL_ROWS.selected).where(TRIAL.study_id == study_id, *wanted)
    rows = session.execute(chosen.order_by(TRIAL.number)).all()
    read = (TRIAL_ROWS.read(row) for row in rows)
    return [TrialRecord(*(*values, damage)) for values, damage in read]
