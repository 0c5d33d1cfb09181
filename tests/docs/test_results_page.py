"""What docs/results.md says is in a result, against a run."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr

from l5tui.analysis.measures import measure
from l5tui.analysis.run_dataset import run_dataset
from l5tui.config import Experiment
from l5tui.config.toml_writer import to_toml
from l5tui.runner.realizations import record_realizations
from l5tui.runner.report import RunReport, listing
from l5tui.runner.run import run_experiment
from l5tui.store.netcdf import open_run
from l5tui.workspace import create_workspace
from tests.experiments import small_experiment
from tests.run_files import write_run

PAGE = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")


class Result(NamedTuple):
    report: RunReport
    dataset: xr.Dataset


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    workspace = create_workspace(tmp_path_factory.mktemp("workspace"))
    # An onset that leaves room for whole periods before and after it, so that the run has no warnings.
    experiment = small_experiment(
        name="described", notes="a note", tags=["a", "b"], plasticity={"onset_step": 120}
    )
    report = run_experiment(experiment, to_toml(experiment), workspace)
    assert report.record.status == "completed"
    assert report.warnings == ()
    return Result(report, open_run(workspace.runs / f"{report.record.id}.nc"))


def part(heading: str) -> str:
    """The text under a heading, up to the next one."""
    return re.split(r"^#+ .*$", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Cells of every row of the tables in a text, without their headings."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [cells for cells in lines if cells[0].startswith("`")]


def names(text: str) -> list[str]:
    """Everything in a text that is set as code."""
    return re.findall(r"`([^`]+)`", text)


def first_cells(text: str) -> list[str]:
    """Names in the first column of a text's tables."""
    return [name for cells in rows(text) for name in names(cells[0])]


def listed_variables(heading: str) -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Dimensions, type and unit of the variables that are listed under a heading."""
    return {
        names(cells[0])[0]: (tuple(cells[1].split(", ")), cells[2], cells[3]) for cells in rows(part(heading))
    }


def found_variables(dataset: xr.Dataset) -> dict[str, tuple[tuple[str, ...], str, str]]:
    """The same of a dataset."""
    exact = {"f8": "float64", "f4": "`recording.dtype`", "i8": "int64", "i1": "int8"}
    return {
        str(name): (
            tuple(map(str, variable.dims)),
            exact.get(variable.dtype.str[1:], "text"),
            variable.attrs["units"],
        )
        for name, variable in dataset.data_vars.items()
    }


def test_variables(result: Result) -> None:
    assert listed_variables("Variables") == found_variables(result.dataset)


@pytest.fixture(scope="module")
def with_factors() -> xr.Dataset:
    return dataset_of(small_experiment(plasticity={"rule": "oja"}, recording={"weights": "factors"}))


def dataset_of(experiment: Experiment) -> xr.Dataset:
    """A run's dataset, without its file."""
    recordings = record_realizations(experiment, lambda event: None, lambda: False)
    attributes = {"experiment_toml": to_toml(experiment)}
    return run_dataset(recordings, measure(recordings, experiment), experiment, attributes)


def test_weights_over_time(with_factors: xr.Dataset) -> None:
    whole = dataset_of(small_experiment(recording={"weights": "full"}))
    more = found_variables(with_factors) | found_variables(whole)

    assert more == listed_variables("Variables") | listed_variables("Weights over time")
    assert "weight_pre" in with_factors
    assert "weights" in whole


