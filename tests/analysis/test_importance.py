"""Which parameters matter."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.analysis.importance import importance
from tests.studies import AMPLITUDES, MIXED, made_table, some_without_value


def test_what_the_objective_depends_on_is_important_and_the_rest_is_not() -> None:
    found = importance(made_table(150, statuses=some_without_value))

    assert found.mean.sum() == pytest.approx(1.0)
    assert np.argsort(-found.mean)[:2].tolist() == [0, 5]
    assert found.mean[1:5].max() < 0.05
    assert 0 < found.spread[0] < 0.5
    assert found.explained > 0.6
    assert found.trials == 120


def test_a_choice_can_be_what_matters() -> None:
    found = importance(made_table(80, MIXED, lambda units: float(units[2] > 2 / 3) + 0.01 * units[0]))

    assert found.paths[int(np.argmax(found.mean))] == "network.transfer"


def test_a_heavy_tail_changes_nothing_as_ranks_alone_count() -> None:
    plain = importance(made_table(60, AMPLITUDES))
    tailed = importance(made_table(60, AMPLITUDES, lambda units: float(np.exp(units[0] * 20 - 3))))
    linear = importance(made_table(60, AMPLITUDES, lambda units: float(units[0])))

    assert tailed.mean.tolist() == linear.mean.tolist()
    assert importance(made_table(60, AMPLITUDES)).mean.tolist() == plain.mean.tolist()


def test_too_few_trials_or_equal_values_say_nothing() -> None:
    for table in (made_table(9), made_table(0), made_table(40, value=lambda units: 3.0)):
        found = importance(table)
        assert np.isnan(found.mean).all()
        assert np.isnan(found.spread).all()
