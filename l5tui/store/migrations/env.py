"""Runs migrations inside the transaction of the connection that `l5tui.store.schema_version` hands over."""

from __future__ import annotations

from alembic import context

from l5tui.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
