"""The quick figure of one trial."""

from __future__ import annotations

import io
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.image import imread

from l5tui.config.populations import POPULATIONS
from l5tui.figures.trial import MEASURES, TrialFigure
from l5tui.figures.weights import BLOCKS
from l5tui.model.arrays import FloatArray


def metrics_like(seed: int, scale: float = 1.0) -> dict[str, float]:
    """Measures of a trial, each with another value."""
    random = np.random.default_rng(seed)
    found = {
        f"{when}/{measure}.{each}": random.random()
        for when in ("before", "after")
        for measure in MEASURES
        for each in POPULATIONS
    }
    for quantity in ("final", "target"):
        for block in BLOCKS:
            found[f"weight_{quantity}/{block.post}_from_{block.pre}"] = scale * random.normal()
    return found


def pixels(png: bytes) -> FloatArray:
    return np.asarray(imread(io.BytesIO(png)), dtype=float)


def test_every_value_stands_over_its_population_or_block() -> None:
    figure, metrics = TrialFigure(), metrics_like(1)
    figure.png(metrics_like(2, 100), "before")
    figure.png(metrics, "trial 3")

    for measure, axes in figure.selectivity_axes.items():
        for line in axes.lines:
            for index, population in enumerate(POPULATIONS):
                assert round(float(np.asarray(line.get_xdata())[index])) == index
                shown = np.asarray(line.get_ydata())[index]
                assert shown == metrics[f"{line.get_label()}/{measure}.{population}"]
    (targets,) = [each for each in figure.weights_axes.collections if isinstance(each, LineCollection)]
    places = {float(s[:, 0].mean().round(3)): float(s[0, 1]) for s in map(np.asarray, targets.get_segments())}
    for block in BLOCKS:
        name = f"{block.post}_from_{block.pre}"
        (line,) = [each for each in figure.weights_axes.lines if each.get_label() == f"→ {block.post}"]
        shown = dict(zip(np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), strict=True))
        assert shown[block.place] == metrics[f"weight_final/{name}"]
        assert places[round(block.place, 3)] == metrics[f"weight_target/{name}"]
    low, high = figure.weights_axes.get_ylim()
    assert low < min(shown.values()) <= max(shown.values()) < high < 100


def test_nothing_of_an_earlier_trial_stays() -> None:
    used, fresh = TrialFigure(), TrialFigure()
    used.png({}, "a trial with nothing to show")
    used.png(metrics_like(2, 100), "another trial " + "x" * 300)

    for metrics in (
        metrics_like(3),
        {"after/OS.CS": 0.5, "after/OS.CC": math.nan, "after/DS.CS": math.inf},
        {},
    ):
        assert (pixels(used.png(metrics, "same")) == pixels(fresh.png(metrics, "same"))).all()


def test_what_is_not_defined_is_said_to_be_absent() -> None:
    figure = TrialFigure()

    figure.png({"after/OS.CS": 0.5}, "trial 1")
    absent = [[text.get_visible() for text in axes.texts] for axes in figure.figure.axes]
    assert absent == [[False], [True], [True]]
    figure.png(metrics_like(1), "trial 2")
    assert not any(text.get_visible() for axes in figure.figure.axes for text in axes.texts)


@pytest.mark.parametrize("title", ["trial " * 60, "$\\frac{", "a\nb\x00", "名前"])
def test_a_title_stays_on_its_line_and_on_the_page(title: str) -> None:
    figure = TrialFigure()
    figure.png(metrics_like(1), title)

    box = figure.figure._suptitle.get_window_extent()  # type: ignore[attr-defined]
    assert box.x1 <= figure.figure.bbox.x1
    assert box.height < 20


def test_threads_may_share_one() -> None:
    figure = TrialFigure()
    alone = [figure.png(metrics_like(seed), str(seed)) for seed in range(6)]

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda seed: figure.png(metrics_like(seed), str(seed)), range(6))) == alone
