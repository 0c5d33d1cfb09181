"""An experiment that needs more memory than is free is refused by every command that simulates."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.runner import memory
from l5tui.store.catalog import Catalog
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun, RunStatus
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyStatus, TrialStatus
from l5tui.tuning.lifecycle import new_study
from l5tui.tuning.space import search_space
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.workspaces import TINY, with_1_kb

HUGE = (
    "[network]\nsizes = [2000, 14000, 2400, 1600]\n[dynamics]\nduration_tau = 1.0\n[plasticity]\nonset_step = 0\n"
    "[simulation]\nrealizations = 500\n[tuning.space]\n'plasticity.tau_learn' = {low = 100, high = 200}\n"
    "[targets]\n'after/DS.CS' = {value = 0.5, uncertainty = 0.1, source = 'a test'}\n"
)
"""20,000 neurons and 500 circuits: 48 TB."""


def stored_run(workspace: Workspace) -> str:
    """Store a run of the huge experiment that failed; return its id."""
    pid = os.getpid()
    row = NewRun(
        "huge", 42, "0" * 64, HUGE, "corrected", "none", socket.gethostname(), pid, process_start_time(pid)
    )
    catalog = Catalog.open(workspace)
    return catalog.end(catalog.start(row).id, status=RunStatus.FAILED, error="no memory").id


def stored_study(workspace: Workspace, method: str, *, toml: str = HUGE, value: float | None = None) -> str:
    """Store a stopped study, with one trial if a value is given; return its id."""
    experiment = validate(parse_toml(toml), use="search")
    space = search_space(experiment)
    row = new_study(experiment, toml, space, method=method, trials=4, objective="loss", maximize=False)
    studies = Studies.open(workspace)
    study_id = studies.start(row).id
    if value is not None:
        studies.start_trial(study_id, 0, space.point(np.array([0.5])))
        studies.end_trial(
            study_id, 0, TrialStatus.COMPLETED, seconds=1.0, value=value, metrics={"loss": value}
        )
    studies.end(study_id, StudyStatus.STOPPED, "stopped")
    return study_id


def assert_refused(cli: CommandLine, *words: str) -> None:
    """Assert that a command refuses in one line, which names an option that the command has."""
    done = cli(*words, code=2)
    (line,) = done.stderr.splitlines()
    assert "TB of memory" in line
    assert "`--force`" in line
    assert "force=True" not in line
    assert "--force" in cli(words[0], "--help").stdout


def test_every_command_refuses_in_one_line_and_writes_nothing(cli: CommandLine) -> None:
    (cli.workspace.experiments / "huge.toml").write_text(HUGE)
    before = sorted(cli.workspace.root.rglob("*"))
    for command in (
        "run --headless",
        "tune --workers 2",
        "sweep",
        "sensitivity --samples 4",
        "compare-rules",
        "infer",
        "infer --method abc --budget 100",
    ):
        name, *options = command.split()
        assert_refused(cli, name, "experiments/huge.toml", *options)
    assert {file.suffix for file in {*cli.workspace.root.rglob("*")} - {*before}} <= {".log"}


def test_a_stored_run_or_study_is_refused_too(cli: CommandLine) -> None:
    run_id = stored_run(cli.workspace)
    searched = stored_study(cli.workspace, "tpe", value=1.0)
    inferred = stored_study(cli.workspace, "abc")
    before = {*cli.workspace.root.rglob("*")}
    listed = cli("runs", "--json").stdout, cli("studies", "--json").stdout
    assert_refused(cli, "rerun", run_id)
    assert_refused(cli, "tune", "--resume", searched)
    assert_refused(cli, "sensitivity", "--study", searched)
    assert_refused(cli, "infer", "--resume", inferred)
    assert (cli("runs", "--json").stdout, cli("studies", "--json").stdout) == listed
    assert {file.suffix for file in {*cli.workspace.root.rglob("*")} - before} <= {".log"}


@pytest.mark.slow
def test_force_starts_what_is_refused(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(memory.VARIABLE, str(with_1_kb(tmp_path)))
    toml = TINY + "[tuning]\nworkers = 1\n[tuning.space]\n'plasticity.tau_learn' = {low = 100, high = 200}\n"
    study_id = stored_study(cli.workspace, "tpe", toml=toml, value=1.0)
    for words in (("run", "--headless", "experiments/tiny.toml"), ("sensitivity", "--study", study_id)):
        assert "1.02 kB are free" in cli(*words, code=2).stderr
        cli(*words, "--force")
    assert "1.02 kB are free" in cli("rerun", "last", code=2).stderr
    cli("rerun", "last", "--force")


@pytest.mark.parametrize("name", ["NUMBA_DISABLE_JIT=1", "NUMBA_NUM_THREADS=-1"])
def test_a_setting_of_numba_that_cannot_work_is_one_line(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    key, value = name.split("=")
    monkeypatch.setenv(key, value)
    (cli.workspace.experiments / "huge.toml").write_text(HUGE)
    for command in ("run --headless", "tune"):
        done = cli(*command.split(), "experiments/huge.toml", code=2)
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"environment: {key}: got {value}, allowed ")
