"""Sweeps, sensitivity analyses and inferences in Python compute and refuse what the commands do."""

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
from l5tui.errors import ConfigError, L5Error, UnknownFigureError, UnsuitableRunError
from l5tui.notebook.inference import Inference
from l5tui.workspace import Workspace

SPACE = {"stimulus.amplitude.CC": {"low": 1.0, "high": 20.0}}
SEARCH = {"tuning.space": SPACE, "tuning.confirm": 0, "tuning.realizations": 1}
TARGETS = {"targets": {"after/rate.CC": {"value": 2.0, "uncertainty": 0.2, "source": "made up"}}}
QUIET: dict[str, Any] = {"workers": 1, "progress": False}


def refusal(place: Workspace, *words: str) -> str:
    """What a command prints that refuses its input."""
    output = CliRunner().invoke(app, [*words, "--workspace", str(place.root)], prog_name="l5tui")
    assert output.exit_code == 2, output.output
    return output.stderr.strip()


def test_a_sweep_is_a_grid(place: Workspace) -> None:
    study = l5tui.sweep("tiny", SEARCH, trials=3, workspace=place, **QUIET)

    assert (study.status, len(study.trials)) == ("completed", 3)
    assert sorted(study.trials["stimulus.amplitude.CC"]) == pytest.approx([1.0, 10.5, 20.0])
    with pytest.raises(ConfigError, match=r"tuning\.space"):
        l5tui.sweep("tiny", workspace=place)


def test_a_sensitivity_analysis_is_that_of_the_command_line(place: Workspace) -> None:
    found = l5tui.sensitivity("tiny", SEARCH, samples=4, workspace=place, **QUIET)

    words = ["sensitivity", "--study", found.study.id, "--json", "--workspace", str(place.root)]
    printed = CliRunner().invoke(app, words, prog_name="l5tui")
    output = json.loads(printed.stdout)["sensitivity"]
    table = found.indices.reset_index()
    assert len(table) == len(output) == 13
    for row, other in zip(table.to_dict("records"), output, strict=True):
        assert {k: None if v != v else v for k, v in row.items()} == other
    assert len(found.study.trials) == 4 * 3
    assert isinstance(found.figure(), Figure)
    expected = f"<SensitivityAnalysis of study {found.study.id}: tiny, completed, Sensitivity>"
    assert repr(found) == expected
    assert found._repr_html_().count("<tr>") == 1 + 1
    again = l5tui.sensitivity(study=found.study.id, workspace=place, progress=False)
    assert again.indices.equals(found.indices)


def test_what_the_commands_refuse_is_refused_with_their_words(place: Workspace) -> None:
    file = str(place.experiments / "tiny.toml")
    faulty = ["--set", "plasticity.tau_learn=-5"]
    wrong = {"plasticity.tau_learn": -5}
    for name, option, value in (("sensitivity", "samples", 3), ("infer", "budget", 0)):
        output = refusal(place, name, file, f"--{option}", str(value), *faulty)
        with pytest.raises(ConfigError) as refused:
            getattr(l5tui, name)("tiny", wrong, workspace=place, **{option: value})
        facts = [f"{fault}" for fault in refused.value.faults]
        assert len(facts) >= 2
        assert all(fact in output for fact in facts), (facts, output)
        assert len(output.splitlines()) == len(facts)
        output = refusal(place, name, file)
        with pytest.raises(ConfigError) as refused:
            getattr(l5tui, name)("tiny", workspace=place)
        assert all(f"{fault}" in output for fault in refused.value.faults)


def test_arguments_that_exclude_each_other_are_refused(place: Workspace) -> None:
    for call, key in ((l5tui.sensitivity, "study"), (l5tui.infer, "resume")):
        options: dict[str, Any] = {key: "last", "workspace": place}
        with pytest.raises(ValueError, match="give either an experiment or"):
            call(workspace=place)
        with pytest.raises(ValueError, match="give either an experiment or"):
            call("tiny", **options)
        with pytest.raises(ValueError, match="overrides and workers need an experiment"):
            call(workers=2, **options)
        with pytest.raises(L5Error, match="nope"):
            call(**{**options, key: "nope"})
    with pytest.raises(ConfigError, match="method: got 'mcmc', allowed one of vbmc, abc"):
        l5tui.infer("tiny", {**SEARCH, **TARGETS}, method="mcmc", workspace=place)  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_inference_is_that_of_the_command_line(place: Workspace) -> None:
    pytest.importorskip("arviz")
    changes = {**SEARCH, **TARGETS, "tuning.realizations": 2}
    found = l5tui.infer("tiny", changes, method="abc", budget=20, workspace=place, **QUIET)

    assert isinstance(found, Inference)
    assert found.study.status == "completed"
    assert list(found.summary.index) == ["stimulus.amplitude.CC"]
    assert np.isfinite(found.log_evidence)
    assert found.file.is_relative_to(Path(place.store))
    assert found.data.posterior["stimulus.amplitude.CC"].size == 4000
    assert found.converged or found.warnings
    for name in ("pairs", "predictive"):
        assert isinstance(found.figure(name), Figure)
    with pytest.raises(UnknownFigureError, match="pairs"):
        found.figure("corner")
    assert repr(found).startswith(f"<Inference of study {found.study.id}: tiny, completed, log evidence ")
    assert found._repr_html_().count("<tr>") == 1 + 1
    unfinished = Inference(type(found._report)(found._report.study, None))
    with pytest.raises(UnsuitableRunError, match="has no posterior"):
        unfinished.summary  # noqa: B018
    assert "no posterior" in unfinished._repr_html_()
    again = l5tui.infer("tiny", changes, method="abc", budget=20, workspace=place, **QUIET)
    assert again.summary.equals(found.summary)
