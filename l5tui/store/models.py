"""The catalogue's tables. Rows stay inside `l5tui.store`; callers get `l5tui.store.records`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from l5tui.store.columns import FiniteFloat, JsonText, UtcDateTime
from l5tui.store.records import RunStatus

Status = Enum(
    RunStatus,
    name="known_status",
    native_enum=False,
    create_constraint=True,
    length=16,
    values_callable=lambda statuses: [status.value for status in statuses],
)


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})


class Run(Base):
    """One run."""

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_created", "created"),
        Index("ix_run_status_id", "status", "id"),
        Index("ix_run_rule_id", "rule", "id"),
        Index("ix_run_hash_id", "hash", "id"),
        Index("ix_run_group_id_id", "group_id", "id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[RunStatus] = mapped_column(Status)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    started: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat: Mapped[datetime | None] = mapped_column(UtcDateTime)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int]
    process_started: Mapped[str | None] = mapped_column(Text)
    seed: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Text)
    variant: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    git_commit: Mapped[str | None] = mapped_column(Text)
    git_dirty: Mapped[bool | None]
    file: Mapped[str | None] = mapped_column(Text)
    file_sha256: Mapped[str | None] = mapped_column(Text)
    loss: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    error: Mapped[str | None] = mapped_column(Text)
    mlflow_run: Mapped[str | None] = mapped_column(Text)
    timings: Mapped[dict[str, Any]] = mapped_column(JsonText)
    versions: Mapped[dict[str, Any]] = mapped_column(JsonText)
    notes: Mapped[str] = mapped_column(Text)
    group_id: Mapped[str | None] = mapped_column(Text)
    # The longest comes last: SQLite then reaches the others without reading its overflow pages.
    toml: Mapped[str] = mapped_column(Text)


def run_key() -> Mapped[str]:
    """Return the first column of every table that belongs to a run; rows are deleted with the run."""
    return mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)


class RunTag(Base):
    """One tag of a run."""

    __tablename__ = "run_tag"
    __table_args__ = (Index("ix_run_tag_tag_run_id", "tag", "run_id"), {"sqlite_with_rowid": False})

    run_id: Mapped[str] = run_key()
    tag: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]


class Selectivity(Base):
    """One cell of a run's selectivity table."""

    __tablename__ = "selectivity"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[str] = run_key()
    condition: Mapped[str] = mapped_column(Text, primary_key=True)
    measure: Mapped[str] = mapped_column(Text, primary_key=True)
    statistic: Mapped[str] = mapped_column(Text, primary_key=True)
    population: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    position: Mapped[int]


class Weight(Base):
    """One cell of a run's weight table."""

    __tablename__ = "weight"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[str] = run_key()
    post: Mapped[str] = mapped_column(Text, primary_key=True)
    pre: Mapped[str] = mapped_column(Text, primary_key=True)
    quantity: Mapped[str] = mapped_column(Text, primary_key=True)
    statistic: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    position: Mapped[int]


class Summary(Base):
    """One number of a run's summary."""

    __tablename__ = "summary"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[str] = run_key()
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    position: Mapped[int]


class LossTerm(Base):
    """One term of a run's loss."""

    __tablename__ = "loss_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[str] = run_key()
    term: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float] = mapped_column(FiniteFloat, nullable=True)
    position: Mapped[int]
