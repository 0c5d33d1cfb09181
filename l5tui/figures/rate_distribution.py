"""Distributions of the rates of single neurons, one panel a direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from l5tui.analysis.layout import layout_of
from l5tui.analysis.rate_density import log_rate_density, log_rate_range, silent_fraction
from l5tui.analysis.selectivity import ACTIVE_RATE
from l5tui.analysis.statistics import defined_mean
from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading
from l5tui.figures.keys import line_keys, population_keys
from l5tui.figures.panels import direction_panels, say_instead, skipped_note
from l5tui.figures.recorded import condition_note, recorded
from l5tui.figures.style import COLOURS, Margins, print_style
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

if TYPE_CHECKING:
    import xarray as xr

MARGINS = Margins(left=15, right=4, bottom=25, top=25, between_columns=7, between_rows=9)
POINTS = 240
LINES = {"before": {"linestyle": "--", "linewidth": 0.9}, "after": {"linestyle": "-", "linewidth": 1.3}}


def rate_distribution_figure(dataset: xr.Dataset) -> Figure:
    """Draw the density of the rates of active neurons by population and direction, and the silent part.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variables ``rates_before`` and ``rates_after`` (realization, direction, neuron).

    Returns
    -------
    matplotlib.figure.Figure
        Kernel densities over the decimal logarithm of the rate, and the silent fractions in words.
    """
    with print_style():
        figure, panels = direction_panels(dataset, MARGINS, "rate (a.u.)", "density (per decade)")
        rates = {
            name: recorded(dataset, f"rates_{name}", "realization", "direction", "neuron") for name in LINES
        }
        known = {name: values for name, values in rates.items() if values is not None}
        limits = (
            log_rate_range(np.concatenate([values.ravel() for values in known.values()])) if known else None
        )
        for index, axes in panels:
            if not known:
                say_instead(axes, "No mean rates were recorded.")
            elif limits is None:
                say_instead(axes, "Every neuron is silent.")
            else:
                at = np.linspace(*limits, POINTS)
                here = {name: values[:, index] for name, values in known.items()}
                _draw_panel(axes, here, layout_of(dataset), at)
        notes = [
            "Mean rates of single neurons over whole periods, all realizations together; Gaussian kernel density of "
            "log10 rate.",
            " ".join(
                [f"Silent: rate below {ACTIVE_RATE:g}, before → after learning.", *skipped_note(dataset)]
            ),
            *condition_note(dataset),
        ]
        add_heading(figure, dataset, notes, [*population_keys(), *line_keys()])
    return figure


def _draw_panel(axes: Axes, rates: dict[str, FloatArray], layout: Layout, at: FloatArray) -> None:
    for condition, values in rates.items():
        for column, name in enumerate(POPULATIONS):
            density = log_rate_density(values[:, layout.slice_of(column)], at)
            if np.isfinite(density).any():
                axes.plot(at, density, color=COLOURS[name], label=f"{name} {condition}", **LINES[condition])  # type: ignore[arg-type]
    axes.set_xlim(at[0], at[-1])
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda power, _: f"{10**power:g}"))
    silent = {name: defined_mean(silent_fraction(values, layout), 0) for name, values in rates.items()}
    axes.text(0.985, 0.97, "silent", ha="right", va="top", fontsize=7, transform=axes.transAxes)
    for column, name in enumerate(POPULATIONS):
        shares = " → ".join(f"{silent[each][column]:.0%}" for each in LINES if each in silent)
        axes.text(
            0.985,
            0.97 - 0.085 * (column + 1),
            f"{name} {shares.replace('nan%', 'n/a').replace('%', ' %')}",
            color=COLOURS[name],
            ha="right",
            va="top",
            fontsize=7,
            transform=axes.transAxes,
        )
