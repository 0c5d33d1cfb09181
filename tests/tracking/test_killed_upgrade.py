"""A killed upgrade of MLflow's database leaves the old database or the new one; the next use completes it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.tracking.mlflow_database import open_client
from l5tui.tracking.mlflow_schema import UNFINISHED, installed_revisions
from l5tui.tracking.run_recorder import TrackedRun, record_run
from l5tui.workspace import Workspace
from tests.tracking.test_old_databases import EARLIER, REVISIONS, backups, dump, revision_of, thaw

VERSION = "3.12"
STATEMENTS = ("0.0", "0.1", "0.3", "0.5", "0.7", "0.9", "0.99")
"""Shares of the statements of an upgrade after which it is killed."""
OLD = (*STATEMENTS, "backup is begun", "backup is complete", "commit")
"""Moments at which the transaction is not committed."""
MOMENTS = (*OLD, "lock is released")

KILLED = """
import json, os, signal, sys
from pathlib import Path
from l5tui.tracking.environment import prepare_environment
from l5tui.workspace import Workspace

prepare_environment()
# Once, not once a process: it takes seconds.
import mlflow.store.db.utils
from mlflow.store.tracking import sqlalchemy_store
from sqlalchemy import event
from sqlalchemy.engine import Engine
from l5tui.tracking.mlflow_database import ensure_database


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def upgrade(folder, moment, total):
    count = needed = 0
    is_copying = False

    @event.listens_for(Engine, "before_cursor_execute")
    def executed(*_):
        nonlocal count
        count += 1
        if total and moment[0].isdigit() and count > float(moment) * total:
            kill()

    @event.listens_for(Engine, "commit")
    def committed(*_):
        nonlocal needed
        needed = needed or count
        if moment == "commit":
            kill()

    def audit(name, arguments):
        nonlocal is_copying
        if name == "sqlite3.connect":
            is_copying = str(arguments[0]).endswith(".part")
        if moment == "backup is begun" and name == "sqlite3.connect/handle" and is_copying:
            kill()
        if moment == "backup is complete" and name == "os.rename" and str(arguments[1]).endswith(".bak"):
            kill()
        if moment == "lock is released" and name == "fcntl.flock" and arguments[1] == 8:
            kill()

    sys.addaudithook(audit)
    ensure_database(Workspace(Path(folder)))
    return needed


def in_child(folder, moment, total=0):
    reading, writing = os.pipe()
    if not (child := os.fork()):
        try:
            os.write(writing, str(upgrade(folder, moment, total)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    status = os.waitpid(child, 0)[1]
    return os.read(reading, 100), os.waitstatus_to_exitcode(status)


whole, *folders = sys.argv[1:]
total = int(in_child(whole, "never")[0])
print(json.dumps([in_child(folder, Path(folder).name, total)[1] for folder in folders]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_killed_upgrade_leaves_the_old_database_or_the_new_one(
    tmp_path: Path, run: TrackedRun, journal: str
) -> None:
    whole = Workspace(tmp_path / "whole")
    whole.root.mkdir()
    thaw(whole, VERSION)
    with closing(sqlite3.connect(whole.mlflow_database)) as connection:
        assert connection.execute(f"PRAGMA journal_mode = {journal}").fetchone() == (journal,)
    before = dump(whole.mlflow_database)
    places = {moment: Workspace(tmp_path / moment) for moment in MOMENTS}
    for place in places.values():
        shutil.copytree(whole.root, place.root)
    folders = [str(whole.root), *(str(place.root) for place in places.values())]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *folders], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [-9] * len(places), done.stderr
    head, name = installed_revisions().head, f"mlflow.db.{REVISIONS[VERSION]}.bak"
    assert revision_of(whole.mlflow_database) == head
    for moment, place in places.items():
        left = {path.name for path in place.mlruns.iterdir()}
        assert revision_of(place.mlflow_database) == (REVISIONS[VERSION] if moment in OLD else head), moment
        if moment in OLD:
            assert dump(place.mlflow_database) == before, moment
        for backup in backups(place):
            assert dump(place.mlruns / backup) == before, moment
        assert (name in left) == (not moment.startswith(("backup", "0.0"))), (moment, left)

        mlflow_run = record_run(place, run)
        with open_client(place) as client:
            assert client.get_run(EARLIER).info.run_name == "earlier"
            assert client.get_run(mlflow_run).info.status == "FINISHED"
        assert revision_of(place.mlflow_database) == head
        assert backups(place) == [name], moment
        assert dump(place.mlruns / name) == before, moment
        assert not [path.name for path in place.mlruns.iterdir() if path.name.startswith(UNFINISHED)]
        with closing(sqlite3.connect(place.mlflow_database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), moment
