"""Lines over time are the means over realizations, each in its own panel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from l5tui.config.populations import POPULATIONS
from l5tui.figures.comparison import rates_comparison
from l5tui.figures.rates import rates_figure
from l5tui.figures.stability import stability_figure
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
    for pre in POPULATIONS:
        axes = titled(figure, f"From {pre}")
        for post in POPULATIONS:
            steps, values = course(axes, post)
            np.testing.assert_array_equal(steps, stored["last_step"])
            np.testing.assert_allclose(values, weights.sel(post=post, pre=pre))
            target = course(axes, f"target {post}")[1]
            np.testing.assert_allclose(target, float(targets.sel(post=post, pre=pre)))


def test_a_realization_that_diverged_counts_until_then(stored: xr.Dataset) -> None:
    drawn = stored.copy(deep=True)
    drawn["rate_mean"].values[1, :, 5:] = np.nan
    _, rates = course(titled(rates_figure(drawn), "0°"), "PV")
    of_population = stored["rate_mean"].sel(direction=0, population="PV")
    np.testing.assert_allclose(rates[:5], of_population[:, :5].mean("realization"))
    np.testing.assert_allclose(rates[5:], of_population[[0, 2], 5:].mean("realization"))


def tick_texts(figure: Figure) -> list[str]:
    """Labels of the ticks of the outer time axis, within its limits."""
    axes = next(axes for axes in figure.axes if axes.get_xlabel())
    figure.draw_without_rendering()
    low, high = axes.get_xlim()
    shown = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    return [label.get_text() for place, label in shown if low <= place <= high]


@pytest.mark.parametrize("draw", [rates_figure, weight_course_figure, stability_figure])
def test_time_is_in_seconds(stored: xr.Dataset, draw: Callable[[xr.Dataset], Figure]) -> None:
    """With steps of 10 ms step 700 is at 7 s, with 5 ms at 3.5 s; steps of no known length are shown as steps."""
    assert stored.attrs["step_ms"] == pytest.approx(10)
    seconds = float(stored["last_step"].max()) / 100
    for step_ms, last in ((10.0, seconds), (5.0, seconds / 2)):
        figure = draw(stored.assign_attrs(step_ms=step_ms))
        assert "time (s)" in [axes.get_xlabel() for axes in figure.axes]
        ticks = [float(text) for text in tick_texts(figure)]
        assert ticks[0] == 0
        assert last - (ticks[1] - ticks[0]) < ticks[-1] <= last
    unknown = stored.copy()
    for name in ("step_ms", "radians_per_step", "temporal_frequency_hz"):
        unknown.attrs.pop(name, None)
    assert "time (steps)" in [axes.get_xlabel() for axes in draw(unknown).axes]


def test_runs_of_other_steps_are_compared_in_seconds(stored: xr.Dataset) -> None:
    figure = rates_comparison([stored, stored.assign_attrs(step_ms=5.0)])
    whole, half = (np.asarray(line.get_xdata(), dtype=float) for line in figure.axes[0].lines[:2])
    np.testing.assert_allclose(half, whole / 2)
    assert figure.axes[0].get_xlabel() == "time (s)"
