"""docs/model.md is enough to compute every number of a run: a re-implementation from its words agrees with l5tui."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.measures import Measures, measure
from l5tui.analysis.selectivity import MEASURES
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.validation import validate
from l5tui.model.circuit import Circuit
from l5tui.model.recording import Recording
from l5tui.runner.realizations import record_realizations
from tests.docs.model_from_the_page import (
    Array,
    Start,
    indices,
    is_in_equilibrium,
    mean,
    populations,
    simulate,
    std,
    window_rates,
)

CASES: dict[str, dict[str, Any]] = {
    "sliding": {"dynamics": {"duration_tau": 70.0}, "plasticity": {"onset_step": 180}},
    "short_before": {
        "network": {"sizes": [7, 9, 5, 0]},
        "plasticity": {
            "rule": "bcm",
            "onset_step": 90,
            "presynaptic_term": "rate",
            "schedule": "alternate_all",
            "phase_steps": 7,
            "synapses": "existing",
            "dale": True,
            "tau_learn": 0.5,
        },
    },
    "no_before_and_few_periods": {
        # 0.25 of 10 neurons are 2.5 partners.
        "network": {"sizes": [6, 10, 5, 4], "connection_probability": [[0.25] * 4] * 4},
        "dynamics": {"duration_tau": 15.0},
        "plasticity": {"rule": "oja", "onset_step": 0, "neurons": "excitatory", "tau_learn": 20.0},
    },
    "one_neuron_and_one_circuit": {
        "network": {"sizes": [7, 9, 5, 1]},
        "plasticity": {"rule": "covariance", "neurons": "inhibitory", "onset_step": 40},
        "stimulus": {"temporal_frequency": 0.5, "steady": [False, True, False, True], "kind": "offset"},
        "simulation": {"realizations": 1},
    },
    "exponential": {
        "network": {"gamma": 1.5},
        "plasticity": {"threshold_kernel": "exponential", "threshold_floor": 1e-6, "onset_step": 160},
        "stimulus": {"amplitude": [2.0, 2.0, 3.0, 2.0], "temporal_frequency_hz": 9.0},
        "dynamics": {"integrator": "rk4", "tau_ms": 50.0},
    },
    "steady": {
        "network": {"transfer": "sigmoid"},
        "plasticity": {"rule": "none", "onset_step": 30},
        "stimulus": {"steady": [True] * 4, "directions": [0, 45, 90, 135, 180, 225, 270, 315]},
    },
    "negative": {
        "network": {"transfer": "tanh"},
        "plasticity": {"rule": "sliding_bcm", "schedule": "alternate_excitatory", "onset_step": 100},
        "loss": {"form": "absolute"},
    },
}
BASE: dict[str, dict[str, Any]] = {
    "network": {"sizes": [7, 9, 5, 4]},
    "dynamics": {"duration_tau": 30.0},
    "plasticity": {"tau_learn": 100.0, "tau_threshold": 0.3},
    "simulation": {"realizations": 3},
}
CLOSE: Any = {"rtol": 1e-10, "atol": 1e-10}


def experiment_of(name: str) -> Experiment:
    """Return an experiment of `CASES`."""
    case = CASES[name]
    return validate({key: {**BASE.get(key, {}), **case.get(key, {})} for key in BASE.keys() | case.keys()})


class Page:
    """A run, simulated and measured from the words of the page."""

    def __init__(self, experiment: Experiment, circuits: list[Circuit]) -> None:
        self.experiment = experiment
        self.starts = [
            Start(c.weights, c.positions, c.initial_rates, c.synapses, c.divisor) for c in circuits
        ]
        self.ends = [simulate(experiment, start) for start in self.starts]
        self.members = [np.flatnonzero(populations(experiment) == index) for index in range(4)]

    def selectivity(self, condition: str, name: str) -> Array:
        """Statistic by population, shape (3, 4)."""
        means, stds = np.full((2, len(self.starts), 4), math.nan)
        for row, (rates, _) in enumerate(self.ends):
            found = window_rates(self.experiment, rates, condition)
            for column, members in enumerate(self.members if found is not None else ()):
                assert found is not None
                r = found[:, members]
                if not len(members):
                    continue
                if name == "rate":
                    means[row, column], stds[row, column] = r.mean(), std(r)
                elif not (r < 0).any() and not self.is_off(r):
                    values = indices(self.experiment.stimulus.directions, r)[name]
                    means[row, column], stds[row, column] = mean(values), std(values)
        return np.array([[f(x) for x in y.T] for f, y in ((mean, means), (std, means), (mean, stds))])

    def is_off(self, r: Array) -> bool:
        """Whether no neuron responds 1e-4 above the floor in any direction."""
        network = self.experiment.network
        floor = 0.01 if network.transfer == "supralinear" and network.gamma == 1 else 0.0
        return bool((r < floor + 1e-4).all())

    def weights(self, quantity: str) -> Array:
        """Statistic by block, shape (3, 4, 4): post, pre."""
        table = np.full((3, 4, 4), math.nan)
        for post, pre in np.ndindex(4, 4):
            if not len(self.members[post]) or not len(self.members[pre]):
                continue
            block = np.ix_(self.members[post], self.members[pre])
            means, stds = [], []
            for start, (_, final) in zip(self.starts, self.ends, strict=True):
                target = self.target(post, pre) / start.divisor
                each = {
                    "initial": [start.weights[block]],
                    "final": [w[block] for w in final],
                    "change": [w[block] - start.weights[block] for w in final],
                    "target": [np.array([target])],
                }[quantity]
                means.append(np.mean([w.mean() for w in each]))
                stds.append(np.mean([std(w) for w in each]))
            table[:, post, pre] = mean(means), std(means), mean(stds)
        return table

    def target(self, post: int, pre: int) -> float:
        """J · round(P · N_pre)/N_pre, in mV."""
        network, size = self.experiment.network, len(self.members[pre])
        degree = round(network.connection_probability[pre][post] * size)
        return network.target_weights[pre][post] * degree / size

    def loss(self) -> float:
        """The loss from its terms."""
        present = [index for index, members in enumerate(self.members) if len(members)]

        def spread(row: int, *names: str) -> float:
            each = [mean(self.selectivity("after", name)[row, present]) for name in names]
            return sum(value for value in each)

        def difference(name: str) -> float:
            before, after = (
                self.selectivity(condition, name)[0, present] for condition in ("before", "after")
            )
            return float((after - before).sum())

        rmse = math.sqrt(mean((self.weights("final")[0] - self.weights("target")[0]) ** 2))
        between = spread(1, "OS", "DS", "OS_p")
        within = spread(2, "rate", "OS", "DS", "OS_p")
        spreads = sum(value for value in (between, within) if not math.isnan(value))
        loss = 10 * (rmse + abs(difference("OS"))) - difference("DS") + 0.1 * spreads
        return abs(loss) if self.experiment.loss.form == "absolute" else loss

    def summary(self) -> dict[str, float]:
        """Contrasts, abscissa and counts."""
        found: dict[str, float] = {}
        for name in ("OS", "DS", "OS_p"):
            cs, cc = self.selectivity("after", name)[0, :2]
            defined = cs >= 0 and cc >= 0 and cs + cc >= 1e-3
            found[f"contrast_{name}"] = (cs - cc) / (cs + cc) if defined else math.nan
        found["spectral_abscissa"] = mean(
            [np.linalg.eigvals(w).real.max() for _, final in self.ends for w in final]
        )
        found["not_in_equilibrium"] = sum(not is_in_equilibrium(self.experiment, r) for r, _ in self.ends)
        for name, members in zip(POPULATIONS, self.members, strict=True):
            after = [window_rates(self.experiment, rates, "after") for rates, _ in self.ends]
            found[f"off_{name}"] = sum(
                self.is_off(r[:, members]) for r in after if r is not None and len(members)
            )
        return found


@pytest.fixture(scope="module", params=CASES)
def pair(request: pytest.FixtureRequest) -> tuple[Page, list[Recording], Measures]:
    """A run from the page's words, and the same run by l5tui."""
    experiment = experiment_of(request.param)
    recordings = record_realizations(experiment, lambda event: None, lambda: False)
    return (
        Page(experiment, [each.circuit for each in recordings]),
        recordings,
        measure(recordings, experiment),
    )


