"""Posterior: pairs of parameters, and predictions of the targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from l5tui.config.wording import one_line
from l5tui.figures.output import png_bytes
from l5tui.figures.style import FAINT, INK, Margins, new_figure, print_style, set_margins
from l5tui.model.arrays import FloatArray

POSTERIOR, PRIOR, BEST = "#0072B2", "#AAAAAA", "#D55E00"
BINS = 24
SHOWN = 1500
"""Number of draws that a panel of a pair shows as points."""
ROW_MM = 6.0


def pair_figure(
    posterior: Mapping[str, FloatArray],
    prior: Mapping[str, FloatArray],
    best: Mapping[str, Any],
    title: str,
    lines: Sequence[str],
) -> Figure:
    """Draw every parameter's marginal on the diagonal, with its prior, and every pair below.

    The best trial is marked in all panels.

    Parameters
    ----------
    posterior, prior : mapping of str to ndarray
        Draws of each parameter, all of one length.
    best : mapping of str to float
        The most likely trial; empty where there is none.
    title : str
        First line.
    lines : sequence of str
        Lines below the title.

    Returns
    -------
    matplotlib.figure.Figure
    """
    paths = list(posterior)
    with print_style():
        margins = Margins(
            left=22, right=4, bottom=18, top=14 + 4 * len(lines), between_columns=3, between_rows=3
        )
        figure = new_figure(
            margins.top + margins.bottom + max(150.0 if len(paths) > 1 else 60.0, 20.0 * len(paths))
        )
        panels = figure.subplots(len(paths), len(paths), squeeze=False, sharex="col")
        set_margins(figure, margins)
        height = figure.get_figheight() * 25.4
        figure.text(0.012, 1 - 5 / height, one_line(title, 80), fontsize=10, fontweight="bold", va="center")
        for line, text in enumerate(lines):
            figure.text(0.012, 1 - (10 + 4 * line) / height, one_line(text, 150), va="center")
        for row, down in enumerate(paths):
            for column, across in enumerate(paths):
                axes = panels[row, column]
                if column > row:
                    axes.set_visible(False)
                    continue
                edges = np.histogram_bin_edges(prior[across], BINS)
                if row == column:
                    axes.hist(prior[across], edges, density=True, histtype="step", color=PRIOR, label="prior")
                    axes.hist(
                        posterior[across], edges, density=True, color=POSTERIOR, alpha=0.6, label="posterior"
                    )
                    axes.set_yticks([])
                else:
                    axes.plot(
                        posterior[across][:SHOWN],
                        posterior[down][:SHOWN],
                        ".",
                        color=POSTERIOR,
                        alpha=0.25,
                        markersize=1.5,
                    )
                    axes.set_ylim(prior[down].min(), prior[down].max())
                    if across in best:
                        axes.plot(
                            best[across], best[down], "+", color=BEST, markersize=8, markeredgewidth=1.4
                        )
                axes.set_xlim(edges[0], edges[-1])
                if row == column and across in best:
                    axes.axvline(best[across], color=BEST, linewidth=1.2, label="most likely trial")
                if row == len(paths) - 1:
                    axes.set_xlabel(_short(across))
                if column == 0 and row > 0:
                    axes.set_ylabel(_short(down))
                elif column > 0 and row != column:
                    axes.set_yticklabels([])
        panels[0, 0].legend(loc="upper left", bbox_to_anchor=(1.05, 1.0), borderaxespad=0)
    return figure


def predictive_figure(
    names: Sequence[str], distances: FloatArray, relations: Sequence[str], title: str, lines: Sequence[str]
) -> Figure:
    """Draw the distances of the posterior's predictions to every target.

    Parameters
    ----------
    names : sequence of str
        Names of the targets.
    distances : ndarray, shape (draw, target)
        In standard deviations of the target.
    relations : sequence of str
        Relation to each target, such as ``= 0.3``; part of its label.
    title : str
        First line.
    lines : sequence of str
        Lines below the title.

    Returns
    -------
    matplotlib.figure.Figure
        Median and the interval from 5 to 95 % over draws.
    """
    with print_style():
        margins = Margins(left=62, right=6, bottom=18, top=14 + 4 * len(lines))
        figure = new_figure(margins.top + margins.bottom + ROW_MM * max(len(names), 3))
        axes = figure.subplots()
        set_margins(figure, margins)
        height = figure.get_figheight() * 25.4
        figure.text(0.012, 1 - 5 / height, one_line(title, 80), fontsize=10, fontweight="bold", va="center")
        for line, text in enumerate(lines):
            figure.text(0.012, 1 - (10 + 4 * line) / height, one_line(text, 150), va="center")
        rows = np.arange(len(names))
        axes.axvspan(-1, 1, color=FAINT, alpha=0.15, linewidth=0)
        axes.axvline(0, color=INK, linewidth=0.7)
        spread = np.clip(distances, -50, 50)
        low, middle, high = np.percentile(spread, (5, 50, 95), axis=0)
        axes.errorbar(
            middle,
            rows,
            xerr=[middle - low, high - middle],
            fmt="o",
            color=POSTERIOR,
            markersize=4,
            linewidth=1.2,
        )
        labels = [f"{name} {relation}" for name, relation in zip(names, relations, strict=True)]
        axes.set_yticks(rows, labels)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel("prediction − target, in standard deviations of the target; median and 5 to 95 %")
    return figure


def figure_png(figure: Figure) -> bytes:
    """Return a figure as the content of a PNG file.

    Parameters
    ----------
    figure : Figure
        Figure to draw.

    Returns
    -------
    bytes
    """
    return png_bytes(figure)


def _short(path: str) -> str:
    """Return a path without its section; of a ratio, both."""
    return " /\n".join(one_line(".".join(each.split(".")[1:]), 24) for each in path.split(" / "))
