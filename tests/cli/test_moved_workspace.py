"""Studies of commands whose workspace is moved by ``mv`` while they run: they continue, with the same numbers."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.store.studies import Studies
from l5tui.tuning.inference.infer import show_inference
from l5tui.tuning.study import show_study
from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded, Running, l5tui, wait_until
from tests.cli.test_study_signals import FILE, SEARCH, has_study
from tests.workspaces import copy_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and a fork server")

TRIALS = SEARCH.replace("trials = 1024", "trials = 40\nconfirm = 2").replace("workers = 2", "workers = 1")
COMMANDS = {
    "tune": ("tune", FILE),
    "sweep": ("sweep", FILE),
    "sensitivity": ("sensitivity", FILE, "--samples", "8"),
    "infer": ("infer", FILE, "--method", "abc", "--budget", "30"),
}


def begin(preloaded: Preloaded, workspace: Workspace, command: str, toml: str = TRIALS) -> Running:
    """A command that is given the path of its workspace, and runs in another folder."""
    (workspace.root / FILE).write_text(toml)
    name, file, *rest = COMMANDS[command]
    arguments = (name, str(workspace.root / file), *rest, "--workspace", str(workspace.root))
    return preloaded.start(*arguments, folder=workspace.root.parent)


def ended(workspace: Workspace) -> int:
    """Trials that have ended, read without l5tui."""
    with closing(sqlite3.connect(f"{workspace.catalog.as_uri()}?mode=ro", uri=True)) as catalog:
        return int(catalog.execute("SELECT count(*) FROM trial WHERE ended IS NOT NULL").fetchone()[0])


def mv(workspace: Workspace, to: Path) -> Workspace:
    subprocess.run(["mv", workspace.root, to], check=True)
    return Workspace(to)


def numbers(workspace: Workspace) -> list[tuple[object, ...]]:
    """What the trials of the newest study come to, and its confirmation or posterior."""
    report = show_study(workspace, "last")
    found: list[tuple[object, ...]] = [
        (each.number, each.status, each.attempts, each.point, each.value, each.metrics)
        for each in report.trials
    ]
    if report.confirmation:
        found.append((report.confirmation,))
    if report.record.method == "abc":
        summary = show_inference(workspace, "last").read()["summary"]
        found.append(tuple(summary.to_numpy().ravel().tolist()))
    return found


def assert_all_in_mlflow(workspace: Workspace) -> None:
    """MLflow has every trial once, and the artifacts of each in the workspace where it is now."""
    study = show_study(workspace, "last")
    assert all(each.mlflow_run for each in study.trials)
    with closing(sqlite3.connect(workspace.mlflow_database)) as mlflow:
        rows = mlflow.execute(
            "SELECT artifact_uri, status FROM runs WHERE lifecycle_stage = 'active' AND experiment_id != 0"
        ).fetchall()
    assert len(rows) == len(study.trials) + 1
    assert {status for _, status in rows} == {"FINISHED"}
    for uri, _ in rows:
        assert Path(uri.removeprefix("file://").replace("%20", " ")).is_relative_to(workspace.root), uri


@pytest.fixture(scope="module")
def expected(
    original: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[object, ...]]]:
    """The numbers of each command, undisturbed."""
    found = {}
    for command, (name, file, *rest) in COMMANDS.items():
        workspace = copy_of(original, tmp_path_factory.mktemp("undisturbed") / command)
        (workspace.root / FILE).write_text(TRIALS)
        done = l5tui(name, file, *rest, folder=workspace.root, L5TUI_MLFLOW_LATER="1")
        assert done.returncode == 0, done.stderr
        found[command] = numbers(workspace)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "moment"),
    [
        ("tune", "before the first trial"),
        ("tune", "in the middle"),
        ("tune", "at the last trial"),
        ("sweep", "in the middle"),
        ("sensitivity", "before the first trial"),
        ("infer", "in the middle"),
        ("infer", "at the last trial"),
    ],
)
def test_a_study_continues_where_its_workspace_is_now(
    workspace: Workspace,
    preloaded: Preloaded,
    tmp_path: Path,
    expected: dict[str, list[tuple[object, ...]]],
    command: str,
    moment: str,
) -> None:
    running = begin(preloaded, workspace, command)
    wait_until(lambda: has_study(workspace), "the study has a row")
    least = {"before the first trial": 0, "in the middle": 12, "at the last trial": 28}[moment]
    wait_until(lambda: ended(workspace) >= least, "some trials have ended")
    now = mv(workspace, tmp_path / "a new place")
    assert running.wait() == 0, running.stderr
    assert f"the workspace was moved to {now.root}; the study continues there" in running.stderr
    assert "could not be written" not in running.stderr
    assert "Traceback" not in running.stderr
    assert not workspace.root.exists()
    assert numbers(now) == expected[command]
    assert_all_in_mlflow(now)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_workspace_that_is_moved_all_the_time(
    workspace: Workspace,
    preloaded: Preloaded,
    tmp_path: Path,
    expected: dict[str, list[tuple[object, ...]]],
    command: str,
) -> None:
    running = begin(preloaded, workspace, command)
    wait_until(lambda: has_study(workspace), "the study has a row")
    places = [tmp_path / f"place {number}" for number in range(400)]
    now = workspace
    for place in places:
        if show_ended(now):
            break
        now = mv(now, place)
        time.sleep(0.05)
    assert running.wait() == 0, running.stderr
    assert "Traceback" not in running.stderr
    assert [each for each in (workspace.root, *places) if each.exists()] == [now.root]
    assert numbers(now) == expected[command]


def show_ended(workspace: Workspace) -> bool:
    """Whether the study has ended."""
    return Studies.open(workspace).studies(1)[0].ended is not None


@pytest.mark.slow
def test_a_study_that_is_stopped_after_a_move_names_the_new_place(
    workspace: Workspace, preloaded: Preloaded, tmp_path: Path, expected: dict[str, list[tuple[object, ...]]]
) -> None:
    running = begin(preloaded, workspace, "tune")
    wait_until(lambda: has_study(workspace) and ended(workspace) >= 5, "some trials have ended")
    now = mv(workspace, tmp_path / "a new place")
    time.sleep(0.1)
    running.signal(signal.SIGTERM)
    assert running.wait() == 130
    (study,) = Studies.open(now).studies()
    assert f"`l5tui tune --resume {study.id} --workspace '{now.root}'` resumes it" in running.stderr
    assert (str(study.status), study.error) == ("stopped", "stopped")
    assert not workspace.root.exists()
    command = ("tune", "--resume", study.id, "--workspace", str(now.root))
    done = l5tui(*command, folder=tmp_path, L5TUI_MLFLOW_LATER="1")
    assert done.returncode == 0, done.stderr
    again = [(row[0], row[1], *row[3:]) if len(row) > 1 else row for row in numbers(now)]
    assert again == [(row[0], row[1], *row[3:]) if len(row) > 1 else row for row in expected["tune"]]
