"""``l5tui compare``, ``l5tui fork`` and ``l5tui rerun``."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import netCDF4
import pytest
from typer.testing import CliRunner

from l5tui.cli.commands import app
from l5tui.config import Experiment
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.workspaces import TINY, copy_of, rows, snapshot

Reports = list[dict[str, Any]]
RUN = ("run", "--headless", "experiments/tiny.toml", "--json")


@pytest.fixture(scope="module")
def history(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """A run, one that differs in its rule and one amplitude, and one that failed; to be looked at."""
    workspace = copy_of(original, tmp_path_factory.mktemp("compared") / "workspace")

    def run(*options: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(CliRunner().invoke(app, [*RUN, *options]).stdout)
        return report

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        made = [
            run(),
            run("--set", "plasticity.rule=oja", "--set", "stimulus.amplitude.CS=7", "--name", '=1+1,"\x1b'),
        ]
        kept = workspace.runs.rename(workspace.store / "aside")
        workspace.runs.touch()
        made.append(run("--name", "failed"))
        workspace.runs.unlink()
        kept.rename(workspace.runs)
    return made


@pytest.fixture
def cli(history: Reports, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line in the workspace of these runs."""
    workspace = Workspace(Path(history[0]["paths"]["catalog"]).parents[1])
    monkeypatch.chdir(workspace.root)
    return CommandLine(workspace)


def test_only_the_parameters_that_differ(cli: CommandLine, history: Reports) -> None:
    reported = json.loads(cli("compare", *(each["run_id"] for each in history[:2]), "--json").stdout)
    assert [run["run_id"] for run in reported["runs"]] == [each["run_id"] for each in history[:2]]
    assert reported["parameters"] == {
        "plasticity.rule": ["sliding_bcm", "oja"],
        "stimulus.amplitude.CS": [6.0, 7.0],
    }


def test_measures_are_those_of_the_runs_with_their_differences(cli: CommandLine, history: Reports) -> None:
    first, second = history[1], history[0]
    reported = json.loads(cli("compare", first["run_id"], second["run_id"], "--json").stdout)["measures"]
    assert reported["loss"]["values"] == [first["loss"], second["loss"]]
    assert reported["loss"]["differences"] == [0, second["loss"] - first["loss"]]
    for one, other in zip(first["selectivity"], second["selectivity"], strict=True):
        if one["statistic"] == "mean":
            name = f"{one['condition']}/{one['measure']}.{one['population']}"
            assert reported[name]["values"] == [one["value"], other["value"]]
            assert reported[name]["differences"] == [0, other["value"] - one["value"]]


def test_losses_of_other_numbers_of_realizations_are_marked(cli: CommandLine, history: Reports) -> None:
    """One realization has no spread, which the loss leaves out: each list and comparison warns of it."""
    alone = json.loads(cli(*RUN, "--set", "simulation.realizations=1").stdout)
    several = history[0]
    spreads = {row["value"] for row in alone["selectivity"] if row["statistic"] == "std_of_means"}
    assert spreads == {None}
    assert alone["loss"] is not None
    assert alone["loss_terms"]["spread_between"] is None
    assert [caveat for caveat in alone["caveats"] if "does not contain spread_between" in caveat]
    shown = cli("show", alone["run_id"]).stdout
    assert "± n/a" in shown
    assert "± 0.000" not in shown
    assert "caveat: the loss does not contain spread_between" in shown
    reported = json.loads(cli("compare", several["run_id"], alone["run_id"], "--json").stdout)
    assert ["losses of 1 and 2 realizations" in each for each in reported["caveats"]] == [True]
    assert "losses of 1 and 2 realizations" in cli("compare", several["run_id"], alone["run_id"]).stdout
    assert "losses of 1 and 2 realizations" in cli("runs").stdout
    assert {each["realizations"] for each in json.loads(cli("runs", "--json").stdout)} == {None, 1, 2}
    cli("delete", alone["run_id"], "--yes")
    assert "losses of" not in cli("runs").stdout
    reported = json.loads(cli("compare", *(each["run_id"] for each in history[:2]), "--json").stdout)
    assert reported["caveats"] == []


def test_csv_says_the_same_as_json(cli: CommandLine, history: Reports) -> None:
    ids = [each["run_id"] for each in history[:2]]
    heading, *body = csv.reader(io.StringIO(cli("compare", *ids, "--csv").stdout))
    reported = json.loads(cli("compare", *ids, "--json").stdout)
    assert heading == ["kind", "name", *ids, f"{ids[1]} - {ids[0]}"]
    assert [row[1:4] for row in body if row[0] == "parameter"] == [
        [name, *map(str, values)] for name, values in reported["parameters"].items()
    ]
    measures = {row[1]: row[2:] for row in body if row[0] == "measure"}
    assert measures.keys() == reported["measures"].keys()
    for name, values in reported["measures"].items():
        expected = [*values["values"], values["differences"][1]]
        assert [float(cell) if cell else None for cell in measures[name]] == expected


