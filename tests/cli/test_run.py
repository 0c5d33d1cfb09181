"""``l5tui run``: its output, its store and its record in MLflow."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow.entities
import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from l5tui.analysis.tables import RunTables, run_tables
from l5tui.cli.commands import app
from l5tui.config import Experiment
from l5tui.store.catalog import Catalog
from l5tui.store.netcdf import file_sha256
from l5tui.tracking.mlflow_database import open_client
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded, l5tui
from tests.workspaces import DIVERGING, TINY, assert_truthful, copy_of, rows, run_files

RUN = ("run", "--headless", "experiments/tiny.toml")
NAMED_IN_JSON = {
    *("run_id", "status", "name", "seed", "hash", "loss", "loss_terms", "selectivity", "weights", "summary"),
    *("paths", "timings", "error"),
}


class Kept:
    """A completed run with figures, and everything that was kept of it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        arguments = [*RUN, "--json", "--set", "recording.figures=light", "--workspace", str(workspace.root)]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(workspace.root)
            self.result = CliRunner().invoke(app, arguments)
        assert self.result.exit_code == 0, self.result.output
        self.json: dict[str, Any] = json.loads(self.result.stdout)
        self.catalog = Catalog.open(workspace)
        self.record = self.catalog.find(self.json["run_id"])
        self.path = Path(self.json["paths"]["netcdf"])


