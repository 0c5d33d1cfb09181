"""``l5tui runs`` and ``l5tui show``."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from l5tui.cli.commands import app
from l5tui.store.netcdf import file_sha256
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded, wait_until
from tests.workspaces import DIVERGING, ENDLESS, assert_truthful, copy_of, locked, rows, run_files, snapshot

RUN = ("run", "--headless", "experiments/tiny.toml", "--json")
LISTED = (
    "run_id",
    "status",
    "name",
    "rule",
    "variant",
    "seed",
    "hash",
    "loss",
    "error",
    "tags",
    "group",
    "notes",
)

Reports = list[dict[str, Any]]


@pytest.fixture(scope="module")
def history(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Three runs as they reported themselves, oldest first: completed, diverged, failed; to be looked at."""
    workspace = copy_of(original, tmp_path_factory.mktemp("history") / "workspace")

    def run(*options: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(CliRunner().invoke(app, [*RUN, *options]).stdout)
        return report

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        completed = run("--set", "tags=['first']")
        (workspace.experiments / "tiny.toml").write_text(DIVERGING)
        diverged = run()
        kept = workspace.runs.rename(workspace.store / "aside")
        workspace.runs.touch()
        failed = run("--set", "tags=['first', 'bad']", "--seed", str(2**63 - 1), "--name", "long " * 40)
        workspace.runs.unlink()
        kept.rename(workspace.runs)
    return [completed, diverged, failed]


@pytest.fixture
def cli(history: Reports, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line in the workspace of the three runs."""
    workspace = Workspace(Path(history[0]["paths"]["catalog"]).parents[1])
    monkeypatch.chdir(workspace.root)
    return CommandLine(workspace)


def listed(cli: CommandLine, *options: str) -> list[str]:
    """Ids that ``l5tui runs --json`` gives."""
    return [run["run_id"] for run in json.loads(cli("runs", "--json", *options).stdout)]


def test_runs_are_listed_newest_first_with_what_they_reported(cli: CommandLine, history: Reports) -> None:
    assert [report["status"] for report in history] == ["completed", "diverged", "failed"]
    found = json.loads(cli("runs", "--json").stdout)
    assert [{key: run[key] for key in LISTED} for run in found] == [
        {key: report[key] for key in LISTED} for report in reversed(history)
    ]


def test_runs_can_be_chosen(cli: CommandLine, history: Reports) -> None:
    completed, diverged, failed = (report["run_id"] for report in history)
    assert listed(cli, "--status", "diverged") == [diverged]
    assert listed(cli, "--status", "queued") == []
    assert listed(cli, "--rule", "oja") == [failed, diverged]
    assert listed(cli, "--tag", "first") == [failed, completed]
    assert listed(cli, "--tag", "first", "--rule", "sliding_bcm") == [completed]
    assert listed(cli, "--limit", "2") == [failed, diverged]


def test_the_table_keeps_ids_and_seeds_whole_in_80_columns(cli: CommandLine, history: Reports) -> None:
    lines = cli("runs").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for line, report in zip(lines[1:], reversed(history), strict=True):
        assert line.split()[:4] == [report["run_id"], report["status"], report["rule"], str(report["seed"])]


def test_where_there_is_nothing_to_list_standard_output_is_empty(cli: CommandLine, fresh: Workspace) -> None:
    before = snapshot(fresh.root)
    printed = cli("runs")
    assert (printed.stdout, len(printed.stderr.splitlines())) == ("", 1)
    assert "l5tui run " in printed.stderr
    assert json.loads(cli("runs", "--json").stdout) == []
    assert snapshot(fresh.root) == before
    chosen = cli("runs", "--tag", "none", "--workspace", str(cli.workspace.root))
    assert (chosen.stdout, chosen.stderr) == ("", "No such runs; `l5tui runs` lists all.\n")


def test_show_says_what_the_run_said(cli: CommandLine, history: Reports) -> None:
    for report in history:
        shown = json.loads(cli("show", report["run_id"], "--json").stdout)
        assert shown.keys() == report.keys()
        assert shown == report


def test_show_finds_a_run_by_any_unambiguous_part(cli: CommandLine, history: Reports) -> None:
    for report in history:
        run_id = report["run_id"]
        for reference in (run_id, run_id[:-1], run_id[-6:], run_id.upper()):
            assert f"Run {run_id} (" in cli("show", reference).stdout
    assert f"Run {history[-1]['run_id']} (" in cli("show", "last").stdout


@pytest.mark.parametrize("reference", ["nonsense", "", "2", "x\n\x1b[31m", "'; drop table run; --", "%", "_"])
def test_show_says_in_one_line_that_there_is_no_such_run(cli: CommandLine, reference: str) -> None:
    printed = cli("show", reference, code=2)
    assert printed.stdout == ""
    (line,) = printed.stderr.splitlines()
    assert line.isprintable()
    assert "matches several ids:" in line if reference == "2" else "l5tui runs" in line


def test_looking_for_a_run_makes_no_catalogue(fresh: Workspace) -> None:
    before = snapshot(fresh.root)
    for arguments in (["show", "last"], ["show", "last", "--json"]):
        result = CliRunner().invoke(app, arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("no runs yet; ")
    assert snapshot(fresh.root) == before


def test_a_failed_run_is_shown_without_tables(cli: CommandLine, history: Reports) -> None:
    lines = cli("show", history[-1]["run_id"]).stdout.splitlines()
    assert lines[0].startswith(f"Run {history[-1]['run_id']} (long long")
    assert "failed" in "".join(lines[:5])
    assert not any("file:" in line for line in lines)


def test_a_damaged_catalogue_is_reported_in_one_line_with_the_log(workspace: Workspace) -> None:
    workspace.catalog.write_bytes(b"not a database " * 1000)
    for arguments in (["runs"], ["show", "last"], [*RUN]):
        result = CliRunner().invoke(app, arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"{workspace.catalog} is not a SQLite database; ")
        details = Path(line.rpartition("; details: ")[2])
        assert "Traceback" in details.read_text()
        if details != workspace.log:
            details.unlink()
    assert "Traceback" in workspace.log.read_text()


def test_a_killed_run_is_closed_by_the_next_look(workspace: Workspace, preloaded: Preloaded) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start(*RUN, folder=workspace.root)
    wait_until(lambda: rows(workspace), "the run has a row")
    seen = CliRunner().invoke(app, ["runs", "--json", "--status", "running"])
    assert len(json.loads(seen.stdout)) == 1
    running.kill()
    (row,) = rows(workspace)
    assert row["status"] == "running"
    # As if it had been killed while it wrote.
    workspace.runs.mkdir(exist_ok=True)
    (workspace.runs / f"{row['id']}.{row['host']}.{row['pid']}.part").write_bytes(b"half")
    report = json.loads(CliRunner().invoke(app, ["show", "last", "--json"]).stdout)
    assert report["status"] == "failed"
    assert report["error"].startswith("interrupted: ")
    (workspace.experiments / "tiny.toml").write_text(DIVERGING)
    assert CliRunner().invoke(app, [*RUN]).exit_code == 3
    assert len(run_files(workspace)) == 1
    assert_truthful(workspace)


def test_a_run_killed_between_its_file_and_its_row_is_completed_by_the_next_look(
    workspace: Workspace, preloaded: Preloaded
) -> None:
    (workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start(*RUN, "--set", "dynamics.duration_tau=30.0", folder=workspace.root)
    wait_until(lambda: rows(workspace), "the run has a row")
    with locked(workspace):
        wait_until(lambda: list(workspace.runs.glob("*.nc")), "the file is in its place")
        running.kill()
        assert rows(workspace)[0]["status"] == "running"
        digest = file_sha256(next(workspace.runs.glob("*.nc")))
    (shown,) = json.loads(CliRunner().invoke(app, ["runs", "--json"]).stdout)
    assert (shown["status"], shown["error"]) == ("completed", None)
    assert rows(workspace)[0]["file_sha256"] == digest
    assert_truthful(workspace)


def test_a_newer_catalogue_is_refused(workspace: Workspace) -> None:
    assert CliRunner().invoke(app, [*RUN]).exit_code == 0
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    result = CliRunner().invoke(app, ["runs"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "newer l5tui" in result.stderr
    assert len(result.stderr.splitlines()) == 1