@pytest.mark.parametrize("width", ["80", "140"])
def test_tables_fit_the_terminal(
    cli: CommandLine, history: Reports, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    printed = cli("compare", *(each["run_id"] for each in history[:2])).stdout
    lines = printed.splitlines()
    assert max(map(len, lines)) <= int(width)
    assert lines[0].split() == ["A", history[0]["run_id"], "completed", "tiny"]
    assert ["plasticity.rule", "sliding_bcm", "oja"] in [line.split() for line in lines]
    assert "\x1b" not in printed
    (loss,) = (line.split() for line in lines if line.startswith("loss "))
    assert float(loss[1]) == pytest.approx(history[0]["loss"], abs=1e-4)


@pytest.mark.slow
def test_figures_are_drawn_on_request(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "figures"
    printed = cli("compare", *(each["run_id"] for each in history[:2]), "--json", "--out", str(folder))
    json.loads(printed.stdout)
    names = ["rates_compared.png", "selectivity_compared.png"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in names)
    (tmp_path / "file").touch()
    ids = [each["run_id"] for each in history[:2]]
    reported = cli("compare", *ids, "--out", str(tmp_path / "file"), code=2)
    assert "cannot be written" in reported.stderr


def test_runs_that_cannot_be_compared_are_reported_in_one_line(cli: CommandLine, history: Reports) -> None:
    first, second, failed = (each["run_id"] for each in history)
    for references, expected in (
        ([first], "compare 2 to 6 runs"),
        ([first] * 7, "compare 2 to 6 runs"),
        ([first, first[:-1]], "given more than once"),
        ([first, failed], "is failed and has no measures"),
        ([first, "nonsense"], "no run 'nonsense'"),
    ):
        printed = cli("compare", *references, code=2)
        assert printed.stdout == ""
        (line,) = printed.stderr.splitlines()
        assert expected in line
    assert "--json, --csv" in cli("compare", first, second, "--json", "--csv", code=2).stderr


def test_a_lost_file_is_reported(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    file = Path(history[0]["paths"]["netcdf"])
    moved = file.rename(tmp_path / file.name)
    try:
        ids = [each["run_id"] for each in history[:2]]
        cli("compare", *ids)
        reported = cli("compare", *ids, "--out", str(tmp_path / "figures"), code=2)
        assert "has lost its file" in reported.stderr
        assert not (tmp_path / "figures").exists()
        assert "has lost its file" in cli("rerun", ids[0], "--verify", code=2).stderr
    finally:
        moved.rename(file)


def test_comparing_writes_nothing_else(cli: CommandLine, history: Reports) -> None:
    before = snapshot(cli.workspace.runs), rows(cli.workspace)
    cli("compare", *(each["run_id"] for each in history[:2]))
    assert (snapshot(cli.workspace.runs), rows(cli.workspace)) == before


def test_a_fork_is_the_run_s_experiment(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    path = tmp_path / "variation.toml"
    assert history[1]["run_id"] in cli("fork", history[1]["run_id"], "--out", str(path)).stdout
    assert Experiment.load(path).hash == history[1]["hash"]
    assert path.read_text().startswith("# 44 neurons and 300 steps.\n")
    before = path.read_bytes()
    reported = cli("fork", history[0]["run_id"], "--out", str(path), code=2).stderr
    assert "is there already" in reported
    assert path.read_bytes() == before
    assert "cannot be written" in cli("fork", "last", "--out", str(tmp_path / "no" / "x.toml"), code=2).stderr
    assert "no run" in cli("fork", "nonsense", "--out", str(tmp_path / "y.toml"), code=2).stderr
    assert not (tmp_path / "y.toml").exists()


def test_running_again_gives_the_same_bits(cli: CommandLine, history: Reports) -> None:
    reported = json.loads(cli("rerun", history[1]["run_id"], "--verify", "--json").stdout)
    assert reported["same"]
    assert reported["difference"] is None
    assert reported["original"] == history[1]["run_id"]
    assert reported["versions"] == {}
    row = rows(cli.workspace)[-1]
    assert (row["id"], row["status"], row["hash"]) == (reported["again"], "completed", history[1]["hash"])
    assert row["toml"] == rows(cli.workspace)[1]["toml"]
    assert reported["variables"] > 25


def test_different_values_and_versions_are_reported(workspace: Workspace) -> None:
    (workspace.experiments / "tiny.toml").write_text(TINY)
    cli = CommandLine(workspace)
    report = json.loads(cli(*RUN).stdout)
    with netCDF4.Dataset(report["paths"]["netcdf"], "a") as file:
        before = float(file["rates_after"][1, 2, 3])
        file["rates_after"][1, 2, 3] = before + 1
        versions = {**report["versions"], "numpy": "1.0"}
        file.setncattr("versions", json.dumps(versions))
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("UPDATE run SET versions = ?", (json.dumps(versions),))
    printed = cli("rerun", report["run_id"], "--verify", code=1).stdout
    assert f"differs from {report['run_id']} first in rates_after[1, 2, 3]:" in printed
    assert f"  {before + 1!r} before, {before!r} now" in printed
    assert f"  numpy: 1.0 before, {report['versions']['numpy']} now" in printed


def test_running_again_without_verifying_reports_the_run(workspace: Workspace) -> None:
    (workspace.experiments / "tiny.toml").write_text(TINY)
    cli = CommandLine(workspace)
    first = json.loads(cli(*RUN).stdout)
    again = json.loads(cli("rerun", "last", "--json").stdout)
    assert again["selectivity"] == first["selectivity"]
    assert again["run_id"] != first["run_id"]
    printed = cli("rerun", first["run_id"]).stdout
    assert len(rows(workspace)) == 3
    assert f"Run {rows(workspace)[-1]['id']} (" in printed


def test_no_catalogue_is_made_by_looking(fresh: Workspace) -> None:
    before = snapshot(fresh.root)
    for arguments in (["compare", "a", "b"], ["rerun", "last"], ["fork", "last", "--out", "x.toml"]):
        result = CliRunner().invoke(app, arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("no runs yet; ")
    assert snapshot(fresh.root) == before
