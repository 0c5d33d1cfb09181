"""Results of a study for its parameters beyond the best point."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from l5tui.tui.insight_lines import insight_lines
from l5tui.tuning.events import PosteriorEstimated
from l5tui.tuning.insight import Insight, ParameterInsight, live_insight, study_insight
from l5tui.tuning.lines import read_posterior, study_line
from l5tui.tuning.marginals import marginal
from l5tui.tuning.report import StudyReport
from l5tui.workspace import Workspace, create_workspace

SPACE: dict[str, dict[str, Any]] = {
    "stimulus.amplitude.CC": {"low": 0.0, "high": 20.0},
    "plasticity.tau_learn": {"low": 1.0, "high": 10_000.0, "log": True},
}


class _Record:
    """What of a study's record is looked at."""

    id = "20260101-000000-abcdef"
    objective = "log_likelihood"
    space = SPACE

    def __init__(self, method: str) -> None:
        self.method = method


class _Trial:
    def __init__(self, value: float, amplitude: float, tau: float) -> None:
        self.value = value
        self.point = {"stimulus.amplitude.CC": amplitude, "plasticity.tau_learn": tau}
        self.metrics: dict[str, float] = {}


def report_of(method: str, trials: list[_Trial]) -> StudyReport:
    """A study that goes on."""
    return StudyReport(record=_Record(method), trials=tuple(trials), workspace=None)  # type: ignore[arg-type]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path)


def test_evaluations_stand_for_a_posterior_by_their_likelihood(workspace: Workspace) -> None:
    random = np.random.default_rng(4)
    amplitudes, taus = random.uniform(0, 20, 4000), 10 ** random.uniform(0, 4, 4000)
    values = -0.5 * ((amplitudes - 8.0) / 1.5) ** 2
    trials = [_Trial(*each) for each in zip(values, amplitudes, taus, strict=True)]
    found = study_insight(workspace, report_of("vbmc", [*trials, _Trial(np.nan, 1.0, 1.0)]))
    assert found is not None
    amplitude, tau = found.rows
    assert amplitude.value == pytest.approx(8.0, abs=0.2)
    assert (amplitude.low, amplitude.high) == pytest.approx((8 - 1.645 * 1.5, 8 + 1.645 * 1.5), abs=0.4)
    assert sum(amplitude.shares) == pytest.approx(1.0)
    # On a logarithmic range, what is not known of is flat.
    assert max(tau.shares) < 0.2
    assert "4000 evaluations" in found.text


def test_a_posterior_is_read_from_its_file(workspace: Workspace) -> None:
    path = workspace.store / "inference" / f"{_Record.id}.nc"
    path.parent.mkdir(parents=True)
    random = np.random.default_rng(5)
    facts = {
        "log_evidence": -3.25,
        "log_evidence_sd": 0.5,
        "converged": "false",
        "message": "the budget ended",
    }
    xr.Dataset(attrs=facts).to_netcdf(path, engine="netcdf4")
    draws = {name: (("chain", "draw"), random.uniform(2, 4, (4, 500))) for name in SPACE}
    xr.Dataset(draws).to_netcdf(path, mode="a", group="posterior", engine="netcdf4")
    found = study_insight(workspace, report_of("abc", []))
    assert found is not None
    assert "−3.25 ± 0.50; NOT converged: the budget ended" in found.text
    assert found.rows[0].value == pytest.approx(3.0, abs=0.1)
    assert found.rows[0].shares[0] == 0.0
    assert found.rows[0].shares[1] == pytest.approx(1.0)


def test_a_running_inference_has_the_course_of_its_evidence() -> None:
    known = {path: marginal(np.linspace(2.0, 4.0, 101), spread) for path, spread in SPACE.items()}
    estimates = [
        PosteriorEstimated(value, 0.4, True, 10 * number, f"iteration {number}", known)
        for number, value in enumerate((-8.0, -3.0, math.nan, -2.5), 1)
    ]
    for estimate in estimates:
        line = json.loads(study_line(estimate))
        assert line["event"] == "posterior"
        again = read_posterior(line)
        assert study_line(again) == study_line(estimate)
    found = live_insight(estimates)
    assert found.short == "log evidence ≥ −2.50 ± 0.40, iteration 4"
    assert "from 40 evaluations; no posterior yet" in found.text
    assert found.rows[0].value == pytest.approx(3.0)
    assert found.rows[0].low == pytest.approx(2.1)
    lines = insight_lines(found, {}, 53).plain.split("\n")
    assert lines[0] == "log evidence  ▁▇█ −8.0…−2.5"
    assert len(lines) == 5


def test_a_search_has_no_result_beyond_its_best_point(workspace: Workspace) -> None:
    assert study_insight(workspace, report_of("bayesian", [])) is None
    assert study_insight(workspace, report_of("vbmc", [])) is None


def test_lines_fit_their_room() -> None:
    rows = tuple(
        ParameterInsight(
            f"stimulus.amplitude.{name}", 9.06, 1.3881, 18.7, (0.0, 0.5, 0.25, 0.25) + (0.0,) * 6
        )
        for name in ("CS", "CC")
    )
    shown = insight_lines(Insight("Posterior", "converged", rows), {rows[0].path: "amplitude.CS"}, 36)
    lines = shown.plain.split("\n")
    assert lines[1] == "amplitude.CS   █▄▄       1.39…18.7"
    assert lines[2].startswith("stimulus.amp…")
    assert lines[-1] == "converged"
    assert "9.06" in insight_lines(Insight("Posterior", "", rows), {}, 60).plain


def test_an_index_is_a_bar() -> None:
    rows = (ParameterInsight("a", 0.8, 0.7, 0.9), ParameterInsight("b", 0.4, 0.4, 0.4))
    lines = insight_lines(Insight("Total index of the loss", "", rows), {}, 60).plain.split("\n")
    assert lines[1].count("█") == 10
    assert lines[2].count("█") == 5
