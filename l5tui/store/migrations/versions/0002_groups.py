"""Groups of runs that belong together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INDEX = "ix_run_group_id_id"


def upgrade() -> None:
    """Give a run the group that it belongs to."""
    # Rebuilt, so that the configuration, which is long, stays last.
    with op.batch_alter_table("run", recreate="always") as run:
        run.add_column(sa.Column("group_id", sa.Text()), insert_after="notes")
        run.create_index(INDEX, ["group_id", "id"])


def downgrade() -> None:
    """Forget the groups."""
    with op.batch_alter_table("run", recreate="always") as run:
        run.drop_index(INDEX)
        run.drop_column("group_id")