def test_the_page_gives_the_rates_and_weights(pair: tuple[Page, list[Recording], Measures]) -> None:
    page, recordings, _ = pair
    for (rates, final), recording in zip(page.ends, recordings, strict=True):
        for name in ("before", "after"):
            expected = window_rates(page.experiment, rates, name)
            assert (expected is None) == (name not in recording.window_rates)
            if expected is not None:
                np.testing.assert_allclose(recording.window_rates[name], expected, **CLOSE)
        np.testing.assert_allclose(recording.final_weights, final, **CLOSE)


def test_the_page_gives_the_tables(pair: tuple[Page, list[Recording], Measures]) -> None:
    page, _, measured = pair
    for row, condition in enumerate(("before", "after")):
        for column, name in enumerate(MEASURES):
            found = measured.selectivity[row, column]
            np.testing.assert_allclose(found, page.selectivity(condition, name), err_msg=name, **CLOSE)
    for index, quantity in enumerate(QUANTITIES):
        np.testing.assert_allclose(measured.weights[index], page.weights(quantity), err_msg=quantity, **CLOSE)


def test_the_page_gives_the_summary_and_the_loss(pair: tuple[Page, list[Recording], Measures]) -> None:
    page, _, measured = pair
    for name, value in page.summary().items():
        np.testing.assert_allclose(measured.summary[name], value, err_msg=name, **CLOSE)
    np.testing.assert_allclose(measured.loss, page.loss(), **CLOSE)


