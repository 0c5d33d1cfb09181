"""A small figure of a trial, fast enough to be drawn for every trial."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import LEFT_MM, on_one_line
from l5tui.figures.output import png_bytes
from l5tui.figures.style import (
    COLOURS,
    INK,
    fit_width,
    new_figure,
    print_style,
)
from l5tui.figures.weights import BLOCKS, PLACES, TARGET_HALF_WIDTH
from l5tui.model.arrays import FloatArray

WIDTH_MM, HEIGHT_MM = 150.0, 55.0
DPI = 90
MEASURES = ("OS", "DS")
TITLE_Y = 1.04
"""Height of a panel's title; fixed, as automatic placement takes a sixth of the time."""

SHIFTS = {"before": -0.13, "after": 0.13}
"""Offset of a value from the middle of its population."""


class TrialFigure:
    """Selectivity before and after learning, and final weights against their targets.

    The figure is set up once: `png` only moves what differs from trial to trial, as setting up takes longer than
    drawing. May be shared between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        with print_style():
            self.figure = new_figure(HEIGHT_MM, WIDTH_MM)
            # Texts are measured as they were drawn last.
            self.figure.set_dpi(DPI)
            self._title = self.figure.suptitle(
                "",
                x=LEFT_MM / WIDTH_MM,
                y=1 - 1.5 / HEIGHT_MM,
                ha="left",
                va="top",
                fontsize=8.5,
                weight="bold",
            )
            selectivity = [self.figure.add_axes(_box(left, 28.0)) for left in (12.0, 48.0)]
            self.weights_axes = self.figure.add_axes(_box(92.0, 55.0))
            self.selectivity_axes = dict(zip(MEASURES, selectivity, strict=True))
            self._points = {
                measure: _selectivity(axes, measure) for measure, axes in self.selectivity_axes.items()
            }
            self._finals, self._targets = _weights(self.weights_axes)
            self._absent = [
                axes.text(0.5, 0.7, "n/a", ha="center", va="center", transform=axes.transAxes)
                for axes in (*selectivity, self.weights_axes)
            ]

    def png(self, metrics: Mapping[str, float], title: str) -> bytes:
        """Return the figure of a trial as the content of a PNG file.

        Parameters
        ----------
        metrics : mapping of str to float
            Measures by name, such as ``after/DS.CS`` and ``weight_final/CS_from_CC``; a measure that is
            missing or not finite is not drawn.
        title : str
            Title of the figure.

        Returns
        -------
        bytes
        """
        with self._lock:
            self._show(metrics)
            with print_style():
                self._title.set_text(on_one_line(title))
                fit_width(self._title, WIDTH_MM - 2 * LEFT_MM)
            return png_bytes(self.figure, DPI)

    def _show(self, metrics: Mapping[str, float]) -> None:
        shown = []
        for measure, lines in self._points.items():
            names = {when: [f"{when}/{measure}.{each}" for each in POPULATIONS] for when in lines}
            values = {when: _values(metrics, names[when]) for when in lines}
            for when, line in lines.items():
                line.set_ydata(values[when])
            _fit(self.selectivity_axes[measure], np.concatenate(list(values.values())), (0.0, 1.0))
            shown.append(any(np.isfinite(each).any() for each in values.values()))
        finals, targets = (
            _values(metrics, [f"weight_{quantity}/{block.post}_from_{block.pre}" for block in BLOCKS])
            for quantity in ("final", "target")
        )
        self._finals_to(finals)
        half = TARGET_HALF_WIDTH
        self._targets.set_segments(
            [[(x - half, y), (x + half, y)] for x, y in zip(PLACES, targets, strict=True) if math.isfinite(y)]
        )
        _fit(self.weights_axes, np.concatenate([finals, targets]), (0.0, 0.0))
        shown.append(bool(np.isfinite(finals).any()))
        for text, known in zip(self._absent, shown, strict=True):
            text.set_visible(not known)

    def _finals_to(self, finals: FloatArray) -> None:
        for column, line in enumerate(self._finals):
            line.set_ydata(finals[column :: len(POPULATIONS)])


def _box(left: float, width: float) -> tuple[float, float, float, float]:
    """Return a panel's place in the figure, from its left edge and its width in mm."""
    return left / WIDTH_MM, 11.0 / HEIGHT_MM, width / WIDTH_MM, 29.0 / HEIGHT_MM


def _selectivity(axes: Axes, measure: str) -> dict[str, Line2D]:
    axes.set_title(measure, y=TITLE_Y)
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 5, 10]))
    axes.set_xlim(-0.5, len(POPULATIONS) - 0.5)
    axes.set_xticks(range(len(POPULATIONS)), POPULATIONS)
    axes.tick_params(axis="x", length=0)
    lines = {}
    for when, shift in SHIFTS.items():
        face = "white" if when == "before" else INK
        places = np.arange(len(POPULATIONS)) + shift
        style: dict[str, Any] = {
            "linestyle": "none",
            "marker": "o",
            "markersize": 4,
            "color": INK,
            "markerfacecolor": face,
        }
        (lines[when],) = axes.plot(places, np.full(len(places), np.nan), label=when, **style)
    if measure == MEASURES[0]:
        axes.figure.legend(
            handles=list(lines.values()),
            loc="lower left",
            bbox_to_anchor=(LEFT_MM / WIDTH_MM, 0.5 / HEIGHT_MM),
            ncols=2,
            borderaxespad=0,
            borderpad=0.2,
        )
    return lines


def _weights(axes: Axes) -> tuple[list[Line2D], LineCollection]:
    axes.set_title("Final weights and targets", y=TITLE_Y)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.axhline(0, color=INK, linewidth=0.5, zorder=1)
    targets = LineCollection([], colors=INK, linestyles="dotted", linewidths=1.4, label="target")
    axes.add_collection(targets, autolim=False)
    axes.set_xlim(PLACES[0] - 0.7, PLACES[-1] + 0.7)
    axes.tick_params(axis="x", length=0)
    count = len(POPULATIONS)
    middles = PLACES.reshape(count, count).mean(axis=1)
    axes.set_xticks(middles, [f"{pre} →" for pre in POPULATIONS])
    finals = []
    for column, post in enumerate(POPULATIONS):
        places = PLACES[column::count]
        style: dict[str, Any] = {
            "linestyle": "none",
            "marker": "s",
            "markersize": 3.5,
            "color": COLOURS[post],
        }
        finals += axes.plot(places, np.full(count, np.nan), label=f"→ {post}", **style)
    axes.figure.legend(
        handles=[*finals, targets],
        loc="lower right",
        bbox_to_anchor=(1 - LEFT_MM / WIDTH_MM, 0.5 / HEIGHT_MM),
        ncols=count + 1,
        borderaxespad=0,
        borderpad=0.2,
        columnspacing=1.0,
        handletextpad=0.3,
        handlelength=1.4,
    )
    return finals, targets


def _values(metrics: Mapping[str, float], names: list[str]) -> FloatArray:
    values = np.array([metrics.get(name, math.nan) for name in names], dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _fit(axes: Axes, values: FloatArray, within: tuple[float, float]) -> None:
    """Set the y axis so that it shows some values and what it always shows."""
    known = [*values[np.isfinite(values)], *within]
    low, high = min(known), max(known)
    room = 0.05 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)
