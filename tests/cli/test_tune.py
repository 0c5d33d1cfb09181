"""``l5tui tune``, ``sweep`` and ``studies``."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from l5tui.runner.mlflow_recorder import LATER
from l5tui.store.studies import Studies
from l5tui.text import number
from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded, wait_until
from tests.tuning.searches import NOT_DEFINED, SPACE, study_toml, write
from tests.workspaces import rows, snapshot

AMPLITUDES = """
[tuning.space]
"stimulus.amplitude.CC" = {low = 1.0, high = 20.0}
"stimulus.amplitude.PV" = {low = 1.0, high = 20.0}
"""


def studies(cli: CommandLine) -> list[dict[str, object]]:
    """Every study, newest first."""
    found: list[dict[str, object]] = json.loads(cli("studies", "--json").stdout)
    return found


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow records no runs and studies, which takes seconds."""
    monkeypatch.setenv(LATER, "1")


def test_a_study_is_searched_listed_shown_and_its_best_run(cli: CommandLine) -> None:
    file = write(cli.workspace, study_toml(trials=9))
    printed = cli("tune", str(file), "--trials", "3", "--workers", "1")
    (listed,) = studies(cli)
    assert (listed["status"], listed["counts"], listed["wanted"]) == ("completed", {"completed": 3}, 3)
    assert str(listed["id"]) in printed.stdout
    assert "stimulus.amplitude.CS" in printed.stdout
    assert max(map(len, printed.stdout.splitlines())) <= 80
    assert "3/3" in cli("studies").stdout
    shown = json.loads(cli("show", str(listed["id"]), "--json").stdout)
    assert len(shown["trials"]) == 3
    assert shown["best_value"] == min(trial["value"] for trial in shown["trials"])
    assert cli("show", str(listed["id"])).stdout == printed.stdout

    best = cli("tune", "--best", "last", "--json")
    run = json.loads(best.stdout)
    path = cli.workspace.root / "experiments" / f"best-{listed['id']}.toml"
    assert f"wrote {path}" in best.stderr
    # The best point's circuits are those of its trials, so that its loss is the trial's.
    assert run["loss"] == pytest.approx(shown["best_value"], rel=1e-12)
    assert [row["id"] for row in rows(cli.workspace)] == [run["run_id"]]
    # Both are left to the next command that records.
    assert [row["mlflow_run"] for row in rows(cli.workspace)] == [None]
    assert [study.mlflow_run for study in Studies.open(cli.workspace).studies()] == [None]


def test_lists_have_the_confirmed_best_first_and_say_what_is_not_confirmed(cli: CommandLine) -> None:
    cli("tune", str(write(cli.workspace, study_toml(trials=2))))
    confirm = "confirm = 2\nconfirm_circuits = 3\nrealizations = 1"
    printed = cli("tune", str(write(cli.workspace, study_toml(trials=3, extra=confirm)))).stdout
    confirmed, plain = studies(cli)
    assert plain["confirmed_best"] is None
    best = confirmed["confirmed_best"]
    assert isinstance(best, dict)
    assert best["n"] == 3
    assert best["low"] < best["mean"] < best["high"]
    table = cli("studies").stdout.splitlines()
    assert max(map(len, table)) <= 80
    assert table[1].split()[:7] == ["study", "status", "trials", "best", "n", "search", "R"]
    half = (best["high"] - best["low"]) / 2
    assert f" {number(best['mean'])} ± {number(half)} " in table[2]
    assert f" {number(float(str(confirmed['best_value'])), 4)} " in table[2]
    assert " not confirmed " in table[3]
    # The page of the study has the confirmed best on top, and how far the second is from it.
    rows_of_trials = printed.split("in search", 2)[-1].splitlines()
    assert rows_of_trials[1].split()[0] == str(best["trial"])
    assert f"trial {best['trial']} minus trial " in printed
    assert "n = 3)" in printed


@pytest.mark.slow
def test_a_sweep_goes_through_a_grid(cli: CommandLine) -> None:
    space = '[tuning.space]\n"plasticity.tau_learn" = {low = 100, high = 900}\n"plasticity.rule" = ["bcm", "none"]\n'
    file = write(cli.workspace, study_toml("random", trials=6, space=space))
    shown = json.loads(cli("sweep", str(file), "--json").stdout)
    assert shown["method"] == "grid"
    points = [
        (trial["point"]["plasticity.rule"], trial["point"]["plasticity.tau_learn"])
        for trial in shown["trials"]
    ]
    assert points == [(rule, value) for rule in ("bcm", "none") for value in (100.0, 500.0, 900.0)]


def test_all_faults_are_reported_and_nothing_is_written(cli: CommandLine) -> None:
    bad = SPACE.replace("high = 20.0", "high = 1e9").replace('"bcm", ', '"bmc", ')
    file = write(cli.workspace, study_toml(space=bad, extra='objective = "los"'))
    before = snapshot(cli.workspace.root)
    for arguments, messages in (
        (
            (str(file),),
            ["tuning.space.stimulus.amplitude.CS", "tuning.space.plasticity.rule", "tuning.objective"],
        ),
        ((str(cli.workspace.root / "experiments" / "tiny.toml"),), ["tuning.space: got nothing to search"]),
        ((), ["a file, or a study to resume"]),
        (("--resume", "last", "--set", "seed=1"), ["only with a file"]),
        (("--resume", "last"), ["no studies yet"]),
        ((str(file), "--best", "last"), ["without a file"]),
    ):
        printed = cli("tune", *arguments, code=2)
        assert printed.stdout == ""
        assert all(each in " ".join(printed.stderr.replace("│", "").split()) for each in messages), (
            printed.stderr
        )
    assert snapshot(cli.workspace.root).keys() - before.keys() <= {
        "store/catalog.sqlite",
        "store/catalog.sqlite.lock",
    }
    assert json.loads(cli("studies", "--json").stdout) == []


