"""MLflow's many exceptions as one line that a user can act on."""

from __future__ import annotations

import re
from typing import Final

from l5tui.errors import TrackingError
from l5tui.tracking.environment import tracking_uri
from l5tui.workspace import Workspace

LONGEST = 300
"""Characters of a cause that are shown."""
STATEMENT: Final = re.compile(r"\s*(\[SQL: |\[parameters: |\(Background on this error).*", re.DOTALL)
"""What SQLAlchemy adds to a cause: the statement, its values, and an address."""
EXCEPTION: Final = re.compile(r"^(\([\w.]+\)\s*)+")
LOCKED: Final = re.compile(r"database (table )?is locked|database is busy")


def tracking_error(workspace: Workspace, doing: str, error: Exception) -> TrackingError:
    """Return the exception to raise in place of one from MLflow, SQLite or the file system.

    Parameters
    ----------
    workspace : Workspace
        Whose database it is.
    doing : str
        What failed, as in "cannot record run 12".
    error : Exception
        What was raised; an error that already is a `TrackingError` comes back as it is.
    """
    if isinstance(error, TrackingError):
        return error
    cause = first_line(_without_statement(str(error))) or type(error).__name__
    if LOCKED.search(cause):
        cause = (
            "another process holds its lock; missing runs are recorded by the next run that can write to it"
        )
    elif "out-of-date database schema" in cause:
        cause = (
            "the database was made by another version of MLflow; back it up, then "
            f"`mlflow db upgrade {tracking_uri(workspace)}` brings it up to date"
        )
    if "Can't locate revision" in cause:
        cause = "the database was made by a newer MLflow; update MLflow (`pip install -U mlflow`)"
    return TrackingError(f"{workspace.mlflow_database}: {doing}: {cause}")


def _without_statement(text: str) -> str:
    return EXCEPTION.sub("", STATEMENT.sub("", text))


def first_line(text: str) -> str:
    """Return the first line that is not empty, cut to a readable length."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
