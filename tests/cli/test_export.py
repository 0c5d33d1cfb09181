"""``l5tui export``: a folder that is whole, and a table that is ready for pandas."""

from __future__ import annotations

import io
import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

from l5tui.cli.commands import app
from l5tui.config import Experiment
from l5tui.store.netcdf import file_sha256
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.workspaces import copy_of, snapshot

Reports = list[dict[str, Any]]
RUN = ("run", "--headless", "experiments/tiny.toml", "--json")
EXACT = 1e-15
"""How well pandas reads numbers that are written in full."""

NAME = '=cmd|" /C calc"!A1, `x`\n# <b>'


@pytest.fixture(scope="module")
def history(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Three runs to read: one with a plain name, one with a hostile name, and one that failed."""
    workspace = copy_of(original, tmp_path_factory.mktemp("exported") / "workspace")

    def run(*options: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(CliRunner().invoke(app, [*RUN, *options]).stdout)
        return report

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        made = [run(), run("--name", NAME, "--set", "plasticity.rule=none")]
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


def test_a_run_s_folder_has_everything(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    report, folder = history[0], tmp_path / "deep" / "exported"
    assert report["run_id"] in cli("export", report["run_id"], "--to", str(folder)).stdout
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {
        f"tables/{name}.{kind}" for name in ("selectivity", "weights", "summary") for kind in ("csv", "md")
    }
    figures = {name for name in names if name.startswith("figures/")}
    assert {"figures/selectivity.png", "figures/weights.png"} <= figures
    assert names - figures - tables == {"README.md", "experiment.toml", f"{report['run_id']}.nc"}
    assert tables <= names
    assert file_sha256(folder / f"{report['run_id']}.nc") == report["file_sha256"]
    assert Experiment.load(folder / "experiment.toml").hash == report["hash"]
    assert [path for path in folder.parent.iterdir() if path != folder] == []
    with xr.open_dataset(folder / f"{report['run_id']}.nc") as dataset:
        assert dataset.attrs["run_id"] == report["run_id"]


def test_its_tables_are_the_run_s(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    report = history[0]
    cli("export", report["run_id"], "--to", str(tmp_path / "x"))
    for name, wanted in (
        ("selectivity", report["selectivity"] + report["cells"]),
        ("weights", report["weights"]),
    ):
        frame = pd.read_csv(tmp_path / "x" / "tables" / f"{name}.csv")
        assert list(frame.columns) == list(wanted[0])
        expected = [math.nan if row["value"] is None else row["value"] for row in wanted]
        assert list(frame["value"]) == pytest.approx(expected, rel=EXACT, nan_ok=True)
    summary = pd.read_csv(tmp_path / "x" / "tables" / "summary.csv")
    values = dict(zip(summary["name"], summary["value"], strict=True))
    expected_summary = {"loss": report["loss"], **report["loss_terms"], **report["summary"]}
    numbers = {name: math.nan if value is None else value for name, value in expected_summary.items()}
    assert values == pytest.approx(numbers, rel=EXACT, nan_ok=True)


def test_its_readme_says_how_to_repeat_and_cite_it(
    cli: CommandLine, history: Reports, tmp_path: Path
) -> None:
    report = history[1]
    cli("export", report["run_id"], "--to", str(tmp_path / "x"))
    text = (tmp_path / "x" / "README.md").read_text()
    for each in (report["hash"], report["file_sha256"], report["versions"]["numpy"], "rule | none"):
        assert each in text
    assert f"l5tui rerun {report['run_id']} --verify" in text
    assert "l5tui run --headless experiment.toml" in text
    # What a person wrote stays text: no heading, no code that ends early.
    assert "`=cmd|\" /C calc\"!A1, 'x' # <b>`" in text
    assert "\n    a note\n" in text
    assert [line for line in text.splitlines() if line.startswith("# ")] == [f"# Run {report['run_id']}"]


def test_the_exported_experiment_repeats_the_run(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    cli("export", history[0]["run_id"], "--to", str(tmp_path / "x"))
    again = json.loads(cli("run", "--headless", str(tmp_path / "x" / "experiment.toml"), "--json").stdout)
    assert again["hash"] == history[0]["hash"]
    assert again["selectivity"] == history[0]["selectivity"]


def test_nothing_is_overwritten_or_left_half_done(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    run_id = history[0]["run_id"]
    full, empty = tmp_path / "full", tmp_path / "empty"
    for folder in (full, empty):
        folder.mkdir()
    (full / "mine").write_text("mine")
    assert "is there already" in cli("export", run_id, "--to", str(full), code=2).stderr
    assert "is there already" in cli("export", run_id, "--to", str(full / "mine"), code=2).stderr
    assert "cannot be written" in cli("export", run_id, "--to", str(full / "mine" / "x"), code=2).stderr
    failed = cli("export", history[2]["run_id"], "--to", str(tmp_path / "none"), code=2)
    assert "is failed and has no measures" in failed.stderr
    cli("export", run_id, "--to", str(empty))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full"]
    assert [path.name for path in full.iterdir()] == ["mine"]


def test_a_file_that_was_changed_is_not_passed_on(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    file = Path(history[0]["paths"]["netcdf"])
    kept = file.read_bytes()
    try:
        file.write_bytes(kept + b"\0")
        values = cli("export", history[0]["run_id"], "--to", str(tmp_path / "x"), code=1).stderr
        assert "is not what run" in values
        assert list(tmp_path.iterdir()) == []
    finally:
        file.write_bytes(kept)


def test_the_table_has_a_row_a_run(cli: CommandLine, history: Reports, tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    assert cli("export", "--table", str(path)).stdout.startswith(str(path))
    frame = pd.read_csv(path, index_col="run_id")
    by_id: dict[Any, dict[Any, Any]] = frame.to_dict("index")
    for report in history[:2]:
        row = by_id[report["run_id"]]
        # No spreadsheet takes it for a formula.
        assert row["name"] == ("'" + NAME if report["name"] == NAME else report["name"])
        assert row["loss"] == pytest.approx(report["loss"], rel=EXACT)
        assert row["plasticity.rule"] == row["rule"] == report["rule"]
        assert (row["network.sizes.CC"], row["network.target_weights.CS_to_PV"]) == (22, 1.01)
        assert json.loads(row["tags"]) == report["tags"]
        for cell in report["selectivity"]:
            if cell["statistic"] == "mean":
                name = f"{cell['condition']}/{cell['measure']}.{cell['population']}"
                assert row[name] == pytest.approx(cell["value"], rel=EXACT)
    failed = by_id[history[2]["run_id"]]
    assert failed["status"] == "failed"
    assert failed["simulation.realizations"] == 2
    assert pd.isna(failed["after/OS.CS"])
    assert frame["seed"].dtype == int
    before = path.read_bytes()
    assert "is there already" in cli("export", "--table", str(path), code=2).stderr
    assert path.read_bytes() == before


def test_the_table_can_be_narrowed_and_printed(cli: CommandLine, history: Reports) -> None:
    def ids(*options: str) -> list[str]:
        text = cli("export", "--table", "-", *options).stdout
        return list(pd.read_csv(io.StringIO(text))["run_id"])

    assert ids("--rule", "none") == [history[1]["run_id"]]
    assert ids("--status", "failed") == [history[2]["run_id"]]
    assert len(ids("--tag", "zebra", "--limit", "2")) == 2
    assert cli("export", "--table", "-", "--group", "nothing").stdout == "\n"


def test_runs_of_another_l5tui_are_there_without_their_parameters(workspace: Workspace) -> None:
    cli = CommandLine(workspace)
    report = json.loads(cli(*RUN).stdout)
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("UPDATE run SET toml = 'unheard_of = 1'")
    printed = cli("export", "--table", "-")
    assert f"1 run without parameters, from another version of l5tui; {workspace.log}" in printed.stderr
    (row,) = pd.read_csv(io.StringIO(printed.stdout)).to_dict("records")
    assert row["run_id"] == report["run_id"]
    assert row["loss"] == pytest.approx(report["loss"], rel=EXACT)
    assert "plasticity.tau_learn" not in row
    assert "unheard_of" in cli("compare", report["run_id"], _another(cli), code=2).stderr


def _another(cli: CommandLine) -> str:
    return str(json.loads(cli(*RUN).stdout)["run_id"])


@pytest.mark.parametrize(
    "arguments",
    [(), ("last",), ("--to", "x"), ("last", "--table", "x"), ("last", "--to", "x", "--table", "y")],
)
def test_either_a_run_or_a_table(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    before = snapshot(cli.workspace.root)
    assert "either RUN and --to DIR, or --table FILE" in " ".join(
        cli("export", *arguments, code=2).stderr.replace("│", "").split()
    )
    assert snapshot(cli.workspace.root) == before
