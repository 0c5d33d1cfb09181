"""Rates and selectivity of the populations, before and after learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading, spread_note
from l5tui.figures.style import (
    COLOURS,
    FAINT,
    INK,
    Margins,
    mark_undefined,
    new_figure,
    print_style,
    set_margins,
)

if TYPE_CHECKING:
    import xarray as xr

PANELS = (
    ("rate", "Mean rate", "rate (a.u.)"),
    ("OS", "Orientation selectivity", "OS"),
    ("DS", "Direction selectivity", "DS"),
    ("OS_p", "Preferred against orthogonal", "OS_p"),
)
"""Measure, title and axis label of each panel."""

OFFSETS = {"before": -0.2, "after": 0.2}
WIDTH = 0.36
HEIGHT_MM = 130.0
MARGINS = Margins(left=17, right=3, bottom=15, top=21, between_columns=18, between_rows=18)


def selectivity_figure(dataset: xr.Dataset) -> Figure:
    """Mean rate, OS, DS and OS_p of each population, before and after learning.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variable ``selectivity`` (condition, measure, statistic, population) and the
        attributes ``name``, ``rule``, ``variant``, ``realizations`` and ``run_id``.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels of bars with the standard deviation of the realizations' means; where a value is not
        defined, "n/a" stands in place of its bar.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(2, 2).ravel()
        set_margins(figure, MARGINS)
        for axes, (measure, title, label) in zip(panels, PANELS, strict=True):
            _draw_panel(axes, dataset["selectivity"].sel(measure=measure))
            axes.set_title(title)
            axes.set_ylabel(label)
        keys = [
            Patch(facecolor="white", edgecolor=INK, hatch="////", label="before learning"),
            Patch(facecolor=FAINT, edgecolor=INK, label="after learning"),
        ]
        add_heading(figure, dataset, [spread_note(dataset, "mean over neurons")], keys)
    return figure


def _draw_panel(axes: Axes, table: xr.DataArray) -> None:
    values = np.asarray(
        table.sel(
            condition=list(OFFSETS), statistic=["mean", "std_of_means"], population=list(POPULATIONS)
        ).transpose("condition", "statistic", "population"),
        dtype=np.float64,
    )
    axes.axhline(0, color=INK, linewidth=0.7, zorder=3)
    for (condition, offset), (means, spreads) in zip(OFFSETS.items(), values, strict=True):
        places = np.arange(len(POPULATIONS)) + offset
        for place in places[~np.isfinite(means)]:
            mark_undefined(axes, place)
        shown = np.flatnonzero(np.isfinite(means))
        if shown.size:
            colours = [COLOURS[POPULATIONS[each]] for each in shown]
            before = condition == "before"
            axes.bar(
                places[shown],
                means[shown],
                WIDTH,
                yerr=np.where(spreads[shown] > 0, spreads[shown], np.nan),
                facecolor="white" if before else colours,
                edgecolor=colours,
                hatch="////" if before else None,
                error_kw={"ecolor": INK, "elinewidth": 0.9},
                label=condition,
            )
    axes.set_xticks(range(len(POPULATIONS)), POPULATIONS)
    axes.set_xlim(-0.6, len(POPULATIONS) - 0.4)
    axes.tick_params(axis="x", length=0)
    if not np.isfinite(values[:, 0]).any():
        axes.set_ylim(0, 1)
