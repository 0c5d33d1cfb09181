"""Rates and selectivity of the populations, before and after learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading, spread_note
from l5tui.figures.keys import bar_keys
from l5tui.figures.panels import say_instead
from l5tui.figures.recorded import condition_note, recorded
from l5tui.figures.style import (
    COLOURS,
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
DOTS: Final[dict[str, Any]] = {
    "marker": "o",
    "markersize": 2.4,
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "markeredgewidth": 0.5,
    "linestyle": "none",
}
"""One realization: on its bar, further to the right the later it is."""
DOTS_WIDTH = 0.22
HEIGHT_MM = 134.0
MARGINS = Margins(left=17, right=3, bottom=19, top=21, between_columns=18, between_rows=18)


def selectivity_figure(dataset: xr.Dataset) -> Figure:
    """Draw mean rate, OS, DS and OS_p of each population, before and after learning.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variables ``selectivity`` (condition, measure, statistic, population) and
        ``selectivity_by_realization`` (condition, measure, realization, population), and the attributes
        ``name``, ``rule``, ``variant``, ``realizations`` and ``run_id``.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels of bars with the standard deviation of the realizations' means, and each of these as a dot;
        where a value is not defined, "n/a" stands in place of its bar.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(2, 2).ravel()
        set_margins(figure, MARGINS)
        for axes, (measure, title, label) in zip(panels, PANELS, strict=True):
            axes.set_title(title)
            axes.set_ylabel(label)
            if "selectivity" in dataset:
                _draw_panel(axes, dataset["selectivity"].sel(measure=measure))
                _draw_realizations(axes, dataset, measure)
            else:
                say_instead(axes, "Selectivity was not recorded.")
        notes = [spread_note(dataset, "mean over neurons"), *condition_note(dataset)]
        keys: list[Artist] = [*bar_keys(), Line2D([], [], label="one realization", **DOTS)]
        add_heading(figure, dataset, notes, keys)
    return figure


def _draw_realizations(axes: Axes, dataset: xr.Dataset, measure: str) -> None:
    count = int(dataset.attrs["realizations"])
    dims = ("condition", "realization", "population")
    values = recorded(dataset, "selectivity_by_realization", *dims, measure=measure)
    if count == 1 or values is None:
        return
    within = np.linspace(-DOTS_WIDTH / 2, DOTS_WIDTH / 2, count)
    places = np.arange(len(POPULATIONS)) + within[:, None]
    conditions = list(dataset["condition"].values)
    for condition, offset in OFFSETS.items():
        dots = values[conditions.index(condition)]
        axes.plot(
            (places + offset).ravel(), dots.ravel(), label=f"realizations {condition}", zorder=4, **DOTS
        )


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
