"""``l5tui tag``, ``note`` and ``delete``."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import l5tui
from l5tui.cli.commands import app
from l5tui.errors import ConfigError
from tests.cli.conftest import CommandLine
from tests.workspaces import rows, run_files

RUN = ("run", "--headless", "experiments/tiny.toml", "--quiet")


def test_a_run_is_tagged_noted_and_deleted(cli: CommandLine) -> None:
    first, second = (cli(*RUN).stdout.strip() for _ in range(2))
    assert cli("tag", "last", "paper", "a\x1bb").stdout == f"run {second}: zebra, apple, paper, a\\x1bb\n"
    assert cli("tag", "last", "zebra", "paper", "a\x1bb", "--remove").stdout == f"run {second}: apple\n"
    assert cli("note", "last", "for\nthe talk").stdout == f"run {second}: for\\nthe talk\n"
    assert rows(cli.workspace)[1]["notes"] == "for\nthe talk"
    kept = CliRunner().invoke(app, ["delete", "last"], input="n\n")
    assert (kept.exit_code, kept.stdout.endswith("kept\n")) == (0, True)
    gone = cli("delete", "last", first, "--yes").stdout
    assert gone == f"deleted run {second} (tiny), completed\ndeleted run {first} (tiny), completed\n"
    assert rows(cli.workspace) == []
    assert run_files(cli.workspace) == set()


def test_unknown_runs_change_nothing(cli: CommandLine) -> None:
    run_id = cli(*RUN).stdout.strip()
    assert "no run 'x'" in cli("delete", "last", "x", "--yes", code=2).stderr
    assert "no run 'x'" in cli("tag", "x", "y", code=2).stderr
    assert "no run 'x'" in cli("note", "x", "y", code=2).stderr
    assert [row["id"] for row in rows(cli.workspace)] == [run_id]


def test_lines_of_progress_end_with_the_report(cli: CommandLine) -> None:
    import json

    lines = [
        json.loads(line)
        for line in cli(
            "run", "--headless", "experiments/tiny.toml", "--progress", "jsonl"
        ).stdout.splitlines()
    ]
    kinds = [line["event"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-1] == "ended"
    assert {"phase", "progress", "snapshot", "stored"} <= set(kinds)
    shown = json.loads(cli("show", "last", "--json").stdout)
    assert lines[-1]["report"] == shown
    assert "cannot be combined with --json or --quiet" in cli(*RUN, "--progress", "jsonl", code=2).stderr


def test_a_malformed_query_is_refused_with_a_line_each(cli: CommandLine) -> None:
    refused = cli("runs", "created>28.11.2026 loss<abc rule:oja", code=2)
    lines = refused.stderr.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        'query: got "created>28.11.2026"',
        'query: got "loss<abc"',
    ]
    assert refused.stdout == ""
    with pytest.raises(ConfigError, match="loss<abc"):
        l5tui.runs("loss<abc", workspace=cli.workspace)
    assert "No such runs" in cli("runs", "created>2020-01-01 loss<3").stderr
