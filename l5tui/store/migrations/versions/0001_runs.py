"""Runs with their tags, tables, summary and loss terms."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STATUSES = ("queued", "running", "completed", "failed", "cancelled", "diverged")


def upgrade() -> None:
    """Create the tables."""
    _create_run()
    _create_child("run_tag", "tag", sa.Column("position", sa.Integer(), nullable=False))
    op.create_index("ix_run_tag_tag_run_id", "run_tag", ["tag", "run_id"])
    _create_measure("selectivity", "condition", "measure", "statistic", "population")
    _create_measure("weight", "post", "pre", "quantity", "statistic")
    _create_measure("summary", "name")
    _create_measure("loss_term", "term")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("loss_term", "summary", "weight", "selectivity", "run_tag", "run"):
        op.drop_table(table)


def _create_run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("started", sa.String(32)),
        sa.Column("ended", sa.String(32)),
        sa.Column("heartbeat", sa.String(32)),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Text()),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("git_commit", sa.Text()),
        sa.Column("git_dirty", sa.Boolean()),
        sa.Column("file", sa.Text()),
        sa.Column("file_sha256", sa.Text()),
        sa.Column("loss", sa.Float()),
        sa.Column("error", sa.Text()),
        sa.Column("mlflow_run", sa.Text()),
        sa.Column("timings", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("status").in_(STATUSES), name=op.f("ck_run_known_status")),
    )
    op.create_index("ix_run_created", "run", ["created"])
    for column in ("status", "rule", "hash"):
        op.create_index(f"ix_run_{column}_id", "run", [column, "id"])


def _create_measure(table: str, *keys: str) -> None:
    value, position = sa.Column("value", sa.Float()), sa.Column("position", sa.Integer(), nullable=False)
    _create_child(table, *keys, value, position)


def _create_child(table: str, *columns: str | sa.Column[Any]) -> None:
    """Make a table whose rows belong to a run; columns given by name are the rest of the primary key."""
    run_id = sa.Column("run_id", sa.Text(), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    keyed = [sa.Column(c, sa.Text(), primary_key=True) if isinstance(c, str) else c for c in columns]
    op.create_table(table, run_id, *keyed, sqlite_with_rowid=False)
