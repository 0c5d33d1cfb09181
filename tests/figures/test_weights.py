"""Each block's weights stand above its own label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import same_color
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.patches import Rectangle

from l5tui.config.populations import POPULATIONS
from l5tui.figures.output import png_bytes
from l5tui.figures.style import COLOURS
from l5tui.figures.weights import weights_figure

MakeDataset = Callable[..., xr.Dataset]
LABELS = [f"{pre} → {post}" for pre in POPULATIONS for post in POPULATIONS]


def label_at(lower: Axes, place: float) -> str:
    """The label that a reader would take to belong to a place on the x axis."""
    ticks = lower.get_xticks()
    nearest = int(np.argmin(abs(ticks - place)))
    assert abs(ticks[nearest] - place) < 0.5
    return lower.get_xticklabels()[nearest].get_text()


def points(upper: Axes, lower: Axes, quantity: str) -> dict[str, tuple[float, float]]:
    """Mean and error of every point of a quantity, by label."""
    found: dict[str, tuple[float, float]] = {}
    for each in upper.containers:
        if isinstance(each, ErrorbarContainer) and str(each.get_label()).startswith(quantity):
            line, _, (errors,) = each.lines
            assert line is not None
            spans = [(float(s[1][1] - s[0][1]) / 2) if len(s) else np.nan for s in errors.get_segments()]
            places, means = (np.asarray(each, dtype=np.float64) for each in line.get_data())
            for place, mean, span in zip(places, means, spans, strict=True):
                if np.isfinite(mean):
                    found[label_at(lower, place)] = (float(mean), span)
    return found


def changes(lower: Axes) -> list[Rectangle]:
    return [bar for each in lower.containers if isinstance(each, BarContainer) for bar in each.patches]


def expected(dataset: xr.Dataset, quantity: str, statistic: str = "mean") -> dict[str, float]:
    table = dataset["block_weights"].sel(quantity=quantity, statistic=statistic)
    return {
        f"{pre} → {post}": float(table.sel(post=post, pre=pre)) for pre in POPULATIONS for post in POPULATIONS
    }


@pytest.mark.parametrize("turned", [False, True])
def test_values_stand_over_their_own_label(make_dataset: MakeDataset, turned: bool) -> None:
    dataset = make_dataset()
    if turned:
        dataset = dataset.transpose("pre", "post", ...).isel(post=[3, 1, 0, 2], quantity=[2, 3, 1, 0])
    upper, lower = weights_figure(dataset).axes
    assert [label.get_text() for label in lower.get_xticklabels()] == LABELS
    for quantity in ("initial", "final"):
        drawn = points(upper, lower, quantity)
        assert {label: mean for label, (mean, _) in drawn.items()} == expected(dataset, quantity)
        spreads = {label: spread for label, (_, spread) in drawn.items()}
        assert spreads == pytest.approx(expected(dataset, quantity, "std_of_means"))


def test_targets_are_dotted_and_not_transposed(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    upper, lower = weights_figure(dataset).axes
    (targets,) = [each for each in upper.collections if each.get_label() == "target"]
    assert isinstance(targets, LineCollection)
    drawn = {label_at(lower, float(s[:, 0].mean())): float(s[0, 1]) for s in targets.get_segments()}
    assert drawn == expected(dataset, "target")
    assert targets.get_linestyle() != LineCollection([]).get_linestyle()


def test_changes_are_bars_in_the_postsynaptic_colour(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    _, lower = weights_figure(dataset).axes
    drawn = {label_at(lower, bar.get_x() + bar.get_width() / 2): bar for bar in changes(lower)}
    assert {label: bar.get_height() for label, bar in drawn.items()} == expected(dataset, "change")
    for post in POPULATIONS:
        assert same_color(drawn[f"PV → {post}"].get_facecolor(), COLOURS[post])


def test_population_that_is_off_is_absent(make_dataset: MakeDataset) -> None:
    figure = weights_figure(make_dataset(["SST"]))
    upper, lower = figure.axes
    present = [label for label in LABELS if "SST" not in label]
    assert sorted(points(upper, lower, "final")) == sorted(present)
    assert len(changes(lower)) == 9
    for axes in (upper, lower):
        marked = [label_at(lower, text.get_position()[0]) for text in axes.texts if text.get_text() == "n/a"]
        assert marked == [label for label in LABELS if "SST" in label]
    png_bytes(figure)


def test_nothing_defined_and_nothing_changed(make_dataset: MakeDataset) -> None:
    nothing = weights_figure(make_dataset(POPULATIONS))
    assert [axes.get_ylim() for axes in nothing.axes] == [(-1, 1), (-1, 1)]
    png_bytes(nothing)
    dataset = make_dataset()
    dataset["block_weights"].loc[{"quantity": "change"}] = 0.0
    _, lower = weights_figure(dataset).axes
    assert lower.get_ylim() == (-1, 1)
    assert [bar.get_height() for bar in changes(lower)] == [0] * 16


def test_figure_says_what_it_shows(make_dataset: MakeDataset) -> None:
    figure = weights_figure(make_dataset(realizations=3))
    words = "\n".join(text.get_text() for text in figure.texts)
    assert figure.get_suptitle() == "default"
    assert "3 realizations" in words
    assert "std of the realizations' means" in words
    assert "from presynaptic → to postsynaptic" in words
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["initial", "final", "target"]
