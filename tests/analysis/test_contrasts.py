"""The contrast of means, and the mean of contrasts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l5tui.analysis.contrasts import SMALLEST_SUM, contrast, with_contrasts_of_means

POSITIVE = st.floats(0.01, 1.0)
KEY = "summary/contrast_DS"


def circuit(cs: float, cc: float) -> dict[str, float]:
    return {"after/DS.CS": cs, "after/DS.CC": cc, KEY: float(contrast(np.array(cs), np.array(cc)))}


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_contrast_is_between_minus_one_and_one(cs: float, cc: float) -> None:
    found = float(contrast(np.array(cs), np.array(cc)))
    assert math.isnan(found) if cs + cc < SMALLEST_SUM else -1 <= found <= 1


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=6))
def test_single_circuits_average_to_the_contrast_of_the_means(values: list[tuple[float, float]]) -> None:
    cs, cc = np.mean(values, axis=0)
    found = with_contrasts_of_means([circuit(*each) for each in values])
    assert np.mean([each[KEY] for each in found]) == pytest.approx((cs - cc) / (cs + cc))
    assert [each["after/DS.CS"] for each in found] == [each[0] for each in values]


def test_its_standard_error_is_that_of_the_contrast_of_means() -> None:
    random = np.random.default_rng(4)
    samples = np.abs(random.normal([0.6, 0.3], [0.1, 0.05], (4000, 20, 2)))
    errors = []
    for sample in samples[:200]:
        values = [each[KEY] for each in with_contrasts_of_means([circuit(*row) for row in sample])]
        errors.append(np.std(values, ddof=1) / math.sqrt(20))
    means = samples.mean(axis=1)
    spread = contrast(means[:, 0], means[:, 1]).std()
    assert np.mean(errors) == pytest.approx(spread, rel=0.05)


def test_a_circuit_without_a_value_leaves_it_undefined() -> None:
    found = with_contrasts_of_means([circuit(0.5, 0.2), circuit(math.nan, 0.2)])
    assert all(math.isnan(each[KEY]) for each in found)
    assert with_contrasts_of_means([]) == []
    assert with_contrasts_of_means([{"loss": 1.0}]) == [{"loss": 1.0}]
