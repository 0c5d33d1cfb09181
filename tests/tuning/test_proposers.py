"""What proposes trials: covers the space, depends on nothing but its arguments, and finds what is good."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from l5tui.config.tuning import Tuning
from l5tui.tuning.methods import new_proposer
from l5tui.tuning.proposers import bayesian
from l5tui.tuning.proposers.bayesian import BayesianSearch, tamed
from l5tui.tuning.proposers.grid import Grid
from l5tui.tuning.proposers.proposer import Observation, Proposer
from l5tui.tuning.space import Dimension, Point, SearchSpace

BOX = SearchSpace(tuple(Dimension(name, 0.0, 10.0) for name in ("a", "b")))
MIXED = SearchSpace(
    (
        Dimension("a", 0.0, 10.0),
        Dimension("n", 1, 5, integer=True),
        Dimension("rule", choices=("x", "y", "z")),
    )
)


def bowl(point: Point) -> float:
    """Smallest, 0, at a = 7, b = 2; with a wall, as losses of exploding networks have."""
    distance = (float(point["a"]) - 7) ** 2 + (float(point["b"]) - 2) ** 2
    return distance if distance < 20 else 1e4


def mixed(point: Point) -> float:
    """Smallest, 0, at a = 3, n = 4, rule = z."""
    return abs(float(point["a"]) - 3) + abs(int(point["n"]) - 4) + 2.0 * (point["rule"] != "z")


def go_on(proposer: Proposer, function: Callable[[Point], float], trials: int) -> list[Observation]:
    observed: list[Observation] = []
    for number in range(trials):
        point = proposer.propose(number, observed, [])
        observed.append(Observation(point, function(point)))
    return observed


def best(observed: Sequence[Observation]) -> float:
    return min(each.score for each in observed)


@pytest.mark.parametrize("method", ["bayesian", "random", "sobol", "grid"])
def test_a_study_that_is_rebuilt_goes_on_the_same(method: str) -> None:
    tuning = Tuning.model_validate({"method": method, "trials": 16, "initial": 4, "seed": 3})
    whole = go_on(new_proposer(tuning, BOX), bowl, 8)
    again = new_proposer(tuning, BOX)
    for number in (2, 5, 7):
        assert again.propose(number, whole[:number], []) == whole[number].point
    if method != "grid":
        other = new_proposer(tuning.model_copy(update={"seed": 4}), BOX)
        assert other.propose(0, [], []) != whole[0].point


def test_the_bayesian_search_goes_on_the_same_where_its_kernel_is_not_fitted_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bayesian, "OFTEN", 8)
    whole = go_on(BayesianSearch(BOX, 1, 5), bowl, 14)
    assert BayesianSearch(BOX, 1, 5).propose(13, whole[:13], []) == whole[13].point


def test_the_bayesian_search_finds_the_bottom_of_a_bowl_behind_a_wall() -> None:
    found = best(go_on(BayesianSearch(BOX, 1, 8), bowl, 30))
    chance = best(go_on(new_proposer(Tuning.model_validate({"method": "random"}), BOX), bowl, 30))
    assert found < 0.01 < chance


def test_the_bayesian_search_finds_choices_and_whole_numbers() -> None:
    observed = go_on(BayesianSearch(MIXED, 2, 8), mixed, 30)
    assert best(observed) < 0.05
    points = [tuple(each.point.items()) for each in observed]
    assert len(set(points)) == len(points)


def test_points_that_are_running_are_kept_away_from() -> None:
    search = BayesianSearch(BOX, 1, 8)
    observed = go_on(search, bowl, 20)
    pending: list[Point] = []
    for _ in range(4):
        pending.append(search.propose(20, observed, pending))
    places = BOX.units(pending)
    distances = [np.abs(a - b).max() for i, a in enumerate(places) for b in places[:i]]
    assert min(distances) > 1e-3


def test_equal_scores_and_repeated_points_do_no_harm() -> None:
    point = {"a": 1.0, "b": 1.0}
    search = BayesianSearch(BOX, 1, 2)
    same = [Observation(point, 1.0)] * 3
    assert search.propose(3, same, []).keys() == point.keys()
    differing = [*same, Observation({"a": 2.0, "b": 2.0}, 0.5), Observation({"a": 2.0, "b": 2.0}, 1e300)]
    assert search.propose(5, differing, [point]) != {"a": 2.0, "b": 2.0}


def test_a_heavy_tail_is_tamed_and_the_order_of_the_better_half_kept() -> None:
    scores = np.array([3.0, 1e308, -2.0, 3.0, 40.0, 0.5, 1e4])
    result = tamed(scores)
    assert result.min() == result[2] == 0.0
    assert result.max() < 3
    assert result[0] == result[3]
    better = np.argsort(scores, kind="stable")[:3]
    assert list(np.argsort(result, kind="stable")[:3]) == list(better)


@pytest.mark.parametrize(("trials", "values"), [(1, 1), (3, 1), (4, 2), (8, 2), (9, 3), (100, 10)])
def test_a_grid_is_as_fine_as_its_trials_allow(trials: int, values: int) -> None:
    grid = Grid(BOX, trials)
    assert grid.limit == values**2
    points = [grid.propose(number, [], []) for number in range(grid.limit)]
    assert len({tuple(point.items()) for point in points}) == values**2
    if values > 1:
        assert sorted({float(point["a"]) for point in points}) == pytest.approx(np.linspace(0, 10, values))
    row = [float(point["b"]) for point in points[:values]]
    assert row == sorted(row)
    assert [float(point["b"]) for point in points] == row * values


def test_a_grid_has_every_choice_and_no_value_twice() -> None:
    grid = Grid(MIXED, 10_000)
    points = [grid.propose(number, [], []) for number in range(grid.limit or 0)]
    assert {point["rule"] for point in points} == {"x", "y", "z"}
    assert {point["n"] for point in points} == {1, 2, 3, 4, 5}
    assert len(points) <= 10_000


def test_a_sobol_sequence_fills_every_quarter() -> None:
    sobol = new_proposer(Tuning.model_validate({"method": "sobol"}), BOX)
    points = [sobol.propose(number, [], []) for number in range(16)]
    quarters = {(math.floor(float(p["a"]) / 5), math.floor(float(p["b"]) / 5)) for p in points[:4]}
    assert len(quarters) == 4
