"""Distributions, tuning curves and preferences are those of the neurons of the right population."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from l5tui.analysis.rate_density import log_rate_density
from l5tui.config.populations import POPULATIONS
from l5tui.figures.rate_distribution import rate_distribution_figure
from l5tui.figures.style import COLOURS
from l5tui.figures.tuning import tuning_figure
from tests.figures.drawn import course, titled


def test_densities_are_those_of_each_population_and_direction(stored: xr.Dataset) -> None:
    figure = rate_distribution_figure(stored)
    for angle in stored["direction"].values:
        axes = titled(figure, f"{angle:g}°")
        for name in POPULATIONS:
            members = stored["neuron_population"].values == name
            for condition in ("before", "after"):
                rates = stored[f"rates_{condition}"].sel(direction=angle).values[:, members]
                at, density = course(axes, f"{name} {condition}")
                np.testing.assert_allclose(density, log_rate_density(rates, at))


def test_silent_fractions_stand_beside_their_population(stored: xr.Dataset) -> None:
    drawn = stored.copy(deep=True)
    members = np.flatnonzero(stored["neuron_population"].values == "CC")
    drawn["rates_after"].loc[{"neuron": members[:11], "direction": 90}] = 0.0
    figure = rate_distribution_figure(drawn)
    written = {text.get_text(): text for text in titled(figure, "90°").texts}
    assert same_color(written["CC 0 % → 50 %"].get_color(), COLOURS["CC"])
    assert "CC 0 % → 0 %" in [text.get_text() for text in titled(figure, "0°").texts]


def tuned(stored: xr.Dataset) -> xr.Dataset:
    """Every CS neuron prefers 90°, all others 180°; rates encode the population and the angle."""
    drawn = stored.copy(deep=True)
    for number, name in enumerate(POPULATIONS, 1):
        members = np.flatnonzero(stored["neuron_population"].values == name)
        preferred = 90 if name == "CS" else 180
        for angle, rate in ((0, 8.0), (90, 2.0), (180, 1.0), (270, 3.0)):
            place = {"neuron": members, "direction": (preferred + angle) % 360}
            drawn["rates_after"].loc[place] = rate * number
    return drawn


@pytest.mark.parametrize("polar", [False, True])
def test_curves_are_aligned_to_the_preferred_direction(stored: xr.Dataset, polar: bool) -> None:
    figure = tuning_figure(tuned(stored), polar=polar)
    for number, name in enumerate(POPULATIONS, 1):
        angles, rates = course(titled(figure, name), "after")
        np.testing.assert_allclose(np.rad2deg(angles) if polar else angles, [-180, -90, 0, 90, 180])
        np.testing.assert_allclose(rates, np.array([1, 3, 8, 2, 1]) * number)


def preferences(figure: Figure, condition: str) -> list[dict[float, float]]:
    """Height of each bar by the direction that it stands nearest to, for each population."""
    panels = [axes for axes in figure.axes if axes.get_xlabel() == "preferred direction (°)"]
    found = []
    for axes in panels:
        (bars,) = [each for each in axes.containers if each.get_label() == condition]
        ticks = axes.get_xticks()
        found.append(
            {
                float(ticks[np.argmin(abs(ticks - bar.get_x() - bar.get_width() / 2))]): bar.get_height()
                for bar in bars
            }
        )
    return found


def test_bars_are_the_fractions_that_prefer_a_direction(stored: xr.Dataset) -> None:
    figure = tuning_figure(tuned(stored))
    for name, heights in zip(POPULATIONS, preferences(figure, "after"), strict=True):
        preferred = 90.0 if name == "CS" else 180.0
        assert heights == {angle: float(angle == preferred) for angle in (0.0, 90.0, 180.0, 270.0)}
    for heights in preferences(figure, "before"):
        assert sum(heights.values()) == pytest.approx(1)
