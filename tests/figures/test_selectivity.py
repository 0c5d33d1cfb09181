"""The bars of the selectivity figure are the numbers of the dataset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import same_color
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from l5tui.config.populations import POPULATIONS
from l5tui.figures.output import png_bytes
from l5tui.figures.selectivity import PANELS, selectivity_figure
from l5tui.figures.style import COLOURS

MakeDataset = Callable[..., xr.Dataset]


def bars(axes: Axes, condition: str) -> list[Rectangle]:
    found = [each for each in axes.containers if isinstance(each, BarContainer)]
    return [bar for each in found if each.get_label() == condition for bar in each.patches]


def population_of(bar: Rectangle) -> str:
    return POPULATIONS[round(bar.get_x() + bar.get_width() / 2)]


def error_bars(axes: Axes) -> list[float]:
    lines = [each for each in axes.collections if isinstance(each, LineCollection)]
    segments = [segment for each in lines for segment in each.get_segments() if len(segment)]
    return [float(segment[1][1] - segment[0][1]) / 2 for segment in segments]


def undefined_marks(axes: Axes) -> int:
    return sum(text.get_text() == "n/a" for text in axes.texts)


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("order", [("population", "statistic", "measure", "condition"), None])
def test_bars_are_the_means(make_dataset: MakeDataset, order: tuple[str, ...] | None) -> None:
    dataset = make_dataset()
    if order:
        dataset = dataset.transpose(*order, ...).isel(population=[2, 0, 3, 1], condition=[1, 0])
    figure = selectivity_figure(dataset)
    assert [axes.get_ylabel() for axes in figure.axes] == ["rate (a.u.)", "OS", "DS", "OS_p"]
    for axes, (measure, title, _) in zip(figure.axes, PANELS, strict=True):
        assert axes.get_title(loc="left") == title
        assert [label.get_text() for label in axes.get_xticklabels()] == list(POPULATIONS)
        for condition in ("before", "after"):
            drawn = {population_of(bar): bar.get_height() for bar in bars(axes, condition)}
            chosen = dataset["selectivity"].sel(measure=measure, condition=condition, statistic="mean")
            assert drawn == {each: float(chosen.sel(population=each)) for each in POPULATIONS}


def test_before_stands_left_of_after_in_its_population_s_colour(make_dataset: MakeDataset) -> None:
    axes = selectivity_figure(make_dataset()).axes[0]
    for before, after in zip(bars(axes, "before"), bars(axes, "after"), strict=True):
        assert before.get_x() + before.get_width() <= after.get_x()
        colour = next(COLOURS[each] for each in POPULATIONS if each == population_of(after))
        assert same_color(after.get_facecolor(), colour)
        assert same_color(before.get_edgecolor(), colour)
        assert same_color(before.get_facecolor(), "white")


def test_error_bars_are_the_std_of_the_means(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    figure = selectivity_figure(dataset)
    for axes, (measure, _, _) in zip(figure.axes, PANELS, strict=True):
        spreads = dataset["selectivity"].sel(measure=measure, statistic="std_of_means")
        assert sorted(error_bars(axes)) == pytest.approx(sorted(np.ravel(spreads)))
    assert "std of the realizations' means" in words(figure)


def test_figure_says_what_it_shows(make_dataset: MakeDataset) -> None:
    figure = selectivity_figure(make_dataset(name="my $experiment_1$"))
    assert figure.get_suptitle() == "my $experiment_1$"
    assert "rule sliding_bcm" in words(figure)
    assert "corrected" in words(figure)
    assert "5 realizations" in words(figure)
    assert "Run 20260102T030405-abcd" in words(figure)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "before learning",
        "after learning",
        "one realization",
    ]


def test_population_that_is_off_is_absent(make_dataset: MakeDataset) -> None:
    figure = selectivity_figure(make_dataset(["PV"]))
    for axes in figure.axes:
        assert [population_of(bar) for bar in bars(axes, "after")] == ["CS", "CC", "SST"]
        assert len(axes.patches) == 6
        assert undefined_marks(axes) == 2
        assert len(error_bars(axes)) == 6
    png_bytes(figure)


def test_one_undefined_value_is_absent(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    dataset["selectivity"].loc[{"measure": "DS", "condition": "after", "population": "CC"}] = np.nan
    figure = selectivity_figure(dataset)
    assert [undefined_marks(axes) for axes in figure.axes] == [0, 0, 1, 0]
    assert [population_of(bar) for bar in bars(figure.axes[2], "after")] == ["CS", "PV", "SST"]


def test_nothing_defined(make_dataset: MakeDataset) -> None:
    figure = selectivity_figure(make_dataset(POPULATIONS))
    for axes in figure.axes:
        assert (len(axes.patches), undefined_marks(axes)) == (0, 8)
        assert axes.get_ylim() == (0, 1)
    png_bytes(figure)


def test_one_realization_has_no_error_bars(make_dataset: MakeDataset) -> None:
    figure = selectivity_figure(make_dataset(realizations=1))
    assert all(not np.isfinite(error_bars(axes)).any() for axes in figure.axes)
    assert "1 realization\n" in words(figure)
    assert "no error bars" in words(figure)


@pytest.mark.parametrize("order", [("population", "realization", "measure", "condition"), None])
def test_every_realization_is_a_dot_on_its_bar(
    make_dataset: MakeDataset, order: tuple[str, ...] | None
) -> None:
    dataset = make_dataset(realizations=3)
    if order:
        dataset = dataset.transpose(*order, ...).isel(population=[2, 0, 3, 1], condition=[1, 0])
    for axes, (measure, _, _) in zip(selectivity_figure(dataset).axes, PANELS, strict=True):
        for condition in ("before", "after"):
            (dots,) = [line for line in axes.lines if line.get_label() == f"realizations {condition}"]
            places, values = np.asarray(dots.get_xdata(), dtype=float), np.asarray(dots.get_ydata())
            chosen = dataset["selectivity_by_realization"].sel(measure=measure, condition=condition)
            for bar in bars(axes, condition):
                on_bar = (places > bar.get_x()) & (places < bar.get_x() + bar.get_width())
                expected = chosen.sel(population=population_of(bar)).values
                np.testing.assert_array_equal(values[on_bar], expected)
