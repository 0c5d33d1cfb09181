"""Runs in Python: made, opened, listed, looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

import l5tui
from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.errors import ConfigError, StoreError, UnknownFigureError, UnknownRunError, WorkspaceError
from l5tui.notebook.run import Run
from l5tui.notebook.source import ExperimentLike, read_source
from l5tui.workspace import Workspace
from tests.notebook.conftest import Terminal
from tests.workspaces import TINY, assert_truthful, rows

LAZY = """
import sys, l5tui
names = set(dir(l5tui))
print(*sorted(set(l5tui.__all__) - names), *sorted({"numpy", "pydantic", "pandas", "mlflow"} & set(sys.modules)))
l5tui.run, l5tui.runs, l5tui.open_run, l5tui.tune, l5tui.compare_rules, l5tui.weights_at
print(*sorted({"mlflow", "matplotlib", "pandas", "numba"} & set(sys.modules)))
"""


def test_importing_loads_nothing_and_every_name_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=True)

    assert done.stdout == "\n\n"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rnu'"):
        getattr(l5tui, "rnu")  # noqa: B009 - what a person may type


def test_a_run_is_kept_as_the_command_line_keeps_it(run: Run, place: Workspace) -> None:
    (row,) = [row for row in rows(place) if row["id"] == run.id]
    assert (row["status"], row["rule"], row["name"]) == ("completed", "oja", "tiny")
    assert row["mlflow_run"]
    assert run.warnings == ()
    assert_truthful(place)
    assert run.experiment.plasticity.rule == "oja"
    assert run.experiment.hash == row["hash"]


def test_what_a_run_holds(run: Run) -> None:
    # Closed before l5tui opens it: the NetCDF library crashes where one process has a file open twice.
    with xr.open_dataset(run.file, decode_times=False) as file:
        whole = file.load()
    for name, found in (
        ("selectivity", run.selectivity),
        ("rates", run.rates),
        ("final_weights", run.weights),
        ("rate_mean", run["rate_mean"]),
    ):
        xr.testing.assert_identical(found, whole[name])
    assert set(run.dataset.variables) == set(whole.variables)
    assert run.selectivity.dims == ("condition", "measure", "statistic", "population")
    assert run.weights.dims == ("realization", "direction", "post_neuron", "pre_neuron")
    assert isinstance(run.summary, pd.Series)
    assert run.summary["loss"] == run.loss
    assert run.summary["realizations"] == 2
    np.testing.assert_array_equal(
        run.weights_at(300, realization=1, direction=90), run.weights.sel(realization=1, direction=90)
    )


def test_what_is_not_there_says_what_is(run: Run) -> None:
    with pytest.raises(StoreError, match=r"has no rate_median; it has .*rate_mean"):
        run["rate_median"]
    with pytest.raises(UnknownFigureError, match=r'there are selectivity, .*did you mean "tuning"'):
        run.figure("tunning")


def test_a_figure_is_shown_by_a_notebook(run: Run) -> None:
    figure = run.figure("tuning")

    assert isinstance(figure, Figure)
    assert len(figure.axes) > 3
    show: Any = figure
    assert show._repr_png_().startswith(b"\x89PNG")


def test_a_run_is_shown_as_text_and_as_html(run: Run, place: Workspace) -> None:
    assert repr(run).startswith(f"<Run {run.id}: tiny, oja, completed, loss ")
    table = run._repr_html_()
    assert "<b>tiny</b>" in table
    assert table.count("<tr>") == 5
    value = run.selectivity.sel(condition="after", measure="DS", statistic="mean", population="CS").item()
    assert f"<td>{value:.3f}</td>" in table


def test_names_cannot_break_the_page(place: Workspace) -> None:
    named = l5tui.run(
        "tiny",
        {"name": "<script>alert(1)</script>", "plasticity.rule": "none"},
        workspace=place,
        progress=False,
    )

    assert "<script>" not in named._repr_html_()
    assert "&lt;script&gt;" in named._repr_html_()


def test_runs_are_opened_and_listed(run: Run, place: Workspace) -> None:
    assert l5tui.open_run(run.id[-6:], workspace=place).loss == run.loss
    with pytest.raises(UnknownRunError):
        l5tui.open_run("nothing", workspace=place)
    listed = l5tui.runs(workspace=place)
    assert len(listed) == len(rows(place))
    assert listed.index.name == "run_id"
    assert listed.loc[run.id, "plasticity.rule"] == "oja"
    assert listed.loc[run.id, "after/DS.CS"] == pytest.approx(
        run.selectivity.sel(condition="after", measure="DS", statistic="mean", population="CS").item()
    )
    assert str(listed["created"].dtype).startswith("datetime64")
    # Other tests of this module, whose order differs between workers, store runs here too.
    by_rule = listed.index[listed["plasticity.rule"] == "oja"]
    found = l5tui.runs("rule:oja tag:zebra", workspace=place).index
    assert run.id in found
    assert set(found) <= set(by_rule)
    assert l5tui.runs("rule:oja tag:giraffe", workspace=place).empty
    assert list(l5tui.runs(rule="oja", limit=1, workspace=place).index) == list(by_rule[:1])
    assert l5tui.runs("rule:bcm", workspace=place).empty
    assert l5tui.runs(status="failed", workspace=place).empty


def test_a_workspace_without_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = l5tui.create_workspace(str(tmp_path / "empty"))
    assert l5tui.runs(workspace=made).empty
    assert not made.catalog.exists()
    with pytest.raises(UnknownRunError, match="no runs yet"):
        l5tui.open_run(workspace=str(made.root))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError, match="l5tui init"):
        l5tui.open_run()


@pytest.mark.parametrize("form", ["path", "name", "experiment", "dict"])
def test_an_experiment_comes_in_four_forms(place: Workspace, form: str) -> None:
    data = parse_toml(TINY)
    file = place.experiments / "tiny.toml"
    forms: dict[str, ExperimentLike] = {
        "path": file,
        "name": "tiny",
        "experiment": Experiment.load(file),
        "dict": data,
    }
    given = forms[form]

    read = read_source(given, {"plasticity.tau_learn": np.float64(5.5), "seed": np.int64(3)}, place)

    assert read.experiment.plasticity.tau_learn == 5.5
    assert read.experiment.seed == 3
    assert read.experiment == Experiment.load(file, ["plasticity.tau_learn=5.5", "seed=3"])
    assert Experiment.model_validate(parse_toml(read.text)) == read.experiment


def test_overrides_may_be_lists_and_tables(place: Workspace) -> None:
    read = read_source(
        "quickstart",
        {
            "network.sizes": np.array([8, 20, 6, 5]),
            "stimulus.amplitude": {"PV": 0, "SST": 0.5},
            "stimulus.directions": (0.0, 90.0, 180.0, 270.0),
            "plasticity.dale": True,
        },
        place,
    ).experiment

    assert read.network.sizes.in_order() == (8, 20, 6, 5)
    assert (read.stimulus.amplitude.CS, read.stimulus.amplitude.PV) == (6, 0)
    assert read.plasticity.dale


@pytest.mark.parametrize(
    ("experiment", "overrides", "message"),
    [
        ("quickstar", {}, "no experiment 'quickstar', allowed a TOML file, or one of .*mean \"quickstart\""),
        ("no/such.toml", {}, "no/such.toml: no such file"),
        ({"plasticity": {"rule": "hebb"}}, {}, 'plasticity.rule: got "hebb"'),
        ("tiny", {"plasticity.rule": "hebb"}, 'overrides: plasticity.rule: got "hebb"'),
        ({}, {"plasticity.tau_lern": 3}, 'overrides: .*did you mean "plasticity.tau_learn"'),
        ("tiny", {"seed": object()}, "overrides: seed: got object, allowed a number"),
    ],
)
def test_faults_are_reported_before_anything_is_run(
    place: Workspace, experiment: Any, overrides: dict[str, Any], message: str
) -> None:
    before = len(rows(place))
    with pytest.raises(ConfigError, match=message):
        l5tui.run(experiment, overrides, workspace=place)
    assert len(rows(place)) == before


def test_progress_is_one_line_on_a_terminal(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    l5tui.run("tiny", {"plasticity.rule": "none"}, workspace=place)
    lines = terminal.getvalue().split("\r")

    assert any("of 2 realizations" in line for line in lines)
    assert any("recording in MLflow" in line for line in lines)
    assert "\n" not in terminal.getvalue()
    assert not lines[-2].strip()
    assert not lines[-1]
