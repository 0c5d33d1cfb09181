"""The loss and its terms, against a computation by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.caveats import left_out
from l5tui.analysis.loss import LOSS_TERMS, loss_contributions, loss_of, loss_terms
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.statistics import STATISTICS
from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

LAYOUT = Layout((2, 3, 1, 2))
TERMS = {"rmse": 0.3, "delta_OS": -0.2, "delta_DS": 0.5, "spread_between": 0.4, "spread_within": 0.6}


def table(**cells: list[float]) -> FloatArray:
    """A selectivity table (measure, statistic, population) from rows named measure__statistic."""
    values = np.full((6, 3, 4), 99.0)
    for name, row in cells.items():
        measure, statistic = name.split("__")
        values[MEASURES.index(measure), STATISTICS.index(statistic)] = row
    return values


def weights(final: FloatArray, target: FloatArray) -> FloatArray:
    values = np.full((4, 3, 4, 4), 99.0)
    values[QUANTITIES.index("final"), 0] = final
    values[QUANTITIES.index("target"), 0] = target
    return values


BEFORE = table(OS__mean=[0.1, 0.2, 0.3, 0.4], DS__mean=[0.5, 0.5, 0.5, 0.5])
AFTER = table(
    OS__mean=[0.2, 0.1, 0.3, 0.5],
    DS__mean=[0.7, 0.4, 0.9, 0.5],
    OS__std_of_means=[0.1, 0.1, 0.1, 0.1],
    DS__std_of_means=[0.2, 0.0, 0.2, 0.0],
    OS_p__std_of_means=[0.0, 0.0, 0.0, 0.4],
    rate__mean_of_stds=[1.0, 2.0, 3.0, 2.0],
    OS__mean_of_stds=[0.3, 0.3, 0.3, 0.3],
    DS__mean_of_stds=[0.0, 0.4, 0.0, 0.4],
    OS_p__mean_of_stds=[0.1, 0.2, 0.3, 0.4],
)


def test_terms_by_hand() -> None:
    """Final means miss their targets by 3 in one block of 16 and by 4 in another."""
    final, target = np.ones((4, 4)), np.ones((4, 4))
    final[0, 1], final[3, 2] = 4, -3
    terms = loss_terms(BEFORE, AFTER, weights(final, target), LAYOUT)

    assert tuple(terms) == LOSS_TERMS
    assert terms == pytest.approx(
        {
            "rmse": math.sqrt((9 + 16) / 16),
            "delta_OS": 0.1 - 0.1 + 0.0 + 0.1,
            "delta_DS": 0.2 - 0.1 + 0.4 + 0.0,
            "spread_between": 0.1 + 0.1 + 0.1,
            "spread_within": 2.0 + 0.3 + 0.2 + 0.25,
        }
    )


def test_empty_populations_are_left_out_of_every_term() -> None:
    before, after = BEFORE.copy(), AFTER.copy()
    before[:, :, 1], after[:, :, 1] = np.nan, np.nan
    final = np.full((4, 4), 2.0)
    final[1], final[:, 1] = np.nan, np.nan
    terms = loss_terms(before, after, weights(final, np.ones((4, 4))), Layout((2, 0, 1, 2)))

    assert terms["rmse"] == pytest.approx(1)
    assert terms["delta_OS"] == pytest.approx(0.2)
    assert terms["spread_within"] == pytest.approx(2.0 + 0.3 + 0.4 / 3 + 0.8 / 3)


def test_a_population_that_is_off_leaves_the_loss_undefined() -> None:
    after = AFTER.copy()
    after[1:, :, 2] = np.nan
    terms = loss_terms(BEFORE, after, weights(np.ones((4, 4)), np.ones((4, 4))), LAYOUT)

    assert math.isnan(terms["delta_OS"])
    assert terms["rmse"] == 0
    assert math.isnan(loss_of(terms, "signed"))


def test_a_spread_that_is_not_defined_is_left_out_of_the_loss() -> None:
    """One realization: no spread between; populations of one neuron: none within."""
    alone = {**TERMS, "spread_between": math.nan}

    assert left_out(alone) == ("spread_between",)
    assert loss_of(alone, "signed") == pytest.approx(4.6 - 0.04)
    assert loss_of({**alone, "spread_within": math.nan}, "signed") == pytest.approx(4.5)
    assert math.isnan(loss_of({**alone, "rmse": math.nan}, "signed"))


def test_a_population_without_a_spread_is_left_out_of_the_average() -> None:
    after = AFTER.copy()
    after[MEASURES.index("OS"), STATISTICS.index("std_of_means"), 3] = np.nan
    after[1:, STATISTICS.index("mean_of_stds"), 2] = np.nan
    terms = loss_terms(BEFORE, after, weights(np.ones((4, 4)), np.ones((4, 4))), LAYOUT)

    assert terms["spread_between"] == pytest.approx(0.1 + 0.1 + 0.1)
    assert terms["spread_within"] == pytest.approx(2.0 + 0.3 + 0.8 / 3 + 0.7 / 3)


def test_contributions_add_up_to_the_signed_loss() -> None:
    assert loss_contributions(TERMS) == pytest.approx(
        {"rmse": 3.0, "delta_OS": 2.0, "delta_DS": -0.5, "spread_between": 0.04, "spread_within": 0.06}
    )
    assert loss_of(TERMS, "signed") == pytest.approx(4.6)


def test_slip_13_absolute_form_is_smallest_where_terms_cancel() -> None:
    """A larger gain of DS: better in the signed form, worse in the absolute one."""
    gain = {**TERMS, "delta_DS": 8.0}

    assert loss_of(gain, "signed") == pytest.approx(-2.9)
    assert loss_of(gain, "absolute") == pytest.approx(2.9)
    assert loss_of({**TERMS, "delta_DS": 5.1}, "absolute") == pytest.approx(0)


def test_slip_13_form_follows_the_variant() -> None:
    forms = {
        (variant, form): Experiment.model_validate({"variant": variant, "loss": {"form": form}}).loss_form
        for variant in ("original", "corrected")
        for form in ("auto", "signed", "absolute")
    }

    assert forms == {
        ("original", "auto"): "absolute",
        ("original", "signed"): "signed",
        ("original", "absolute"): "absolute",
        ("corrected", "auto"): "signed",
        ("corrected", "signed"): "signed",
        ("corrected", "absolute"): "absolute",
    }
