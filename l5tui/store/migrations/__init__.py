"""Alembic's environment and the catalogue's revisions."""
