"""Studies and their trials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

STUDY_STATUSES = ("running", "completed", "stopped", "failed")
TRIAL_STATUSES = ("running", "completed", "diverged", "failed", "interrupted")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "study",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32)),
        sa.Column("heartbeat", sa.String(32), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Text()),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("maximize", sa.Boolean(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("git_commit", sa.Text()),
        sa.Column("git_dirty", sa.Boolean()),
        sa.Column("error", sa.Text()),
        sa.Column("mlflow_run", sa.Text()),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("status").in_(STUDY_STATUSES), name=op.f("ck_study_known_status")),
    )
    op.create_index("ix_study_status_id", "study", ["status", "id"])
    op.create_table(
        "trial",
        sa.Column("study_id", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("seconds", sa.Float()),
        sa.Column("error", sa.Text()),
        sa.Column("mlflow_run", sa.Text()),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], ondelete="CASCADE"),
        sa.CheckConstraint(sa.column("status").in_(TRIAL_STATUSES), name=op.f("ck_trial_known_status")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("trial")
    op.drop_table("study")
