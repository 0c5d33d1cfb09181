"""Compared runs are all there, each with its own marker or line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_rgb
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.config.populations import POPULATIONS
from l5tui.figures.comparison import LINES, MARKERS, comparison_figures, rates_comparison
from l5tui.figures.comparison import selectivity_comparison as drawn
from l5tui.figures.output import png_bytes
from l5tui.figures.selectivity import PANELS
from l5tui.figures.style import COLOURS

MakeDataset = Callable[..., xr.Dataset]


def runs(make_dataset: MakeDataset, count: int) -> list[xr.Dataset]:
    """So many runs with numbers of their own, and rates over time."""
    made = []
    for number in range(count):
        dataset = make_dataset(name=f"run {number}", scale=1 + number)
        rates = (number + 1) * np.arange(5.0 * 4 * 5 * 4).reshape(5, 4, 5, 4)
        dataset["rate_mean"] = (("realization", "direction", "time", "population"), rates)
        dataset = dataset.assign_coords(last_step=("time", [24, 47, 71, 95, 119]))
        made.append(dataset.assign_attrs(onset_step=50, run_id=f"id-{number}"))
    return made


def points(axes: Axes) -> dict[str, tuple[float, float, Line2D]]:
    """Each mean with its place and line, by its label."""
    found = {}
    for each in axes.containers:
        assert isinstance(each, ErrorbarContainer)
        x, y = each.lines[0].get_data()
        found[str(each.get_label())] = (float(np.ravel(x)[0]), float(np.ravel(y)[0]), each.lines[0])
    return found


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("count", [2, 6])
def test_every_mean_of_every_run_is_drawn(make_dataset: MakeDataset, count: int) -> None:
    datasets = runs(make_dataset, count)
    for axes, (measure, _, label) in zip(drawn(datasets).axes, PANELS, strict=True):
        assert axes.get_ylabel() == label
        seen = points(axes)
        assert len(seen) == count * 2 * 4
        for number, dataset in enumerate(datasets):
            means = dataset["selectivity"].sel(measure=measure, statistic="mean")
            for place, population in enumerate(POPULATIONS):
                for condition in ("before", "after"):
                    x, y, line = seen[f"{number} {condition} {population}"]
                    assert y == float(means.sel(condition=condition, population=population))
                    assert abs(x - place) < 0.5
                    assert line.get_marker() == MARKERS[number]
                    assert same_color(line.get_markeredgecolor(), COLOURS[population])
        places = [x for x, _, _ in seen.values()]
        assert len({round(x, 6) for x in places}) == len(places)


def test_what_is_not_defined_is_marked(make_dataset: MakeDataset) -> None:
    datasets = [*runs(make_dataset, 1), *(each for each in runs(make_dataset, 1))]
    datasets[1]["selectivity"].loc[{"population": "PV", "measure": "DS"}] = np.nan
    figure = drawn(datasets)
    assert [len(points(axes)) for axes in figure.axes] == [16, 16, 14, 16]
    assert [text.get_text() for text in figure.axes[2].texts] == ["n/a", "n/a"]


def test_lines_are_the_means_over_realizations_and_directions(make_dataset: MakeDataset) -> None:
    datasets = runs(make_dataset, 6)
    figure = rates_comparison(datasets)
    for axes, population in zip(figure.axes, POPULATIONS, strict=True):
        assert axes.get_title(loc="left") == population
        *lines, onset = axes.get_lines()
        assert np.array_equal(onset.get_xdata(), [50, 50])
        shades = {to_rgb(line.get_color()) for line in lines}
        assert len(shades) == len(lines) == len(LINES)
        assert same_color(lines[0].get_color(), COLOURS[population])
        for line, dataset in zip(lines, datasets, strict=True):
            expected = dataset["rate_mean"].sel(population=population).mean(["realization", "direction"])
            assert np.array_equal(line.get_ydata(), expected)
            assert np.array_equal(line.get_xdata(), dataset["last_step"])


def test_every_run_is_named_with_its_key(make_dataset: MakeDataset) -> None:
    for figure in comparison_figures(runs(make_dataset, 3)).values():
        for number in range(3):
            assert f"run {number}  ·  rule sliding_bcm  ·  corrected  ·  id-{number}" in words(figure)
        assert sum(isinstance(each, Line2D) for each in figure.artists) == 3
        assert png_bytes(figure).startswith(b"\x89PNG")
