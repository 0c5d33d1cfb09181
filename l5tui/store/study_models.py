"""The catalogue's tables of studies and their trials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from l5tui.store.columns import FiniteFloat, JsonText, UtcDateTime
from l5tui.store.models import Base
from l5tui.store.study_records import StudyStatus, TrialStatus


def _named(statuses: type[StudyStatus] | type[TrialStatus]) -> Enum:
    return Enum(
        statuses,
        name="known_status",
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda names: [name.value for name in names],
    )


class Study(Base):
    """One search for parameters."""

    __tablename__ = "study"
    __table_args__ = (Index("ix_study_status_id", "status", "id"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[StudyStatus] = mapped_column(_named(StudyStatus))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    started: Mapped[datetime] = mapped_column(UtcDateTime)
    ended: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat: Mapped[datetime] = mapped_column(UtcDateTime)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int]
    process_started: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    objective: Mapped[str] = mapped_column(Text)
    maximize: Mapped[bool]
    trials: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Text)
    space: Mapped[dict[str, Any]] = mapped_column(JsonText)
    versions: Mapped[dict[str, Any]] = mapped_column(JsonText)
    git_commit: Mapped[str | None] = mapped_column(Text)
    git_dirty: Mapped[bool | None]
    error: Mapped[str | None] = mapped_column(Text)
    mlflow_run: Mapped[str | None] = mapped_column(Text)
    toml: Mapped[str] = mapped_column(Text)


class Trial(Base):
    """One trial of a study."""

    __tablename__ = "trial"
    __table_args__ = ({"sqlite_with_rowid": False},)

    study_id: Mapped[str] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[TrialStatus] = mapped_column(_named(TrialStatus))
    started: Mapped[datetime] = mapped_column(UtcDateTime)
    ended: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    value: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    seconds: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    error: Mapped[str | None] = mapped_column(Text)
    mlflow_run: Mapped[str | None] = mapped_column(Text)
    point: Mapped[dict[str, Any]] = mapped_column(JsonText)
    metrics: Mapped[dict[str, Any]] = mapped_column(JsonText)
