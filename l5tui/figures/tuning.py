"""Tuning curves aligned to each neuron's preferred direction, and the histogram of preferred directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from l5tui.analysis.courses import mean_and_spread
from l5tui.analysis.layout import layout_of
from l5tui.analysis.tuning_curves import aligned_tuning, preference_fractions
from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading, spread_note
from l5tui.figures.keys import line_keys
from l5tui.figures.panels import BAND_ALPHA, say_instead, stand_on_zero
from l5tui.figures.recorded import condition_note, directions_of, recorded
from l5tui.figures.style import COLOURS, FAINT, INK, Margins, new_figure, print_style, set_margins
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

HEIGHT_MM = 128.0
MARGINS = Margins(left=15, right=4, bottom=28, top=25, between_columns=11, between_rows=16)
MARGINS_POLAR = MARGINS._replace(top=33, right=8)
LINES: Final[dict[str, dict[str, Any]]] = {
    "before": {"linestyle": "--", "linewidth": 1.0, "marker": "o", "markerfacecolor": "white"},
    "after": {"linestyle": "-", "linewidth": 1.4, "marker": "o"},
}
OFFSETS = {"before": -0.2, "after": 0.2}
WIDTH = 0.36
QUARTERS = (0, 90, 180, 270)
MOST_MARKERS = 16


def tuning_figure(dataset: xr.Dataset, *, polar: bool = False) -> Figure:
    """Draw the mean tuning curve of each population, and how many of its neurons prefer each direction.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variables ``rates_before`` and ``rates_after`` (realization, direction, neuron).
    polar : bool
        Draw the curves around a circle, with the preferred direction to the right.

    Returns
    -------
    matplotlib.figure.Figure
        Curves above, with bands of one standard deviation between realizations; histograms below.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        grid = figure.add_gridspec(2, len(POPULATIONS))
        upper = [
            figure.add_subplot(grid[0, column], projection="polar" if polar else None)
            for column in range(len(POPULATIONS))
        ]
        first = figure.add_subplot(grid[1, 0])
        lower = [first, *(figure.add_subplot(grid[1, column], sharey=first) for column in (1, 2, 3))]
        set_margins(figure, MARGINS_POLAR if polar else MARGINS)
        rates = {
            name: recorded(dataset, f"rates_{name}", "realization", "direction", "neuron") for name in LINES
        }
        known = {name: values for name, values in rates.items() if values is not None}
        if not known:
            for axes in (*upper, *lower):
                say_instead(axes, "No mean rates were recorded.")
        else:
            _draw_curves(upper, dataset, known, polar)
            _draw_preferences(lower, dataset, known)
        for axes, name in zip(upper, POPULATIONS, strict=True):
            axes.set_title(name, pad=12 if polar else None)
        notes = [
            "Curves: each neuron's rates by the angle from the direction that it prefers in the same condition.",
            f"Bars: hatched before, filled after learning; dotted: 1 in {len(directions_of(dataset))}. "
            "Active neurons only.",
            spread_note(dataset, "mean over neurons", "Bands and error bars"),
            *condition_note(dataset),
        ]
        add_heading(figure, dataset, notes, line_keys())
    return figure


def _draw_curves(panels: list[Axes], dataset: xr.Dataset, rates: dict[str, FloatArray], polar: bool) -> None:
    layout, directions = layout_of(dataset), directions_of(dataset)
    for condition, values in rates.items():
        angles, means = aligned_tuning(values, directions, layout)
        mean, spread = mean_and_spread(means)
        # Both ends of the axis are the opposite direction.
        if angles[0] == -180:
            angles = np.append(angles, 180.0)
            mean, spread = (np.concatenate([each, each[:1]]) for each in (mean, spread))
        x = np.deg2rad(angles) if polar else angles
        for column, (axes, name) in enumerate(zip(panels, POPULATIONS, strict=True)):
            if not np.isfinite(mean[:, column]).any():
                continue
            size = 3.0 if len(angles) <= MOST_MARKERS else 0.0
            colour = COLOURS[name]
            axes.plot(x, mean[:, column], color=colour, markersize=size, label=condition, **LINES[condition])
            low = np.maximum(mean - spread, np.minimum(mean, 0)) if polar else mean - spread
            if condition == "after" and np.isfinite(spread[:, column]).any():
                axes.fill_between(
                    x,
                    low[:, column],
                    (mean + spread)[:, column],
                    color=colour,
                    alpha=BAND_ALPHA,
                    linewidth=0,
                )
    for axes, size in zip(panels, layout.sizes, strict=True):
        if not axes.lines:
            say_instead(axes, "No active neurons." if size else "No neurons.")
        elif polar:
            axes.set_xticks(np.deg2rad(QUARTERS), [f"{angle}°" for angle in QUARTERS])
            axes.tick_params(axis="x", pad=-1)
            stand_on_zero(axes)
            axes.set_rlabel_position(45)  # type: ignore[attr-defined]
            axes.yaxis.set_major_locator(MaxNLocator(3))
            axes.spines["polar"].set_linewidth(0.5)
            axes.grid(color=FAINT, linewidth=0.3)
        else:
            axes.set_xticks([-180, -90, 0, 90, 180], ["−180", "", "0", "", "180"])
            axes.set_xlabel("angle (°)")
            stand_on_zero(axes)
    if not polar:
        panels[0].set_ylabel("rate (a.u.)")


def _draw_preferences(panels: list[Axes], dataset: xr.Dataset, rates: dict[str, FloatArray]) -> None:
    layout, directions = layout_of(dataset), np.array(directions_of(dataset))
    gap = float(np.diff(np.sort(np.append(directions, directions.min() + 360))).min())
    for condition, values in rates.items():
        mean, spread = mean_and_spread(preference_fractions(values, layout))
        for column, (axes, name) in enumerate(zip(panels, POPULATIONS, strict=True)):
            if not np.isfinite(mean[:, column]).any():
                continue
            before = condition == "before"
            axes.bar(
                directions + OFFSETS[condition] * gap,
                mean[:, column],
                WIDTH * gap,
                yerr=spread[:, column] if len(directions) <= MOST_MARKERS else None,
                facecolor="white" if before else COLOURS[name],
                edgecolor=COLOURS[name],
                hatch="////" if before else None,
                error_kw={"ecolor": INK, "elinewidth": 0.7, "capsize": 1.0},
                label=condition,
            )
    for axes, size in zip(panels, layout.sizes, strict=True):
        if not axes.patches:
            say_instead(axes, "No active neurons." if size else "No neurons.")
            continue
        axes.axhline(1 / len(directions), color=FAINT, linewidth=0.6, linestyle=":", zorder=0)
        axes.set_xticks(QUARTERS)
        axes.set_xlim(-0.6 * gap, max(QUARTERS[-1], directions.max()) + 0.6 * gap)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("preferred direction (°)")
    panels[0].set_ylabel("fraction of neurons")
