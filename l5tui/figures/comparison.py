"""Figures of several runs in common axes: selectivity of each population, and rates over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import LEFT_MM, LINE_MM, run_name
from l5tui.figures.selectivity import PANELS
from l5tui.figures.style import (
    COLOURS,
    FAINT,
    INK,
    MM_PER_INCH,
    Margins,
    fit_width,
    mark_undefined,
    new_figure,
    print_style,
    set_margins,
)
from l5tui.figures.time_axis import label_time, scales

if TYPE_CHECKING:
    import xarray as xr

MARKERS = ("o", "s", "^", "D", "v", "P")
LINES: Final[tuple[tuple[float, tuple[float, ...]], ...]] = (
    (0, ()),
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (4, 1.2, 1, 1.2)),
    (0, (9, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
"""Line styles of the runs, in order; colours distinguish populations."""

HEIGHT_MM = 150.0
KEY_MM = 4.6


def comparison_figures(datasets: Sequence[xr.Dataset]) -> dict[str, Figure]:
    """Draw every figure of a comparison of runs.

    Parameters
    ----------
    datasets : sequence of xarray.Dataset
        Two to six runs, as `selectivity_comparison` and `rates_comparison` need them.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``selectivity_compared`` and ``rates_compared``.
    """
    return {
        "selectivity_compared": selectivity_comparison(datasets),
        "rates_compared": rates_comparison(datasets),
    }


def selectivity_comparison(datasets: Sequence[xr.Dataset]) -> Figure:
    """Draw mean rate, OS, DS and OS_p of each population in each run, before and after learning.

    Parameters
    ----------
    datasets : sequence of xarray.Dataset
        Two to six runs, with the variable ``selectivity`` and the attributes ``name``, ``rule``, ``variant``
        and ``run_id``.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels; hollow markers before, filled ones after learning, with the standard deviation of the
        realizations' means.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(2, 2).ravel()
        set_margins(figure, _margins(datasets))
        for axes, (measure, title, label) in zip(panels, PANELS, strict=True):
            for number, dataset in enumerate(datasets):
                _draw_run(axes, dataset["selectivity"].sel(measure=measure), number, len(datasets))
            axes.set_title(title)
            axes.set_ylabel(label)
            axes.set_xticks(range(len(POPULATIONS)), POPULATIONS)
            axes.set_xlim(-0.5, len(POPULATIONS) - 0.5)
            axes.tick_params(axis="x", length=0)
        keys = [
            Line2D([], [], marker=MARKERS[number], color=INK, linestyle="none", markersize=4)
            for number in range(len(datasets))
        ]
        note = "Hollow: before learning; filled: after. Error bars: std of the realizations' means."
        _add_heading(figure, datasets, keys, "Selectivity compared", note)
    return figure


def rates_comparison(datasets: Sequence[xr.Dataset]) -> Figure:
    """Draw the mean rate of each population over time in each run, over realizations and directions.

    Parameters
    ----------
    datasets : sequence of xarray.Dataset
        Two to six runs, with the variables ``rate_mean`` and ``last_step`` and the attribute ``onset_step``.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a population, one line a run; the onset of learning is marked.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(2, 2).ravel()
        set_margins(figure, _margins(datasets))
        scale = scales(datasets)
        for axes, population in zip(panels, POPULATIONS, strict=True):
            for number, dataset in enumerate(datasets):
                rates = dataset["rate_mean"].sel(population=population).mean(["realization", "direction"])
                colour = _shade(COLOURS[population], number, len(datasets))
                steps = dataset["last_step"].values * scale[number]
                axes.plot(steps, rates, color=colour, linestyle=LINES[number], linewidth=1.1)
            onsets = {
                each * int(dataset.attrs["onset_step"]) for each, dataset in zip(scale, datasets, strict=True)
            }
            for onset in sorted(onsets):
                axes.axvline(onset, color=FAINT, linewidth=0.7, linestyle=":", label="onset")
            axes.set_title(population)
            axes.set_ylabel("rate (a.u.)")
            label_time(axes, *datasets)
            axes.set_xlim(left=0)
        keys = [
            Line2D([], [], color=_shade(INK, number, len(datasets)), linestyle=LINES[number], linewidth=1.1)
            for number in range(len(datasets))
        ]
        note = "Lines: mean over neurons, realizations and directions. Dotted upright: onset of learning."
        _add_heading(figure, datasets, keys, "Rates over time compared", note)
    return figure


def _margins(datasets: Sequence[xr.Dataset]) -> Margins:
    top = 12 + KEY_MM * len(datasets)
    return Margins(left=17, right=3, bottom=17, top=top, between_columns=18, between_rows=19)


def _draw_run(axes: Axes, table: xr.DataArray, number: int, runs: int) -> None:
    for place, population in enumerate(POPULATIONS):
        cells = table.sel(population=population)
        x = place + (number - (runs - 1) / 2) * 0.8 / runs
        for condition, shift in (("before", -0.15), ("after", 0.15)):
            mean, spread = (
                float(cells.sel(condition=condition, statistic=statistic))
                for statistic in ("mean", "std_of_means")
            )
            if not np.isfinite(mean):
                mark_undefined(axes, x)
                continue
            colour = COLOURS[population]
            axes.errorbar(
                x + shift * 0.8 / runs,
                mean,
                yerr=spread if spread > 0 else None,
                marker=MARKERS[number],
                markersize=3.6,
                markerfacecolor="white" if condition == "before" else colour,
                markeredgecolor=colour,
                ecolor=colour,
                elinewidth=0.7,
                capsize=1.2,
                label=f"{number} {condition} {population}",
            )


def _shade(colour: str, number: int, runs: int) -> tuple[float, float, float]:
    """Return a colour that becomes lighter from run to run."""
    towards_white = 0.6 * number / max(runs - 1, 1)
    red, green, blue = (part + (1 - part) * towards_white for part in to_rgb(colour))
    return red, green, blue


def _add_heading(
    figure: Figure, datasets: Sequence[xr.Dataset], keys: Sequence[Line2D], title: str, note: str
) -> None:
    """Write the title with a line for each run, its key before it, above; and what is drawn below."""
    width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
    left = LEFT_MM / width
    figure.suptitle(title, x=left, y=1 - 2.0 / height, ha="left", va="top", fontsize=9.5, weight="bold")
    for number, (dataset, key) in enumerate(zip(datasets, keys, strict=True)):
        y = 1 - (2.0 + LINE_MM + KEY_MM * number) / height
        key.set_data([left, left + 8 / width], [y - 1.6 / height] * 2)
        key.set_transform(figure.transFigure)
        if key.get_linestyle() == "None":
            key.set_data([left + 4 / width], [y - 1.6 / height])
        figure.add_artist(key)
        attributes = dataset.attrs
        text = figure.text(
            left + 10 / width,
            y,
            f"{run_name(dataset)}  ·  rule {attributes['rule']}  ·  {attributes['variant']}  ·  "
            f"{attributes['run_id']}",
            ha="left",
            va="top",
        )
        fit_width(text, width - 10 - 3 * LEFT_MM)
    figure.text(left, 1.5 / height, note, ha="left", va="bottom", fontsize=7, color=FAINT)