def test_examples_of_factors(with_factors: xr.Dataset, tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", part("Weights over time"), re.DOTALL)
    assert len(examples) == 2
    write_run(tmp_path / "run.nc", with_factors)

    # The first sums the factors in direction 0, the second reads direction 90.
    for direction, example in enumerate(examples):
        scope: dict[str, Any] = {}
        text = example.replace("store/runs/<id>.nc", str(tmp_path / "run.nc")).replace("800", "200")
        exec(compile(text, "results.md", "exec"), scope)

        final = with_factors["final_weights"][0, direction].values
        assert np.abs(scope["weights"] - final).max() < 1e-6 * np.abs(final).max()
        assert np.abs(scope["weights"] - with_factors["initial_weights"][0].values).max() > 1e-3


def test_dimensions_and_coordinates(result: Result) -> None:
    dimensions = first_cells(part("Dimensions"))
    others = {"first_step", "last_step", "neuron_population"}

    assert sorted(dimensions) == sorted(map(str, result.dataset.sizes))
    assert {*dimensions, *others} == set(map(str, result.dataset.coords))
    assert others <= set(names(part("Dimensions")))
    for cells in rows(part("Dimensions")):
        if cells[1].isdecimal():
            for name in names(cells[0]):
                assert cells[2].split(", ") == list(result.dataset[name].values)


def test_attributes(result: Result) -> None:
    assert sorted(first_cells(part("Attributes"))) == sorted(result.dataset.attrs)


def test_catalogue(result: Result) -> None:
    with closing(sqlite3.connect(result.report.workspace.catalog)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables
        }
        (query,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
        assert [row[0] for row in connection.execute(query)] == [result.report.record.id]
    documented = rows(part("The catalogue"))

    assert {names(cells[0])[0] for cells in documented} >= set(found)
    for cells in documented:
        if (table := names(cells[0])[0]) in found and table != "run":
            assert names(cells[1]) == found[table]
    columns = [name for cells in documented for name in names(cells[0]) if name not in found]
    assert sorted(columns) == sorted(found["run"])


def test_mlflow(result: Result) -> None:
    text = part("MLflow")
    mlflow_run = result.report.record.mlflow_run
    with closing(sqlite3.connect(result.report.workspace.mlflow_database)) as connection:

        def keys(table: str, condition: str = "1") -> set[str]:
            query = f"SELECT DISTINCT key FROM {table} WHERE run_uuid = ? AND {condition}"
            return {row[0] for row in connection.execute(query, (mlflow_run,))}

        metrics, by_step, tags = keys("metrics"), keys("metrics", "step > 0"), keys("tags")
    artifacts = result.report.workspace.mlflow_artifacts / str(mlflow_run) / "artifacts"
    files = {path.relative_to(artifacts).as_posix() for path in artifacts.rglob("*") if path.is_file()}

    groups = {name.partition("/")[0] for name in names(text) if "/" in name}
    assert {name.partition("/")[0] for name in metrics} - {"loss"} <= groups
    metrics_by_step = next(line for line in text.splitlines() if line.startswith("| metrics by step"))
    below = text.partition(metrics_by_step)[2].partition("| tags")[0]
    assert {name.partition("/")[0] for name in by_step} == {
        name.partition("/")[0] for name in names(metrics_by_step + below)
    }
    assert tags <= set(names(text))
    assert files == {name for name in names(text) if name.endswith((".toml", ".csv", ".png"))}


def test_json(result: Result) -> None:
    text = part("The JSON of a run")
    documented = json.loads(result.report.as_json())

    assert sorted(first_cells(text)) == sorted(documented)
    for cells in rows(text):
        if cells[0] in ("`selectivity`", "`weights`"):
            assert names(cells[1]) == list(documented[names(cells[0])[0]][0])
        elif cells[0] == "`paths`":
            assert set(names(cells[1])) == set(documented["paths"])
    listed = names(text.partition("`l5tui runs --json`")[2])
    assert sorted(listed) == sorted(listing(result.report.record))


def test_example(result: Result, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", part("The NetCDF file"), re.DOTALL)
    file = str(result.report.paths["netcdf"])

    exec(compile(example.replace("store/runs/<id>.nc", file), "results.md", "exec"), {})

    rate, *table = capsys.readouterr().out.splitlines()
    assert float(rate) > 0
    assert [line.split()[0] for line in table[:5]] == ["population", "CS", "CC", "PV", "SST"]
