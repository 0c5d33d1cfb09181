"""Pipes, sockets, devices, folders and loops of links in the place of files: one line, and no command waits."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from l5tui.runner.doctor import examine, repair
from l5tui.store import filesystem
from l5tui.workspace import Workspace, create_workspace, ready_experiments
from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded
from tests.runner.running import tracked_run as run
from tests.workspaces import copy_of, rows


def make(kind: str, path: Path) -> None:
    """Put something else in the place of a file."""
    if path.is_file():
        path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        # The address of a socket is short; a path relative to its folder is.
        before = Path.cwd()
        os.chdir(path.parent)
        try:
            with closing(socket.socket(socket.AF_UNIX)) as made:
                made.bind(path.name)
        finally:
            os.chdir(before)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to(path.name)


KINDS = [
    "pipe",
    *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("socket", "folder", "device", "loop")),
]


@pytest.fixture(scope="module")
def with_run(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a run, to copy."""
    made = copy_of(original, tmp_path_factory.mktemp("odd") / "workspace")
    run(made)
    return made


@pytest.fixture
def place(with_run: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with a run."""
    shutil.copytree(with_run.root, tmp_path / "place")
    return Workspace(tmp_path / "place")


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_the_catalogue(cli: CommandLine, place: Workspace, kind: str) -> None:
    for name in ("-wal", "-shm"):
        place.catalog.with_name(f"catalog.sqlite{name}").unlink(missing_ok=True)
    make(kind, place.catalog)
    for command in (["runs"], ["show", "last"], ["studies"], ["doctor"]):
        done = cli(*command, "--workspace", str(place.root), code=None)
        assert "Traceback" not in done.output
        # A loop of links leads nowhere, as if there were no catalogue yet.
        if kind != "loop" or command == ["doctor"]:
            assert done.exit_code == 1, done.output
            assert "cannot be opened" in done.output, (command, done.output)


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_a_run_s_file(cli: CommandLine, place: Workspace, kind: str) -> None:
    (row,) = rows(place)
    make(kind, place.root / row["file"])
    for command in (["figures", "last"], ["export", "last", "--to", "out"], ["rerun", "last", "--verify"]):
        done = cli(*command, "--workspace", str(place.root), code=None)
        assert done.exit_code in (1, 2), (command, done.output)
        assert "Traceback" not in done.output
        assert "regular file" in done.output or "has lost its file" in done.output or "levels" in done.output
    assert cli("show", "last", "--workspace", str(place.root)).exit_code == 0
    assert [each.kind for each in examine(place).findings if each.where == row["file"]] == ["file-missing"]


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_mlflow_s_database(cli: CommandLine, place: Workspace, kind: str) -> None:
    make(kind, place.mlflow_database)
    (found,) = [each for each in examine(place).findings if each.where == "mlruns/mlflow.db"]
    assert "cannot be read" in found.what
    done = cli("note", "last", "noted", "--workspace", str(place.root))
    assert ("MLflow is not up to date" in done.output) == (kind != "loop")


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_an_experiment(cli: CommandLine, place: Workspace, kind: str) -> None:
    path = place.experiments / "odd.toml"
    make(kind, path)
    done = cli("check", str(path), code=2)
    assert len(done.output.strip().splitlines()) == 1, done.output


def test_an_experiment_may_come_from_a_pipe_of_the_shell(cli: CommandLine, place: Workspace) -> None:
    reading, writing = os.pipe()
    os.write(writing, (place.experiments / "tiny.toml").read_bytes())
    os.close(writing)
    try:
        cli("check", f"/dev/fd/{reading}")
    finally:
        os.close(reading)


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_the_log(cli: CommandLine, place: Workspace, kind: str) -> None:
    place.log.unlink(missing_ok=True)
    make(kind, place.log)
    done = cli("doctor", "--repair", "--workspace", str(place.root), code=None)
    assert "Traceback" not in done.output
    cli("runs", "--workspace", str(place.root))


def test_loops_of_links_are_findings(place: Workspace) -> None:
    for name in ("loop.nc", "20200101-000000-000000.nc", "20200101-000000-000000.host.1.part"):
        (place.runs / name).symlink_to(name)
    found = [each for each in examine(place).findings if each.where.startswith("store")]
    assert {each.where for each in found} == {"store/runs/loop.nc", "store/runs/20200101-000000-000000.nc"}
    assert (
        len([each for each in repair(place, lambda line: None).findings if each.where.startswith("store")])
        == 2
    )
    shutil.rmtree(place.runs)
    place.runs.symlink_to("runs")
    assert "store/runs" in {each.where for each in examine(place).findings}


def test_runs_on_another_disk_have_relative_paths(place: Workspace, tmp_path: Path) -> None:
    disk = tmp_path / "big disk" / "runs"
    disk.parent.mkdir()
    place.runs.rename(disk)
    place.runs.symlink_to(disk)
    run(place)
    assert all(row["file"] == f"store/runs/{row['id']}.nc" for row in rows(place))
    assert {each.kind for each in examine(place).findings} <= {"mlflow-missing", "mlflow-moved"}
    # As an earlier version stored it.
    with sqlite3.connect(place.catalog) as connection:
        connection.execute("UPDATE run SET file = ? || '/' || id || '.nc'", (str(disk),))
    connection.close()
    findings = [each for each in examine(place).findings if each.kind == "row-disagrees"]
    assert [each.columns for each in findings] == [("file",), ("file",)]
    assert not any("move it away" in each.as_line() for each in examine(place).findings)
    repair(place, lambda line: None)
    assert all(row["file"] == f"store/runs/{row['id']}.nc" for row in rows(place))


def test_an_init_that_a_full_disk_stops_leaves_nothing_half(preloaded: Preloaded, tmp_path: Path) -> None:
    stopped = preloaded.start("init", "new", folder=tmp_path, largest_file=100)
    assert stopped.wait() == 2
    assert len(stopped.stderr.strip().splitlines()) == 1, stopped.stderr
    assert list((tmp_path / "new" / "experiments").iterdir()) == []
    # What an earlier version left behind.
    shipped = sorted(ready_experiments().glob("*.toml"))
    experiments = tmp_path / "new" / "experiments"
    (experiments / shipped[0].name).touch()
    (experiments / shipped[1].name).write_bytes(shipped[1].read_bytes()[:77])
    (experiments / shipped[2].name).write_text("# mine\n")
    create_workspace(tmp_path / "new")
    assert (experiments / shipped[2].name).read_text() == "# mine\n"
    for path in (*shipped[:2], *shipped[3:]):
        assert (experiments / path.name).read_bytes() == path.read_bytes()
    assert len(list(experiments.iterdir())) == len(shipped)


def test_a_network_file_system_is_warned_of(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/lab {tmp_path} nfs4 rw 0 0\n")
    for known in (str(filesystem.MOUNTS), str(mounts)):
        monkeypatch.setattr(filesystem, "MOUNTS", Path(known))
        filesystem.is_on_network.cache_clear()
        findings = (
            cli("init", str(tmp_path / "new")).output
            + cli("doctor", "--workspace", str(tmp_path / "new")).output
        )
        assert findings.count("is on a network file system (nfs4)") == (2 if known == str(mounts) else 0)
    filesystem.is_on_network.cache_clear()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", [["runs"], ["runs", "--json"], ["--version"], ["doctor"]])
def test_output_that_cannot_be_written(preloaded: Preloaded, place: Workspace, command: list[str]) -> None:
    done = preloaded.start(*command, folder=place.root, stdout="/dev/full")
    assert done.wait() == 1
    (line,) = done.stderr.strip().splitlines()
    assert "No space left on device" in line
