"""Images of weights have presynaptic rows and postsynaptic columns, as the configuration has."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from l5tui.config.populations import POPULATIONS
from l5tui.figures.weight_maps import weight_maps_figure
from l5tui.model.arrays import FloatArray
from tests.figures.drawn import titled


def image(axes: Axes) -> FloatArray:
    (shown,) = axes.images
    assert shown.origin == "upper"
    return np.asarray(shown.get_array(), dtype=float)


def blocks_of(figure: Figure) -> Axes:
    return figure.axes[0]


@pytest.mark.parametrize("turned", [False, True])
def test_blocks_are_final_minus_target_and_oriented_as_the_configuration(
    stored: xr.Dataset, turned: bool
) -> None:
    drawn = (
        stored.transpose("pre", "post", ...).isel(post=[3, 1, 0, 2], pre=[1, 0, 3, 2]) if turned else stored
    )
    axes = blocks_of(weight_maps_figure(drawn))
    means = stored["block_weights"].sel(statistic="mean")
    expected = means.sel(quantity="final") - means.sel(quantity="target")
    np.testing.assert_allclose(image(axes), expected.transpose("pre", "post"))
    assert axes.get_ylabel() == "from (presynaptic)"
    assert axes.get_xlabel() == "to (postsynaptic)"
    assert [label.get_text() for label in axes.get_yticklabels()] == list(POPULATIONS)
    assert [label.get_text() for label in axes.get_xticklabels()] == list(POPULATIONS)
    power = float(axes.get_title(loc="left").partition("10")[2].strip(")").translate(PLAIN))
    for text in axes.texts:
        post, pre = (int(place) for place in text.get_position())
        written = float(text.get_text().replace("−", "-")) * 10**power
        assert written == pytest.approx(float(expected.transpose("pre", "post").values[pre, post]), rel=0.06)


PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def test_matrices_are_those_of_the_first_realization(stored: xr.Dataset) -> None:
    figure = weight_maps_figure(stored.transpose(..., "pre_neuron", "post_neuron"))
    initial = stored["initial_weights"][0].values
    final = stored["final_weights"][0].astype(float).mean("direction").values
    np.testing.assert_array_equal(image(titled(figure, "W before learning")), initial.T)
    np.testing.assert_allclose(image(titled(figure, "W after learning")), final.T, rtol=1e-12)
    change = image(titled(figure, "Change of W"))
    np.testing.assert_allclose(change, (final - initial).T, rtol=0, atol=1e-12)
    assert np.abs(change).max() > 1e-4


def test_before_and_after_share_their_colours_and_zero_is_in_the_middle(stored: xr.Dataset) -> None:
    figure = weight_maps_figure(stored)
    limits = [titled(figure, f"W {when} learning").images[0].get_clim() for when in ("before", "after")]
    assert limits[0] == limits[1]
    for axes in figure.axes:
        for each in axes.images:
            low, high = each.get_clim()
            assert low == -high


def test_borders_lie_between_populations_and_names_within_them(stored: xr.Dataset) -> None:
    axes = titled(weight_maps_figure(stored), "Change of W")
    (borders,) = [each for each in axes.collections if isinstance(each, LineCollection)]
    down = [segment[0, 0] for segment in borders.get_segments() if segment[0, 0] == segment[1, 0]]
    assert down == [8.5, 30.5, 37.5]
    assert axes.get_xticks() == pytest.approx([4, 19.5, 34, 40.5])
    assert axes.get_xlim() == (-0.5, 43.5)
    assert axes.get_ylim() == (43.5, -0.5)
