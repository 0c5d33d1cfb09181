"""Mean weights of the blocks over time, one panel a presynaptic population."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.analysis.courses import mean_and_spread
from l5tui.analysis.statistics import defined_mean
from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading, spread_note
from l5tui.figures.keys import onset_keys, population_keys
from l5tui.figures.panels import draw_course, frame_course, say_instead
from l5tui.figures.recorded import recorded, steps_of
from l5tui.figures.style import COLOURS, FAINT, INK, Margins, new_figure, print_style, set_margins
from l5tui.figures.time_axis import label_time, step_note
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

HEIGHT_MM = 145.0
MARGINS = Margins(left=20, right=4, bottom=25, top=25, between_columns=20, between_rows=10)
TARGET = (0, (4, 2))


def weight_course_figure(dataset: xr.Dataset) -> Figure:
    """Draw the mean weight of each block over time, and its target.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variables ``weight_mean`` (realization, direction, time, post, pre) and
        ``block_weights`` (quantity, statistic, post, pre).

    Returns
    -------
    matplotlib.figure.Figure
        A panel a presynaptic population and a line a postsynaptic one, with bands of one standard deviation
        between realizations; targets are dashed, learning's onset is marked.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(2, 2, sharex=True).ravel()
        set_margins(figure, MARGINS)
        weights = recorded(dataset, "weight_mean", "realization", "direction", "time", "post", "pre")
        targets = recorded(dataset, "block_weights", "post", "pre", quantity="target", statistic="mean")
        courses = None if weights is None else mean_and_spread(defined_mean(weights, 1))
        for row, (axes, pre) in enumerate(zip(panels, POPULATIONS, strict=True)):
            axes.set_title(f"From {pre}")
            if row >= 2:
                label_time(axes, dataset)
            axes.set_ylabel("mean weight")
            if courses is None:
                say_instead(axes, "Weights over time were not recorded.")
            elif not np.isfinite(courses[0][:, :, row]).any():
                say_instead(axes, f"There are no {pre} neurons.")
            else:
                mean, spread = (each[:, :, row] for each in courses)
                _draw_panel(axes, dataset, mean, spread, None if targets is None else targets[:, row])
        notes = [
            spread_note(dataset, "mean over all pairs of the block and over directions", "Bands"),
            " ".join(
                [
                    "A panel a presynaptic population (from); colour: postsynaptic population (to).",
                    step_note(dataset),
                ]
            ).strip(),
        ]
        target = Line2D([], [], color=INK, linewidth=0.9, linestyle=TARGET, label="target")
        add_heading(figure, dataset, notes, [*population_keys(), target, *onset_keys(dataset)])
    return figure


def _draw_panel(
    axes: Axes, dataset: xr.Dataset, mean: FloatArray, spread: FloatArray, targets: FloatArray | None
) -> None:
    steps = steps_of(dataset)
    for column, post in enumerate(POPULATIONS):
        draw_course(axes, steps, mean[:, column], spread[:, column], COLOURS[post], post)
        if targets is not None and np.isfinite(targets[column]):
            axes.axhline(
                targets[column], color=COLOURS[post], linewidth=0.9, linestyle=TARGET, label=f"target {post}"
            )
    axes.axhline(0, color=FAINT, linewidth=0.4, zorder=0)
    frame_course(axes, dataset)