def test_circuits_are_as_the_page_says() -> None:
    """In-degrees exactly; means and spreads within 5 standard errors over 300 circuits."""
    sizes, noise = (10, 12, 9, 8), 0.2
    experiment = validate(
        {
            "network": {
                "sizes": list(sizes),
                "weight_noise": noise,
                "connection_probability": [[0.25] * 4] * 4,
            },
            "plasticity": {"neurons": "excitatory"},
        }
    )
    table = np.array(experiment.network.target_weights)
    sampled: dict[tuple[int, int], list[Array]] = {}
    places, rates = [], []
    for realization in range(300):
        circuit = Circuit.sample(experiment, realization)
        assert np.linalg.eigvals(circuit.weights).real.max() == pytest.approx(1, rel=1e-12)
        places.append((circuit.positions**2).sum(axis=1))
        rates.append(circuit.initial_rates)
        assert not circuit.synapses.diagonal().any()
        edges = np.cumsum([0, *sizes])
        for pre, post in np.ndindex(4, 4):
            block = (slice(edges[post], edges[post + 1]), slice(edges[pre], edges[pre + 1]))
            degree = {10: 2, 12: 3, 9: 2, 8: 2}[sizes[pre]]
            assert (circuit.synapses[block].sum(axis=1) == degree).all()
            in_mv = circuit.divisor * circuit.weights[block][circuit.synapses[block]]
            assert (in_mv * (1 if pre < 2 else -1) >= 0).all()
            sampled.setdefault((pre, post), []).append(in_mv)
    for (pre, post), blocks in sampled.items():
        target = abs(table[pre, post])
        if target == 0:
            assert not np.any(blocks)
            continue
        draw = np.random.default_rng(0)
        learns = pre < 2 and post < 2
        means = np.abs(draw.normal(target, experiment.network.initial_weight_cv * target * learns, 100_000))
        expected = np.abs(draw.normal(means, noise))
        each = np.array([np.abs(block).mean() for block in blocks])
        error = 5 * (each.std(ddof=1) / math.sqrt(len(each)) + expected.std() / math.sqrt(len(expected)))
        assert abs(each.mean() - expected.mean()) < error, (pre, post)
    for values in (np.concatenate(places), np.concatenate(rates)):
        # The squared distance from the middle of a disc is uniform, as the initial rates are.
        assert 0 <= values.min() < values.max() <= 1
        assert abs(values.mean() - 0.5) < 5 / math.sqrt(12 * len(values))
        assert abs(values.var() - 1 / 12) < 5 / math.sqrt(180 * len(values))


def test_another_noise_leaves_the_other_draws_as_they_were() -> None:
    experiment = experiment_of("sliding")
    network = experiment.network.model_copy(update={"weight_noise": 0.3})
    one, other = (
        Circuit.sample(each, 1) for each in (experiment, experiment.model_copy(update={"network": network}))
    )
    assert not np.array_equal(one.weights, other.weights)
    for name in ("synapses", "positions", "initial_rates"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
