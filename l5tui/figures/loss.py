"""What each term adds to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l5tui.analysis.loss import LOSS_TERMS, loss_contributions
from l5tui.figures.heading import add_heading
from l5tui.figures.panels import say_instead
from l5tui.figures.style import FAINT, INK, Margins, new_figure, print_style, set_margins

if TYPE_CHECKING:
    import xarray as xr

HEIGHT_MM = 88.0
MARGINS = Margins(left=62, right=18, bottom=26, top=19)
FORMULAS: Final = {
    "rmse": "10 · rmse of weights",
    "delta_OS": "10 · |ΔOS|",
    "delta_DS": "−ΔDS",
    "spread_between": "0.1 · spread between realizations",
    "spread_within": "0.1 · spread within realizations",
}
TERM_COLOUR: Final = "#8C8C8C"


def loss_figure(dataset: xr.Dataset) -> Figure:
    """What each term adds to the loss, and the loss.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variable ``loss_terms`` (loss_term) and the attributes ``loss`` and ``loss_form``.

    Returns
    -------
    matplotlib.figure.Figure
        A horizontal bar a term, weighted; where one is not defined, "n/a" stands in place of its bar.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        axes = figure.subplots()
        set_margins(figure, MARGINS)
        axes.set_title("Loss and its terms")
        if "loss_terms" in dataset:
            _draw_terms(axes, dataset)
        else:
            say_instead(axes, "The terms of the loss were not recorded.")
        sign = "the sum of the bars above it"
        form = f"the absolute value of {sign}" if dataset.attrs.get("loss_form") == "absolute" else sign
        notes = [
            f"Each bar: what the term adds, weighted; the term itself stands in brackets. Loss: {form}.",
            "ΔOS, ΔDS: after − before, summed over populations. n/a: not defined, as a population is off or there is "
            "no before.",
        ]
        add_heading(figure, dataset, notes, [])
    return figure


def _draw_terms(axes: Axes, dataset: xr.Dataset) -> None:
    terms = {name: float(dataset["loss_terms"].sel(loss_term=name)) for name in LOSS_TERMS}
    added = loss_contributions(terms)
    loss = float(dataset.attrs.get("loss", np.nan))
    values = np.array([*(added[name] for name in LOSS_TERMS), loss])
    labels = [f"{FORMULAS[name]}  ({_number(terms[name])})" for name in LOSS_TERMS]
    labels.append(f"loss, {dataset.attrs.get('loss_form', 'signed')}")
    places = np.arange(len(values))
    shown = np.isfinite(values)
    if shown.any():
        bars = axes.barh(
            places[shown],
            values[shown],
            0.66,
            color=[INK if place == len(LOSS_TERMS) else TERM_COLOUR for place in places[shown]],
            label="terms",
        )
        axes.bar_label(bars, [_number(value) for value in values[shown]], padding=3, fontsize=7.5)
        axes.margins(x=0.12)
    else:
        axes.set_xlim(-1, 1)
    axes.axvline(0, color=INK, linewidth=0.7)
    for place in places[~shown]:
        axes.text(0, place, " n/a", va="center", color=FAINT, fontsize=7)
    axes.axhline(len(LOSS_TERMS) - 0.5, color=FAINT, linewidth=0.5, linestyle=(0, (2, 3)))
    axes.set_yticks(places, labels)
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("added to the loss")


def _number(value: float) -> str:
    return f"{value:#.3g}".rstrip(".").replace("-", "−") if np.isfinite(value) else "n/a"