def test_a_search_for_what_is_not_defined_ends_with_1(cli: CommandLine) -> None:
    file = write(cli.workspace, study_toml(trials=2, extra=NOT_DEFINED))
    printed = cli("tune", str(file), code=1)
    (study,) = studies(cli)
    assert study["status"] == "failed"
    reason = "no trial has a value of loss/spread_between (2 completed)"
    assert printed.stderr.splitlines()[-1].startswith(f"study {study['id']} has failed: {reason}; details: ")
    assert study["error"] == reason


def test_a_malformed_address_of_a_scheduler_is_a_fault_beside_those_of_the_file(cli: CommandLine) -> None:
    file = write(cli.workspace, study_toml(trials=2))
    before = snapshot(cli.workspace.root)
    for command in ("tune", "sweep"):
        for address in ("", "http://host:1", "host"):
            printed = cli(command, str(file), "--scheduler", address, code=2)
            assert printed.stderr == (
                f'--scheduler: got "{address}", allowed PROTOCOL://HOST:PORT, such as tcp://host:8786\n'
            )
    bad = write(cli.workspace, study_toml(extra='objective = "los"'))
    both = cli("tune", str(bad), "--scheduler", "", code=2).stderr.splitlines()
    assert ["tuning.objective" in both[0], "--scheduler" in both[1], len(both)] == [True, True, 2]
    file.write_text(study_toml(trials=2), encoding="utf-8")
    assert snapshot(cli.workspace.root).keys() == before.keys()


def test_interrupted_once_it_lets_trials_end_and_twice_it_stops(
    cli: CommandLine, preloaded: Preloaded, tmp_path: Path
) -> None:
    toml = study_toml(trials=50).replace("duration_tau = 30.0", "duration_tau = 9000.0")
    file = write(cli.workspace, toml)
    running = preloaded.start("tune", str(file), "--json", folder=cli.workspace.root)
    wait_until(lambda: running.errors.exists() and "study " in running.stderr, "the study has begun")
    # Before that the processes are starting, and no trial runs.
    wait_until(lambda: studies(cli)[0]["counts"].get("completed"), "a trial has ended")  # type: ignore[attr-defined]
    running.signal(signal.SIGINT)
    wait_until(lambda: "no more trials" in running.stderr, "it says that it stops")
    assert running.wait() == 130
    shown = json.loads(running.stdout)
    assert shown["status"] == "stopped"
    assert shown["counts"].keys() == {"completed"}
    assert f"l5tui tune --resume {shown['id']}" in running.stderr

    again = preloaded.start("tune", "--resume", shown["id"], folder=cli.workspace.root)
    wait_until(lambda: studies(cli)[0]["counts"].get("running"), "a trial has begun")  # type: ignore[attr-defined]
    again.signal(signal.SIGTERM)
    assert again.wait() == 130
    (listed,) = studies(cli)
    assert listed["status"] == "stopped"
    assert "running" not in listed["counts"]  # type: ignore[operator]


@pytest.mark.slow
def test_progress_as_lines_of_json(cli: CommandLine) -> None:
    file = write(cli.workspace, study_toml(trials=3))
    shown = cli("tune", str(file), "--workers", "1", "--progress", "jsonl")
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    kinds = [line["event"] for line in lines]
    assert (kinds[0], kinds[-1]) == ("started", "ended")
    ended = [line for line in lines if line["event"] == "trial"]
    assert [line["trial"]["number"] for line in ended] == [0, 1, 2]
    best = lines[-1]["report"]["best_value"]
    assert ended[-1]["best_value"] == best == min(line["trial"]["value"] for line in ended)
    assert lines[-1]["report"] == json.loads(cli("show", lines[0]["study_id"], "--json").stdout)
    assert shown.stderr == ""

    went_on = cli("tune", "--resume", "last", "--trials", "4", "--progress", "jsonl").stdout.splitlines()
    first = json.loads(went_on[0])
    assert (first["resumed"], first["ended"], first["trials"]) == (True, 3, 4)
    assert (
        "cannot be combined with --json"
        in cli("tune", str(file), "--json", "--progress", "jsonl", code=2).stderr
    )


def test_a_sensitivity_writes_json_lines_as_a_search_does(cli: CommandLine) -> None:
    pytest.importorskip("SALib")
    file = write(cli.workspace, study_toml(space=AMPLITUDES))
    shown = cli("sensitivity", str(file), "--samples", "4", "--progress", "jsonl")
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("started", "ended")
    assert sum(line["event"] == "trial" for line in lines) == 4 * (2 + 2)
    assert lines[-1]["report"]["method"] == "saltelli"
    assert shown.stderr == ""
    both = cli("sensitivity", str(file), "--json", "--progress", "jsonl", code=2)
    assert "cannot be combined with --json" in both.stderr


def test_an_inference_writes_only_json_lines(cli: CommandLine) -> None:
    for name in ("arviz", "pyvbmc"):
        pytest.importorskip(name)
    targets = '\n[targets]\n"after/rate.CC" = {value = 2.0, uncertainty = 0.2, source = "made up"}\n'
    file = write(cli.workspace, study_toml(space=AMPLITUDES) + targets)
    shown = cli("infer", str(file), "--budget", "20", "--progress", "jsonl")
    # The method prints nothing of its own among them.
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("started", "ended")
    assert lines[-1]["report"]["objective"] == "log_likelihood"
    both = cli("infer", str(file), "--json", "--progress", "jsonl", code=2)
    assert "cannot be combined with --json" in both.stderr
