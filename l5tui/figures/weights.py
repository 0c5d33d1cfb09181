"""Mean weights of the 16 blocks, their targets, and their changes with learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from l5tui.config.populations import POPULATIONS, Population
from l5tui.figures.heading import add_heading, spread_note
from l5tui.figures.panels import say_instead
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

HEIGHT_MM = 140.0
MARGINS = Margins(left=20, right=3, bottom=31, top=21, between_rows=13)
GAP = 0.6
"""Extra room between the groups of two presynaptic populations, in units of a block's own."""

TARGET_HALF_WIDTH = 0.4
SHIFTS = {"initial": -0.17, "final": 0.17}
"""Offset of a value from the middle of its block."""


class Block(NamedTuple):
    """A block of the weight matrix and its place on the x axis.

    Attributes
    ----------
    pre, post : str
        Presynaptic and postsynaptic population.
    place : float
        Place on the x axis.
    """

    pre: Population
    post: Population
    place: float

    @property
    def label(self) -> str:
        """``pre → post``."""
        return f"{self.pre} → {self.post}"


BLOCKS = tuple(
    Block(pre, post, row * (len(POPULATIONS) + GAP) + column)
    for row, pre in enumerate(POPULATIONS)
    for column, post in enumerate(POPULATIONS)
)
"""All blocks: grouped by presynaptic population, within a group by postsynaptic one."""

PLACES = np.array([block.place for block in BLOCKS])
BLOCK_COLOURS = [COLOURS[block.post] for block in BLOCKS]


def weights_figure(dataset: xr.Dataset) -> Figure:
    """Draw initial, final and target mean weight of each block, and the change.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variable ``block_weights`` (quantity, statistic, post, pre) and the attributes
        ``name``, ``rule``, ``variant``, ``realizations`` and ``run_id``.

    Returns
    -------
    matplotlib.figure.Figure
        Values above, changes below, with the standard deviation of the realizations' means; where a value is
        not defined, "n/a" stands in its place. Colours are those of the postsynaptic population.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        set_margins(figure, MARGINS)
        if "block_weights" in dataset:
            _draw_values(upper, dataset)
            _draw_changes(lower, dataset)
            _label_blocks(upper, lower)
        else:
            for axes in (upper, lower):
                say_instead(axes, "Mean weights of the blocks were not recorded.")
        notes = [
            spread_note(dataset, "mean over all pairs of the block"),
            "Blocks: from presynaptic → to postsynaptic population; colour: postsynaptic population.",
        ]
        add_heading(figure, dataset, notes, _keys())
    return figure


def _values(dataset: xr.Dataset, quantity: str, statistic: str) -> NDArray[np.float64]:
    """Return the 16 values of a quantity, in the order of `BLOCKS`."""
    table = dataset["block_weights"].sel(quantity=quantity, statistic=statistic)
    ordered = table.sel(post=list(POPULATIONS), pre=list(POPULATIONS)).transpose("pre", "post")
    return np.asarray(ordered, dtype=np.float64).ravel()


def _spreads(dataset: xr.Dataset, quantity: str) -> NDArray[np.float64]:
    """Lengths of the error bars; NaN, which is not drawn, where there is no spread."""
    spreads = _values(dataset, quantity, "std_of_means")
    return np.where(spreads > 0, spreads, np.nan)


def _draw_values(axes: Axes, dataset: xr.Dataset) -> None:
    axes.set_title("Mean weight")
    axes.set_ylabel("weight")
    targets = _values(dataset, "target", "mean")
    axes.hlines(
        targets,
        PLACES - TARGET_HALF_WIDTH,
        PLACES + TARGET_HALF_WIDTH,
        colors=INK,
        linestyles="dotted",
        linewidth=1.4,
        label="target",
    )
    defined = np.zeros(len(BLOCKS), dtype=bool)
    for quantity, shift in SHIFTS.items():
        means, spreads = _values(dataset, quantity, "mean"), _spreads(dataset, quantity)
        defined |= np.isfinite(means)
        for column, post in enumerate(POPULATIONS):
            chosen = slice(column, None, len(POPULATIONS))
            axes.errorbar(
                PLACES[chosen] + shift,
                means[chosen],
                yerr=spreads[chosen],
                marker="o" if quantity == "initial" else "s",
                markersize=4,
                markerfacecolor="white" if quantity == "initial" else COLOURS[post],
                markeredgecolor=COLOURS[post],
                ecolor=COLOURS[post],
                linestyle="none",
                label=f"{quantity} → {post}",
            )
    for place in PLACES[~defined]:
        mark_undefined(axes, place)
    if not (defined.any() or np.isfinite(targets).any()):
        axes.set_ylim(-1, 1)


def _draw_changes(axes: Axes, dataset: xr.Dataset) -> None:
    axes.set_title("Change, final − initial")
    axes.set_ylabel("change of weight")
    means, spreads = _values(dataset, "change", "mean"), _spreads(dataset, "change")
    shown = np.isfinite(means)
    if shown.any():
        axes.bar(
            PLACES[shown],
            means[shown],
            0.7,
            yerr=spreads[shown],
            color=[colour for colour, drawn in zip(BLOCK_COLOURS, shown, strict=True) if drawn],
            error_kw={"ecolor": INK, "elinewidth": 0.9},
            label="change",
        )
    for place in PLACES[~shown]:
        mark_undefined(axes, place)
    if not np.nan_to_num(means).any():
        axes.set_ylim(-1, 1)


def _label_blocks(upper: Axes, lower: Axes) -> None:
    for axes in (upper, lower):
        axes.axhline(0, color=INK, linewidth=0.7, zorder=1)
        axes.tick_params(axis="x", length=0)
        for first in BLOCKS[len(POPULATIONS) :: len(POPULATIONS)]:
            axes.axvline(first.place - (1 + GAP) / 2, color=FAINT, linewidth=0.5, linestyle=(0, (2, 3)))
    lower.set_xticks(PLACES, [block.label for block in BLOCKS], rotation=90)
    lower.set_xlim(PLACES[0] - 0.7, PLACES[-1] + 0.7)


def _keys() -> list[Line2D]:
    return [
        Line2D([], [], marker="o", markerfacecolor="white", color=INK, linestyle="none", label="initial"),
        Line2D([], [], marker="s", color=INK, linestyle="none", label="final"),
        Line2D([], [], linestyle=":", color=INK, linewidth=1.4, label="target"),
    ]
