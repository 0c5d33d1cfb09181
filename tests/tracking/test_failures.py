"""Errors of MLflow and its database in one line, without SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from l5tui.tracking.failures import tracking_error
from l5tui.workspace import Workspace


def test_a_lock_is_reported_without_sql(workspace: Workspace) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(
        f"sqlite:///{workspace.mlflow_database}", connect_args={"timeout": 0.01}
    )
    with closing(sqlite3.connect(workspace.mlflow_database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with engine.connect() as connection, pytest.raises(sqlalchemy.exc.OperationalError) as caught:
            connection.execute(sqlalchemy.text("INSERT INTO tags (key, value) VALUES ('a', 'secret')"))
    engine.dispose()
    assert "[SQL: " in str(caught.value)
    for text in (str(caught.value), " ".join(str(caught.value).split())):
        message = str(tracking_error(workspace, "cannot record run 12", RuntimeError(text)))
        assert message == (
            f"{workspace.mlflow_database}: cannot record run 12: another process holds its lock; missing runs "
            "are recorded by the next run that can write to it"
        )


def test_other_faults_of_the_database_have_their_cause_and_no_sql(workspace: Workspace) -> None:
    text = "(sqlite3.OperationalError) no such table: runs [SQL: SELECT 1] (Background on this error at: https://x)"
    message = str(tracking_error(workspace, "cannot record run 12", RuntimeError(text)))
    assert message == f"{workspace.mlflow_database}: cannot record run 12: no such table: runs"
