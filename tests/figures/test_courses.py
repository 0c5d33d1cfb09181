"""Lines over time are the means over realizations, each in its own panel."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from l5tui.config.populations import POPULATIONS
from l5tui.figures.rates import rates_figure
from l5tui.figures.weight_course import weight_course_figure
from tests.figures.drawn import bands, course, labels, titled


@pytest.mark.parametrize("turned", [False, True])
def test_rates_are_means_over_realizations_in_the_panel_of_their_direction(
    stored: xr.Dataset, turned: bool
) -> None:
    drawn = stored.transpose(..., "realization").isel(population=[2, 0, 3, 1]) if turned else stored
    figure = rates_figure(drawn)
    assert len(figure.axes) == 4
    for angle in stored["direction"].values:
        axes = titled(figure, f"{angle:g}°")
        for name in POPULATIONS:
            steps, rates = course(axes, name)
            expected = stored["rate_mean"].sel(direction=angle, population=name).mean("realization")
            np.testing.assert_allclose(rates, expected)
            np.testing.assert_allclose(steps, (stored["first_step"] + stored["last_step"]) / 2)


def test_bands_reach_one_standard_deviation_of_the_realizations(stored: xr.Dataset) -> None:
    axes = titled(rates_figure(stored), "90°")
    rates = stored["rate_mean"].sel(direction=90)
    for name, band in zip(POPULATIONS, bands(axes), strict=True):
        of_population = rates.sel(population=name)
        mean, std = of_population.mean("realization"), of_population.std("realization", ddof=1)
        assert band[:, 1].max() == pytest.approx(float((mean + std).max()))
        assert band[:, 1].min() == pytest.approx(float((mean - std).min()))


def test_the_onset_is_where_learning_begins(stored: xr.Dataset) -> None:
    for figure in (rates_figure(stored), weight_course_figure(stored)):
        for axes in figure.axes:
            np.testing.assert_array_equal(course(axes, "onset")[0], [150, 150])
    for changed in ({"rule": "none"}, {"onset_step": 0}, {"onset_step": 10**6}):
        figure = rates_figure(stored.assign_attrs(changed))
        assert all("onset" not in labels(axes) for axes in figure.axes)
        assert "learning begins" not in [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("turned", [False, True])
def test_weights_and_targets_stand_with_their_block(stored: xr.Dataset, turned: bool) -> None:
    drawn = stored.transpose("pre", "post", ...).isel(post=[3, 1, 0, 2]) if turned else stored
    figure = weight_course_figure(drawn)
    weights = stored["weight_mean"].mean(["realization", "direction"])
    targets = stored["target_weights"].mean("realization")
    for post in POPULATIONS:
        axes = titled(figure, f"Onto {post}")
        for pre in POPULATIONS:
            steps, values = course(axes, pre)
            np.testing.assert_array_equal(steps, stored["last_step"])
            np.testing.assert_allclose(values, weights.sel(post=post, pre=pre))
            target = course(axes, f"target {pre}")[1]
            np.testing.assert_allclose(target, float(targets.sel(post=post, pre=pre)))


def test_a_realization_that_diverged_counts_until_then(stored: xr.Dataset) -> None:
    drawn = stored.copy(deep=True)
    drawn["rate_mean"].values[1, :, 5:] = np.nan
    _, rates = course(titled(rates_figure(drawn), "0°"), "PV")
    of_population = stored["rate_mean"].sel(direction=0, population="PV")
    np.testing.assert_allclose(rates[:5], of_population[:, :5].mean("realization"))
    np.testing.assert_allclose(rates[5:], of_population[[0, 2], 5:].mean("realization"))
