"""Effect of each searched parameter on the loss, selectivity and rates."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l5tui.analysis.sensitivity import Sensitivity, Slopes
from l5tui.config.populations import POPULATIONS
from l5tui.config.wording import one_line
from l5tui.figures.output import png_bytes
from l5tui.figures.style import COLOURS, FAINT, INK, Margins, new_figure, print_style, set_margins

MARGINS = Margins(left=52, right=6, bottom=24, top=19, between_columns=6, between_rows=14)
ROW_MM = 9.0
PANELS: Final = ("loss", "OS", "DS", "rate")


def sensitivity_figure(found: Sensitivity | Slopes, name: str, study_id: str) -> Figure:
    """Draw the effect of each parameter on the loss and on each kind of measure.

    A panel a measure, a row a parameter, a colour a population.

    Parameters
    ----------
    found : Sensitivity or Slopes
        Indices get their 95 % intervals; slopes none.
    name, study_id : str
        Name and identifier of the study.

    Returns
    -------
    matplotlib.figure.Figure
    """
    whole = isinstance(found, Sensitivity)
    with print_style():
        height = MARGINS.top + MARGINS.bottom + MARGINS.between_rows + 2 * max(len(found.paths), 3) * ROW_MM
        figure = new_figure(height)
        panels = figure.subplots(2, 2, sharey=True)
        set_margins(figure, MARGINS)
        for axes, kind in zip(panels.flat, PANELS, strict=True):
            _draw(axes, found, kind)
        panels[0, 0].set_yticks(
            range(len(found.paths)), [one_line(name, 80).replace(" / ", " /\n") for name in found.names]
        )
        panels[0, 0].set_ylim(len(found.paths) - 0.5, -0.5)
        said = "Sobol' indices" if whole else "Slopes around one point"
        figure.text(0.012, 1 - 5 / height, one_line(name, 80), fontsize=10, fontweight="bold", va="center")
        figure.text(0.012, 1 - 10 / height, f"{said}  ·  study {study_id}", va="center")
        for line, note in enumerate(_notes(found)):
            figure.text(0.012, (9.0 - 3.4 * line) / height, note, color=FAINT, fontsize=6.5, va="center")
        keys = [axes_line(figure, colour, population) for population, colour in COLOURS.items()]
        figure.legend(handles=keys, loc="upper right", ncols=4, bbox_to_anchor=(0.99, 1 - 2 / height))
    return figure


def axes_line(figure: Figure, colour: str, population: str) -> object:
    """Return an entry of the legend.

    Parameters
    ----------
    figure : Figure
        Not used.
    colour : str
    population : str
        Label of the entry.

    Returns
    -------
    Line2D
    """
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, marker="o", linestyle="none", markersize=4, label=population)


def _draw(axes: Axes, found: Sensitivity | Slopes, kind: str) -> None:
    axes.set_title({"loss": "Loss", "rate": "Rate"}.get(kind, kind))
    names = ["loss"] if kind == "loss" else [f"after/{kind}.{population}" for population in POPULATIONS]
    axes.axvline(0, color=INK, linewidth=0.6)
    rows = np.arange(len(found.paths))
    shifts = np.linspace(-0.27, 0.27, len(names)) if len(names) > 1 else [0.0]
    colours = [INK] if kind == "loss" else list(COLOURS.values())
    for name, shift, colour in zip(names, shifts, colours, strict=True):
        at = found.outputs.index(name)
        if isinstance(found, Sensitivity):
            interval = found.total_interval[at]
            axes.errorbar(found.total[at], rows + shift, xerr=interval, fmt="o", color=colour, markersize=4)
            axes.plot(found.first[at], rows + shift, "|", color=colour, markersize=7)
        else:
            axes.plot(found.slopes[at], rows + shift, "o", color=colour, markersize=4)
    if isinstance(found, Sensitivity):
        axes.set_xlabel("share of the variance")
    else:
        axes.set_xlabel("change for a tenth of the range")
    axes.grid(axis="x", linewidth=0.3, color=FAINT, alpha=0.5)


def _notes(found: Sensitivity | Slopes) -> list[str]:
    if isinstance(found, Slopes):
        return ["Central differences, on the same circuits; a point that is missing is not defined there."]
    least = int(found.samples.min())
    return [
        "Dot: total index, with its 95 % bootstrap interval; stroke: first-order index. All after learning.",
        f"{found.wanted} base samples, of which at least {least} are defined everywhere and count.",
    ]


def sensitivity_png(found: Sensitivity | Slopes, name: str, study_id: str) -> bytes:
    """Return the figure of `sensitivity_figure` as the content of a PNG file.

    Parameters
    ----------
    found : Sensitivity or Slopes
    name, study_id : str
        Name and identifier of the study.

    Returns
    -------
    bytes
    """
    return png_bytes(sensitivity_figure(found, name, study_id))
