"""``l5tui compare-rules``."""

from __future__ import annotations

import csv
import json
import signal
import time
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded, wait_until
from tests.workspaces import DIVERGING, ENDLESS, assert_truthful, rows

FILE = "experiments/tiny.toml"


def test_a_comparison_is_printed_stored_drawn_and_shown_again(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "figures"
    printed = cli("compare-rules", FILE, "--rules", "oja, bcm", "--out", str(out))
    lines = printed.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    kept = rows(cli.workspace)
    (group,) = {row["group_id"] for row in kept}
    assert lines[-1] == f"Group {group}"
    assert sorted(row["rule"] for row in kept) == ["bcm", "none", "oja"]
    assert sorted(path.name for path in out.iterdir()) == ["rule_comparison.csv", "rule_comparison.png"]

    shown = json.loads(cli("compare-rules", "--group", group, "--json").stdout)
    assert (shown["group"], shown["control"]) == (group, "none")
    assert [run["rule"] for run in shown["runs"]] == ["none", "bcm", "oja"]
    assert len(shown["effects"]) == 3 * 3 * 4
    with (out / "rule_comparison.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(row["after"]) for row in table] == [effect["after"] for effect in shown["effects"]]

    monkeypatch.setenv("COLUMNS", "140")
    assert cli("compare-rules", "--group", group).stdout.splitlines()[-1] == lines[-1]
    listed = json.loads(cli("runs", "--group", group, "--json").stdout)
    assert {run["group"] for run in listed} == {group}
    assert len(listed) == 3


def test_faults_are_reported_before_anything_runs(cli: CommandLine) -> None:
    for arguments, expected in (
        ((FILE, "--rules", "hebb"), "--rules: got hebb, allowed rules among none, bcm"),
        ((FILE, "--group", "x"), "either FILE or --group ID"),
        ((), "either FILE or --group ID"),
        (("missing.toml",), "no such file"),
        ((FILE, "--set", "plasticity.tau_learn=0"), "plasticity.tau_learn"),
    ):
        printed = cli("compare-rules", *arguments, code=2)
        assert printed.stdout == ""
        assert expected in " ".join(printed.stderr.replace("│", "").split())
    assert rows(cli.workspace) == []


def test_a_rule_that_diverges_is_reported(cli: CommandLine) -> None:
    (cli.workspace.experiments / "tiny.toml").write_text(DIVERGING)
    lines = cli("compare-rules", FILE, "--rules", "oja", code=3).stdout.splitlines()
    (oja,) = (line for line in lines if line.startswith("oja"))
    assert "diverged: 2 of 2 realizations diverged" in oja
    assert any("n/a" in line for line in lines)


@pytest.mark.slow
def test_a_signal_ends_all_that_run_within_a_second(cli: CommandLine, preloaded: Preloaded) -> None:
    (cli.workspace.experiments / "tiny.toml").write_text(ENDLESS)
    running = preloaded.start("compare-rules", FILE, folder=cli.workspace.root)
    wait_until(lambda: len(rows(cli.workspace)) == 2, "two runs have their rows")
    time.sleep(0.2)
    running.signal(signal.SIGINT)
    sent = time.monotonic()
    assert running.wait() == 130
    assert time.monotonic() - sent < 2.0
    assert {row["status"] for row in rows(cli.workspace)} == {"cancelled"}
    assert "The control is not complete" in running.stdout
    assert "Traceback" not in running.stderr
    assert_truthful(cli.workspace)
