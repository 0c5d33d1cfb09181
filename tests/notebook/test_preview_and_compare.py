"""Previews and comparisons of runs in Python give what the app and the command line give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

import l5tui
from l5tui.cli.commands import app
from l5tui.errors import ConfigError, L5Error, UnknownFigureError, UnsuitableRunError, WorkspaceError
from l5tui.notebook.run import Run
from l5tui.runner import preview as use_case
from l5tui.workspace import Workspace
from tests.workspaces import rows


@pytest.fixture(scope="session")
def other(place: Workspace) -> Run:
    """The tiny experiment without learning."""
    return l5tui.run("tiny", {"plasticity.rule": "none"}, workspace=place, progress=False)


def test_a_preview_is_the_first_realization_and_stores_nothing(place: Workspace, run: Run) -> None:
    before = len(rows(place))
    seen = l5tui.preview("tiny", {"plasticity.rule": "oja"}, workspace=place)

    assert len(rows(place)) == before
    found = use_case.preview(run.experiment)
    assert seen.selectivity.sel(condition="after", measure="DS").values.tolist() == [*found.after["DS"]]
    assert seen.weights.sel(quantity="final").values.tolist() == [[*row] for row in found.final]
    assert seen.weights.sel(quantity="target").values.tolist() == [[*row] for row in found.targets]
    assert (seen.outcome, seen.divisor) == ("completed", found.divisor)
    assert repr(seen) == "<Preview: tiny, one realization, completed>"
    assert seen._repr_html_().count("<tr>") == 1 + 4


def test_a_preview_needs_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    small = {"network.sizes": [9, 22, 7, 6], "dynamics.duration_tau": 30.0, "plasticity.onset_step": 120}
    assert l5tui.preview("quickstart", small).outcome == "completed"
    assert not [*tmp_path.iterdir()]
    with pytest.raises(WorkspaceError):
        l5tui.preview("quickstart", workspace=tmp_path)
    with pytest.raises(ConfigError, match=r"no experiment 'quickstrat'.*did you mean"):
        l5tui.preview("quickstrat")
    with pytest.raises(L5Error, match="no preview: it would take about"):
        l5tui.preview("quickstart", {"dynamics.duration_tau": 1e6})


def test_a_comparison_is_that_of_the_command_line(place: Workspace, run: Run, other: Run) -> None:
    compared = l5tui.compare([run, other.id], workspace=place)
    printed = CliRunner().invoke(
        app, ["compare", run.id, other.id, "--json", "--workspace", str(place.root)], prog_name="l5tui"
    )
    output: dict[str, Any] = json.loads(printed.stdout)

    assert list(compared.runs) == [run.id, other.id]
    assert compared.caveats == tuple(output["caveats"])
    assert {name: [*row] for name, row in compared.parameters.T.items()} == output["parameters"]
    assert list(compared.measures.index) == list(output["measures"])
    for name, each in output["measures"].items():
        values, change = compared.measures.loc[name], compared.differences.loc[name]
        assert [None if np.isnan(value) else value for value in values] == each["values"]
        assert [None if np.isnan(value) else value for value in change] == each["differences"][1:]
    assert repr(compared) == f"<RunComparison: {run.id}, {other.id}>"
    assert "plasticity.rule" in compared._repr_html_()


def test_figures_of_a_comparison(run: Run, other: Run) -> None:
    # Runs bring their workspace with them.
    compared = l5tui.compare([run, other])
    assert isinstance(compared.figure("rates_compared"), Figure)
    with pytest.raises(UnknownFigureError, match="selectivity_compared, rates_compared"):
        compared.figure("tuning")


def test_a_comparison_refuses_what_the_command_line_refuses(place: Workspace, run: Run) -> None:
    given: list[list[str | Run] | str | Run] = [[run], run, run.id, [run, run], [run, "nope"], [run.id] * 7]
    for references in given:
        words = references if isinstance(references, list) else [references]
        ids = [each.id if isinstance(each, Run) else each for each in words]
        output = CliRunner().invoke(app, ["compare", *ids, "--workspace", str(place.root)], prog_name="l5tui")
        with pytest.raises(L5Error) as refused:
            l5tui.compare(references, workspace=place)
        assert (output.exit_code, output.stderr.strip()) == (2, str(refused.value))
    with pytest.raises(UnsuitableRunError, match="0 given"):
        l5tui.compare([], workspace=place)
