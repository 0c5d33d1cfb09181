"""Inference of parameters: methods on a likelihood that is known, files that ArviZ reads."""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import math
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from l5tui.errors import ConfigError
from l5tui.model.arrays import FloatArray
from l5tui.tuning.inference.infer import checked_inference
from l5tui.tuning.inference.posterior import Estimate
from l5tui.tuning.inference.prior import Prior
from l5tui.tuning.inference.smc import run_smc
from l5tui.tuning.space import search_space
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, study_toml
from tests.workspaces import TINY

SPACE = """
[tuning.space]
"stimulus.amplitude.CC" = {low = 1.0, high = 20.0}
"stimulus.amplitude.PV" = {low = 1.0, high = 20.0}
"""
TARGETS = """
[targets]
"after/rate.CC" = {value = 2.0, uncertainty = 0.2, source = "made up"}
"after/rate.PV" = {value = 3.0, uncertainty = 0.5, source = "made up"}
"""


class KnownBell:
    """Stands where a simulator does: a bell around a place of the square, with some noise."""

    def __init__(self, seed: int) -> None:
        self.used = 0
        self._random = np.random.default_rng(seed)

    def evaluate(self, units: FloatArray) -> list[Any]:
        from l5tui.analysis.likelihood import Likelihood

        self.used += len(units)
        exact = -0.5 * (((units - [0.4, 0.6]) / [0.05, 0.1]) ** 2).sum(axis=1)
        noisy = exact + 0.3 * self._random.standard_normal(len(units))
        # Of a bell in the logarithm, the likelihood itself is right on average where half its variance is subtracted.
        return [Likelihood(float(value), 0.3, True, float(value) - 0.3**2 / 2) for value in noisy]


class ScatteringCircuits:
    """Three circuits a point: the first coordinate moves their mean, the second one their scatter."""

    def __init__(self) -> None:
        self.used = 0
        self._random = np.random.default_rng(4)
        self._targets = experiment_of(TINY + TARGETS.partition('"after/rate.PV"')[0]).targets

    def evaluate(self, units: FloatArray) -> list[Any]:
        from l5tui.analysis.likelihood import log_likelihood

        self.used += len(units)
        # The target is 2.0 ± 0.2; the standard deviation between circuits is up to three times that.
        rates = (
            2.0
            + 2 * (units[:, :1] - 0.5)
            + 0.6 * units[:, 1:] * self._random.standard_normal((len(units), 3))
        )
        return [log_likelihood([{"after/rate.CC": rate} for rate in row], self._targets) for row in rates]


@pytest.fixture
def prior() -> Prior:
    experiment = experiment_of(study_toml(space=SPACE) + TARGETS)
    return Prior(experiment, search_space(experiment))


def test_particles_find_a_known_posterior_and_its_evidence(prior: Prior) -> None:
    seen: list[Estimate] = []
    found = run_smc(KnownBell(2), prior, 2, 3000, 4000, 3, seen.append)  # type: ignore[arg-type]
    assert found.converged
    assert found.units.mean(axis=0) == pytest.approx([0.4, 0.6], abs=0.02)
    assert found.units.std(axis=0) == pytest.approx([0.05, 0.1], rel=0.2)
    exact = math.log(2 * math.pi * 0.05 * 0.1)
    assert found.log_evidence == pytest.approx(exact, abs=0.35)
    assert [each.evaluations for each in seen] == sorted({each.evaluations for each in seen})
    assert (seen[-1].log_evidence, seen[-1].evaluations) == (found.log_evidence, found.evaluations)
    assert seen[-1].stage == "at 100 % of the likelihood"
    widths = [each.units.std(axis=0).max() for each in seen]
    assert widths[0] > 1.5 * widths[-1]
    assert not any(each.is_bound for each in seen)


def test_particles_do_not_prefer_circuits_that_scatter(prior: Prior) -> None:
    found = run_smc(ScatteringCircuits(), prior, 2, 6000, 4000, 3)  # type: ignore[arg-type]
    # The synthetic likelihood, over all means of circuits, integrates to the same number whatever their scatter.
    assert found.units[:, 1].mean() == pytest.approx(0.5, abs=0.05)
    assert found.units[:, 0].mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.slow
