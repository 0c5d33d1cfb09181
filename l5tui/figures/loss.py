"""Figure of the contribution of each term to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l5tui.analysis.loss import LOSS_TERMS, loss_contributions
from l5tui.analysis.targets import stored_target_rows
from l5tui.figures.heading import add_heading
from l5tui.figures.panels import say_instead
from l5tui.figures.style import FAINT, INK, Margins, new_figure, print_style, set_margins

if TYPE_CHECKING:
    import xarray as xr

HEIGHT_MM = 88.0
BAR_MM = 6.0
"""Height that each further bar adds."""
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
    """Draw the contribution of each term to the loss.

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
        bars = _target_bars(dataset) if dataset.attrs.get("loss_form") == "targets" else _term_bars(dataset)
        figure = new_figure(HEIGHT_MM + max(len(bars) - len(LOSS_TERMS), 0) * BAR_MM)
        axes = figure.subplots()
        set_margins(figure, MARGINS)
        axes.set_title("Loss and its terms")
        if bars:
            _draw_terms(axes, bars, dataset)
        else:
            say_instead(axes, "The terms of the loss were not recorded.")
        add_heading(figure, dataset, _notes(dataset), [])
    return figure


def _notes(dataset: xr.Dataset) -> list[str]:
    form, total = dataset.attrs.get("loss_form"), "the sum of the bars above it"
    if form == "targets":
        return [
            "Each bar: what a target adds, its weight times the square of its distance in standard deviations, which "
            "stands in brackets.",
            f"Loss: {total}. n/a: not defined, as a population is off or a run diverged.",
        ]
    return [
        "Each bar: what the term adds, weighted; the term itself stands in brackets. Loss: "
        + (f"the absolute value of {total}." if form == "absolute" else f"{total}."),
        "ΔOS, ΔDS: after − before, summed over populations. n/a: not defined, as a population is off or there is "
        "no before.",
    ]


def _term_bars(dataset: xr.Dataset) -> list[tuple[str, float]]:
    """Label and length of each term's bar; none where the terms were not recorded."""
    if "loss_terms" not in dataset:
        return []
    terms = {name: float(dataset["loss_terms"].sel(loss_term=name)) for name in LOSS_TERMS}
    added = loss_contributions(terms)
    return [(f"{FORMULAS[name]}  ({_number(terms[name])})", added[name]) for name in LOSS_TERMS]


def _target_bars(dataset: xr.Dataset) -> list[tuple[str, float]]:
    """Label and length of each target's bar; none where they were not recorded."""
    rows = stored_target_rows(dataset)
    wanted = [f"{row.measure} {row.relation} {_number(row.wanted)}" for row in rows]
    return [
        (f"{text}  ({_number(row.distance)})", row.contribution)
        for text, row in zip(wanted, rows, strict=True)
    ]


def _draw_terms(axes: Axes, bars: list[tuple[str, float]], dataset: xr.Dataset) -> None:
    loss = float(dataset.attrs.get("loss", np.nan))
    values = np.array([*(value for _, value in bars), loss])
    labels = [label for label, _ in bars]
    labels.append(f"loss, {dataset.attrs.get('loss_form', 'signed')}")
    places = np.arange(len(values))
    shown = np.isfinite(values)
    if shown.any():
        drawn = axes.barh(
            places[shown],
            values[shown],
            0.66,
            color=[INK if place == len(bars) else TERM_COLOUR for place in places[shown]],
            label="terms",
        )
        # A label beside the end of a short negative bar would run into the names on the left.
        for bar, value in zip(drawn, values[shown], strict=True):
            place = (max(value, 0.0), bar.get_y() + bar.get_height() / 2)
            axes.annotate(
                _number(value), place, (3, 0), textcoords="offset points", va="center", fontsize=7.5
            )
        axes.margins(x=0.12)
    else:
        axes.set_xlim(-1, 1)
    axes.axvline(0, color=INK, linewidth=0.7)
    for place in places[~shown]:
        axes.text(0, place, " n/a", va="center", color=FAINT, fontsize=7)
    axes.axhline(len(bars) - 0.5, color=FAINT, linewidth=0.5, linestyle=(0, (2, 3)))
    axes.set_yticks(places, labels)
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("added to the loss")


def _number(value: float) -> str:
    return f"{value:#.3g}".rstrip(".").replace("-", "−") if np.isfinite(value) else "n/a"