@pytest.fixture(scope="module")
def kept(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Only to be looked at."""
    return Kept(copy_of(original, tmp_path_factory.mktemp("kept") / "workspace"))


@pytest.fixture
def dataset(kept: Kept) -> Iterator[xr.Dataset]:
    """Its file, opened as a stranger would."""
    with xr.open_dataset(kept.path) as opened:
        yield opened


@pytest.fixture
def mlflow_run(kept: Kept) -> mlflow.entities.Run:
    """Its run in MLflow."""
    with open_client(kept.workspace) as client:
        return client.get_run(kept.json["paths"]["mlflow_run"])


def as_json(tables: RunTables) -> dict[str, Any]:
    """Tables as ``--json`` has to print them."""

    def plain(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return {
        "loss": plain(tables.loss),
        "loss_terms": {term: plain(value) for term, value in tables.loss_terms.items()},
        "selectivity": [{**vars(row), "value": plain(row.value)} for row in tables.selectivity],
        "weights": [{**vars(row), "value": plain(row.value)} for row in tables.weights],
        "summary": {name: plain(value) for name, value in tables.summary.items()},
    }


def test_json_is_one_object_and_all_of_standard_output(kept: Kept) -> None:
    assert kept.json.keys() >= NAMED_IN_JSON
    assert kept.result.stderr == ""
    assert (kept.json["status"], kept.json["name"], kept.json["seed"]) == ("completed", "tiny", 42)
    assert kept.json["error"] is None
    assert kept.json["timings"].keys() == {"simulate", "measure", "store", "track"}
    assert all(seconds > 0 for seconds in kept.json["timings"].values())
    assert kept.json["paths"].keys() == {"netcdf", "catalog", "mlflow_run"}


def test_json_has_every_cell(kept: Kept) -> None:
    selectivity, weights = kept.json["selectivity"], kept.json["weights"]
    cells = {
        tuple(row[key] for key in ("condition", "measure", "statistic", "population")) for row in selectivity
    }
    assert len(cells) == len(selectivity) == 2 * 6 * 3 * 4
    assert {cell[0] for cell in cells} == {"before", "after"}
    assert {cell[1] for cell in cells} == {"rate", "OS", "DS", "OS_p", "OS_vector", "DS_vector"}
    blocks = {tuple(row[key] for key in ("post", "pre", "quantity", "statistic")) for row in weights}
    assert len(blocks) == len(weights) == 4 * 4 * 4 * 3
    assert {block[2] for block in blocks} == {"initial", "final", "change", "target"}
    statistics = {"mean", "std_of_means", "mean_of_stds"}
    assert {cell[2] for cell in cells} == {block[3] for block in blocks} == statistics


def test_the_catalogue_and_the_file_hold_the_same_numbers(kept: Kept, dataset: xr.Dataset) -> None:
    printed = {name: kept.json[name] for name in ("loss", "loss_terms", "selectivity", "weights", "summary")}
    assert as_json(kept.catalog.tables(kept.record.id)) == printed
    assert as_json(run_tables(dataset)) == printed


def test_the_file_is_what_the_catalogue_says(kept: Kept, dataset: xr.Dataset) -> None:
    assert kept.path == kept.workspace.root / str(kept.record.file)
    assert kept.record.file_sha256 == file_sha256(kept.path) == kept.json["file_sha256"]
    assert dataset.attrs["run_id"] == kept.record.id
    assert dataset.attrs["experiment_hash"] == kept.record.hash == kept.json["hash"]
    assert_truthful(kept.workspace)


def test_the_kept_toml_is_the_same_experiment(kept: Kept, dataset: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "other name.toml"
    for text in (kept.record.toml, dataset.attrs["experiment_toml"]):
        path.write_text(text)
        experiment = Experiment.load(path)
        assert experiment.hash == kept.record.hash
        assert (experiment.name, experiment.notes, experiment.tags) == ("tiny", "a note", ("zebra", "apple"))


def test_the_file_makes_sense_to_a_stranger(dataset: xr.Dataset) -> None:
    for name, variable in dataset.variables.items():
        assert variable.attrs.get("long_name"), name
        assert variable.attrs.get("units"), name
    assert not any(str(dimension).startswith("dim_") for dimension in dataset.sizes)
    assert dataset["rates"].dims == ("realization", "direction", "time", "neuron")
    assert dataset["final_weights"].dims == ("realization", "direction", "post_neuron", "pre_neuron")
    assert list(dataset["population"].values) == ["CS", "CC", "PV", "SST"]
    assert dataset.attrs["Conventions"].startswith("CF-")
    assert np.isfinite(dataset["rates"]).all()


def test_mlflow_has_the_run(kept: Kept, mlflow_run: mlflow.entities.Run) -> None:
    assert mlflow_run.info.status == "FINISHED"
    tags = mlflow_run.data.tags
    assert tags["l5tui.run_id"] == kept.record.id
    assert tags["l5tui.file"] == str(kept.path)
    assert tags["l5tui.file_sha256"] == kept.record.file_sha256
    parameters = mlflow_run.data.params
    assert (parameters["seed"], parameters["network.sizes.CC"]) == ("42", "22")
    assert parameters["plasticity.rule"] == "sliding_bcm"


def test_mlflow_has_the_same_numbers(kept: Kept, mlflow_run: mlflow.entities.Run) -> None:
    metrics = mlflow_run.data.metrics
    assert metrics["loss"] == kept.json["loss"]
    assert {term: metrics[f"loss/{term}"] for term in kept.json["loss_terms"]} == kept.json["loss_terms"]
    # Two circuits are too few for the bounds of an interval.
    summary = {name: value for name, value in kept.json["summary"].items() if value is not None}
    assert {"contrast_DS", "mean_contrast_DS", "mean_contrast_DS_n"} <= summary.keys()
    assert {name: metrics[f"summary/{name}"] for name in summary} == summary
    for row in kept.json["selectivity"]:
        if row["statistic"] == "mean":
            assert metrics[f"{row['condition']}/{row['measure']}.{row['population']}"] == row["value"]


def test_mlflow_follows_rates_and_loss_over_time(kept: Kept, dataset: xr.Dataset) -> None:
    steps = [int(step) for step in dataset["last_step"].values]
    mean = dataset["rate_mean"].mean(["realization", "direction"])
    with open_client(kept.workspace) as client:
        run_id = kept.json["paths"]["mlflow_run"]
        rates = client.get_metric_history(run_id, "rate_over_time/PV")
        losses = client.get_metric_history(run_id, "loss_over_time/rmse")
    assert {point.step: point.value for point in rates} == dict(
        zip(steps, mean.sel(population="PV").values.tolist(), strict=True)
    )
    assert [point.step for point in losses] == [step for step in steps if step > 120]


def test_mlflow_has_the_artifacts(kept: Kept, tmp_path: Path) -> None:
    with open_client(kept.workspace) as client:
        folder = Path(client.download_artifacts(kept.json["paths"]["mlflow_run"], "", str(tmp_path)))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {"tables/selectivity.csv", "tables/weights.csv", "tables/summary.csv"}
    assert found == {"experiment.toml", "figures/selectivity.png", "figures/weights.png"} | tables
    assert (folder / "experiment.toml").read_text() == kept.record.toml
    assert (folder / "figures" / "weights.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    summary = dict(line.split(",") for line in (folder / "tables" / "summary.csv").read_text().splitlines())
    assert float(summary["loss"]) == kept.json["loss"]


def test_prints_both_tables_the_loss_and_the_paths(cli: CommandLine) -> None:
    printed = cli(*RUN)
    (row,) = rows(cli.workspace)
    lines = printed.stdout.splitlines()
    assert lines[0].startswith("Rate and selectivity")
    assert (
        sum(line.startswith(("rate ", "OS ", "DS ", "OS_p ", "OS_vector", "DS_vector")) for line in lines)
        == 6
    )
    assert any(line.startswith("Mean weight of each block") for line in lines)
    assert f"Loss {row['loss']:.4f}".replace("-", "−") in lines
    assert f"Run {row['id']} (tiny) completed in" in printed.stdout
    assert f"  file: {cli.workspace.root / row['file']}" in lines
    assert f"  catalogue: {cli.workspace.catalog}" in lines
    assert f"  MLflow run: {row['mlflow_run']}" in lines
    assert printed.stderr == ""
    assert row["id"] in cli.workspace.log.read_text()


def test_the_same_file_gives_the_same_bits_and_another_seed_others(cli: CommandLine) -> None:
    first, again, other = (
        json.loads(cli(*RUN, "--json", *more).stdout) for more in ((), (), ("--seed", "7"))
    )
    numbers = ("loss", "loss_terms", "selectivity", "weights", "summary", "hash", "seed")
    assert {name: first[name] for name in numbers} == {name: again[name] for name in numbers}
    assert first["run_id"] < again["run_id"] < other["run_id"]
    assert (other["seed"], other["hash"] != first["hash"], other["loss"] != first["loss"]) == (7, True, True)


def test_options_win_over_the_file_and_are_kept_in_the_toml(cli: CommandLine, tmp_path: Path) -> None:
    options = ("--set", "plasticity.rule=oja", "--set", "seed=1", "--seed", "3", "--name", "other")
    report = json.loads(cli(*RUN, "--json", *options).stdout)
    assert (report["rule"], report["seed"], report["name"]) == ("oja", 3, "other")
    (row,) = rows(cli.workspace)
    assert row["toml"].startswith("# 44 neurons and 300 steps.\n")
    (tmp_path / "again.toml").write_text(row["toml"])
    again = Experiment.load(tmp_path / "again.toml")
    assert (again.hash, again.name, again.plasticity.rule) == (report["hash"], "other", "oja")


def test_quiet_prints_the_id_alone(cli: CommandLine) -> None:
    printed = cli(*RUN, "--quiet")
    (row,) = rows(cli.workspace)
    assert (printed.stdout, printed.stderr) == (f"{row['id']}\n", "")


@pytest.mark.parametrize(
    ("assignment", "condition", "population"),
    [("network.sizes.PV=0", "after", "PV"), ("plasticity.onset_step=0", "before", "CC")],
)
def test_what_is_not_defined_is_null(
    cli: CommandLine, assignment: str, condition: str, population: str
) -> None:
    text = cli(*RUN, "--json", "--set", assignment).stdout
    assert "NaN" not in text
    report = json.loads(text, parse_constant=pytest.fail)
    assert {
        row["value"]
        for row in report["selectivity"]
        if (row["condition"], row["population"]) == (condition, population)
    } == {None}
    assert report["status"] == "completed"
    assert (
        as_json(Catalog.open(cli.workspace).tables(report["run_id"]))["selectivity"] == report["selectivity"]
    )
    with xr.open_dataset(report["paths"]["netcdf"]) as dataset:
        assert np.isnan(dataset["selectivity"].sel(condition=condition, population=population)).all()


def test_divergence_is_reported_and_the_other_realizations_are_measured(cli: CommandLine) -> None:
    (cli.workspace.experiments / "tiny.toml").write_text(DIVERGING)
    assert json.loads(cli(*RUN, "--json", code=3).stdout)["status"] == "diverged"
    assert_truthful(cli.workspace)


def test_one_realization_diverges_and_the_other_is_measured(cli: CommandLine) -> None:
    options = [f"--set=plasticity.{each}" for each in ("rule=oja", "tau_learn=0.007", "onset_step=100")]
    report = json.loads(cli(*RUN, "--json", *options, code=3).stdout)
    assert report["summary"]["diverged"] == 1
    assert re.fullmatch(
        r"1 of 2 realizations diverged; in realization 2 the (rate|weight change) of (CS|CC|PV|SST) neuron \d+, "
        r"direction (0|90|180|270)° was not finite at step \d+",
        report["error"],
    )
    # One realization is left, which has no spread between realizations.
    undefined = {row["statistic"] for row in report["selectivity"] if row["value"] is None}
    assert undefined == {"std_of_means"}
    assert any("the loss does not contain spread_between" in each for each in report["caveats"])
    assert_truthful(cli.workspace)
    (row,) = rows(cli.workspace)
    assert (row["status"], row["error"]) == ("diverged", report["error"])
    printed = cli("show", "last").stdout
    assert max(map(len, printed.splitlines()[:-3])) <= 80


@pytest.mark.parametrize("kind", ["garbage", "folder"])
def test_without_mlflow_the_run_is_completed_and_says_so(cli: CommandLine, kind: str) -> None:
    database = cli.workspace.mlflow_database
    database.unlink()
    if kind == "garbage":
        database.write_bytes(b"no database at all " * 1000)
    else:
        database.mkdir()
    printed = cli(*RUN)
    (warning,) = printed.stderr.splitlines()
    assert warning.startswith("warning: not in MLflow: ")
    assert str(database) in warning
    assert "completed in" in printed.stdout
    assert "MLflow run" not in printed.stdout
    assert_truthful(cli.workspace)
    (row,) = rows(cli.workspace)
    assert (row["status"], row["mlflow_run"]) == ("completed", None)


def test_where_its_file_cannot_be_written_the_run_fails(cli: CommandLine) -> None:
    cli.workspace.runs.write_text("in the way")
    printed = cli(*RUN, code=1)
    (row,) = rows(cli.workspace)
    assert row["status"] == "failed"
    (line,) = printed.stderr.splitlines()
    assert line.startswith(f"run {row['id']} failed: {cli.workspace.runs}")
    assert line.endswith(f"; details: {cli.workspace.log}")
    assert row["error"] in line
    assert "Traceback" in cli.workspace.log.read_text()
    assert "Traceback" not in printed.output


def test_a_disk_that_is_full_fails_the_run_and_leaves_no_half_file(
    workspace: Workspace, preloaded: Preloaded
) -> None:
    # The catalogue fits, the run's file does not.
    options = ("--set", "network.sizes=[60, 200, 40, 30]", "--set", "dynamics.duration_tau=30")
    running = preloaded.start(*RUN, *options, folder=workspace.root, largest_file=800_000)
    assert running.wait() == 1
    (row,) = rows(workspace)
    assert (row["status"], row["file"]) == ("failed", None)
    assert "could not be written" in row["error"]
    assert len(row["error"].splitlines()) == 1
    assert run_files(workspace) == set()
    (line,) = running.stderr.splitlines()
    assert row["error"] in line
    assert line.endswith(f"; details: {workspace.log}")
    assert f"Run {row['id']} (tiny) failed" in running.stdout


def test_without_headless_it_needs_a_terminal(cli: CommandLine) -> None:
    printed = cli("run", "experiments/tiny.toml", code=2)
    assert "the app needs a terminal" in printed.stderr
    assert rows(cli.workspace) == []


def test_a_file_without_a_name_gives_its_own(cli: CommandLine) -> None:
    (cli.workspace.experiments / "tiny.toml").write_text(TINY.replace('name = "tiny"\n', ""))
    (cli.workspace.experiments / "tiny.toml").rename(cli.workspace.experiments / "a b ü.toml")
    cli("run", "--headless", "experiments/a b ü.toml", "--quiet")
    assert rows(cli.workspace)[0]["name"] == "a b ü"


@pytest.mark.slow
def test_from_outside_by_a_process_of_its_own(fresh: Workspace, tmp_path: Path) -> None:
    """The first run of a workspace, which makes all of its stores."""
    (fresh.experiments / "tiny.toml").write_text(TINY)
    done = l5tui(
        "run", "--headless", "fresh/experiments/tiny.toml", "--json", "--workspace", "fresh", folder=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["status"] == "completed"
    assert report["paths"]["mlflow_run"]
    assert_truthful(fresh)
    assert {path.name for path in tmp_path.iterdir()} == {"fresh"}