def test_vbmc_finds_the_same(
    prior: Prior, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    if importlib.util.find_spec("pyvbmc") is None:
        pytest.skip("the extra inference is not installed")
    from l5tui.tuning.inference.vbmc import run_vbmc

    caplog.set_level(logging.INFO)
    seen: list[Estimate] = []
    found = run_vbmc(KnownBell(2), prior, 2, 60, 4000, 3, seen.append)  # type: ignore[arg-type]
    assert found.units.mean(axis=0) == pytest.approx([0.4, 0.6], abs=0.05)
    assert found.units.std(axis=0) == pytest.approx([0.05, 0.1], rel=0.5)
    assert found.log_evidence == pytest.approx(math.log(2 * math.pi * 0.05 * 0.1), abs=0.5)
    assert [each.stage for each in seen] == [f"iteration {number + 1}" for number in range(len(seen))]
    assert all(each.is_bound for each in seen)
    assert seen[-1].log_evidence == pytest.approx(found.log_evidence, abs=0.3)
    assert seen[-1].units.mean(axis=0) == pytest.approx([0.4, 0.6], abs=0.05)
    unseen = run_vbmc(KnownBell(2), prior, 2, 60, 4000, 3)  # type: ignore[arg-type]
    assert np.array_equal(unseen.units, found.units)
    assert tuple(capfd.readouterr()) == ("", "")
    assert "pyvbmc: " in caplog.text


def test_priors(prior: Prior) -> None:
    assert prior.log_density(np.array([[0.5, 0.5], [1.5, 0.5]])).tolist() == [0.0, -math.inf]
    space = SPACE.replace("high = 20.0}\n", 'high = 20.0, prior = "normal"}\n', 1)
    experiment = experiment_of(study_toml(space=space) + TARGETS)
    bell = Prior(experiment, search_space(experiment))
    places = (np.arange(2000) + 0.5) / 2000
    grid = np.stack([places, np.full(2000, 0.5)], axis=1)
    assert np.exp(bell.log_density(grid)).mean() == pytest.approx(1.0, rel=1e-4)
    assert bell.transform(grid)[:, 0].std() == pytest.approx(0.22, abs=0.01)
    assert bell.transform(grid)[:, 1].tolist() == [0.5] * 2000


def test_every_fault_is_reported() -> None:
    space = SPACE + '"plasticity.rule" = ["bcm", "oja"]\n'
    toml = study_toml(space=space, extra="realizations = 1")
    with pytest.raises(ConfigError) as caught:
        checked_inference(experiment_of(toml), 5)
    assert [fault.key for fault in caught.value.faults] == [
        "tuning.space.plasticity.rule",
        "targets",
        "tuning.realizations",
        "--budget",
    ]


def test_an_inference_is_kept_and_goes_on_where_it_was(workspace: Workspace) -> None:
    if importlib.util.find_spec("arviz") is None:
        pytest.skip("the extra inference is not installed")
    from l5tui.store.id_paths import inference_file
    from l5tui.tuning.events import StudyEvent, TrialEnded
    from l5tui.tuning.inference.infer import resume_inference, run_inference
    from l5tui.tuning.inference.libraries import library

    toml = study_toml(space=SPACE) + TARGETS
    seen: list[StudyEvent] = []

    def stop_requests() -> int:
        return int(sum(isinstance(event, TrialEnded) for event in seen) >= 25)

    options: dict[str, Any] = {"method": "abc", "budget": 40, "track": False}
    stopped = run_inference(
        experiment_of(toml), toml, workspace, observe=seen.append, requests=stop_requests, **options
    )
    assert (stopped.study.record.status, stopped.file) == ("stopped", None)
    ended = resume_inference("last", workspace, track=False)
    whole = run_inference(experiment_of(toml), toml, workspace, **options)
    assert ended.study.record.status == "completed"
    one, other = ([(trial.point, trial.value) for trial in report.study.trials] for report in (ended, whole))
    assert one == other
    arviz = library("arviz")
    path = inference_file(workspace, whole.study.record.id)
    data = arviz.from_netcdf(str(path), engine="netcdf4")
    assert set(data.groups()) == {
        "posterior",
        "prior",
        "posterior_predictive",
        "observed_data",
        "sample_stats",
    }
    assert list(arviz.summary(data, kind="stats").index) == ["stimulus.amplitude.CC", "stimulus.amplitude.PV"]
    assert data.observed_data["value"].values.tolist() == [2.0, 3.0]
    assert json.loads(data.attrs["converged"]) in (True, False)


@pytest.mark.slow
def test_a_ratio_has_both_paths_as_its_name_in_file_table_and_figure(workspace: Workspace) -> None:
    pytest.importorskip("arviz")
    from l5tui.cli.inference_tables import print_inference
    from l5tui.tuning.inference.infer import run_inference
    from l5tui.tuning.inference.pictures import inference_pictures

    space = (
        '[tuning.space]\n"stimulus.amplitude.CC" = {low = 1.0, high = 20.0}\n'
        '"plasticity.tau_threshold" = {low = 0.001, high = 1.0, times = "plasticity.tau_learn"}\n'
    )
    toml = study_toml(space=space) + TARGETS
    report = run_inference(experiment_of(toml), toml, workspace, method="abc", budget=40, track=False)
    ratio = "plasticity.tau_threshold / plasticity.tau_learn"
    posterior = report.read()["data"].posterior
    assert posterior["plasticity.tau_threshold"].attrs["long_name"] == ratio
    assert posterior["stimulus.amplitude.CC"].attrs["long_name"] == "stimulus.amplitude.CC"
    screen = io.StringIO()
    print_inference(report, Console(file=screen, width=120))
    assert any(line.startswith(ratio) for line in screen.getvalue().splitlines())
    assert inference_pictures(report)["pairs"].startswith(b"\x89PNG")
