"""Style of all figures: fixed colours, sizes for print, no change of Matplotlib's global state."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import blended_transform_factory

from l5tui.config.populations import Population

COLOURS: Final[Mapping[Population, str]] = {
    "CS": "#D55E00",
    "CC": "#0072B2",
    "PV": "#009E73",
    "SST": "#CC79A7",
}
"""Colour of each population in every figure, from Okabe and Ito's palette, safe for colour-blind readers."""

INK: Final = "#222222"
FAINT: Final = "#777777"
FULL_WIDTH_MM: Final = 180.0
"""Width of a full page in most journals, in mm."""

MM_PER_INCH: Final = 25.4
DPI: Final = 120

STYLE: Final[Mapping[str, Any]] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.5,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,
    "axes.labelsize": 8.0,
    "axes.edgecolor": INK,
    "axes.formatter.limits": (-3, 4),
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "errorbar.capsize": 2.0,
    "figure.dpi": 100.0,
    "figure.facecolor": "white",
    "hatch.linewidth": 0.6,
    "image.cmap": "RdBu_r",
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "pdf.fonttype": 42,
    "savefig.bbox": None,
    "savefig.facecolor": "auto",
    "svg.fonttype": "none",
    "svg.hashsalt": "l5tui",
    "text.color": INK,
    "text.usetex": False,
    "text.parse_math": False,
    "xtick.labelsize": 7.5,
    "xtick.color": INK,
    "ytick.labelsize": 7.5,
    "ytick.color": INK,
}


class Margins(NamedTuple):
    """Room around and between panels, in mm.

    Attributes
    ----------
    left, right, bottom, top : float
        Room around the panels, in mm.
    between_columns, between_rows : float
        Gaps between the panels, in mm.
    """

    left: float
    right: float
    bottom: float
    top: float
    between_columns: float = 0.0
    between_rows: float = 0.0


_lock = threading.RLock()


@contextmanager
def print_style() -> Iterator[None]:
    """Draw in the project's style.

    One thread at a time: matplotlib's settings are global to the process.

    Yields
    ------
    None
    """
    # The user's own matplotlibrc is ignored except for the backend: reading the backend would import pyplot.
    defaults: dict[Any, Any] = {key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"}
    with _lock, mpl.rc_context(rc=defaults | dict(STYLE)):
        yield


def new_figure(height_mm: float, width_mm: float = FULL_WIDTH_MM) -> Figure:
    """Return an empty figure of a size on paper.

    Parameters
    ----------
    height_mm : float
        Height, in mm.
    width_mm : float, optional
        Width, in mm.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH))
    FigureCanvasAgg(figure)
    return figure


def set_margins(figure: Figure, margins: Margins) -> None:
    """Place a figure's panels within fixed margins.

    Measuring the labels would take as long as drawing them. For the same reason titles stay in their place
    (`axes.titley`), and a common power of ten is moved to the right edge of its axis.

    Parameters
    ----------
    figure : Figure
        Figure that is changed in place.
    margins : Margins
        Room around and between the panels, in mm.
    """
    width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
    spec = figure.axes[0].get_subplotspec()
    assert spec is not None
    rows, columns = spec.get_gridspec().get_geometry()
    for axes in figure.axes:
        axes.yaxis.get_offset_text().set(horizontalalignment="right", x=-0.01)
    inner_width, inner_height = width - margins.left - margins.right, height - margins.bottom - margins.top
    figure.subplots_adjust(
        left=margins.left / width,
        right=1 - margins.right / width,
        bottom=margins.bottom / height,
        top=1 - margins.top / height,
        wspace=_relative_gap(margins.between_columns, inner_width, columns),
        hspace=_relative_gap(margins.between_rows, inner_height, rows),
    )


def _relative_gap(gap: float, whole: float, count: int) -> float:
    """Return a gap in matplotlib's unit, a panel's mean size."""
    return gap * count / (whole - gap * (count - 1))


def fit_width(text: Text, width_mm: float) -> None:
    """Cut a text at its end, with an ellipsis, until it fits a width.

    Parameters
    ----------
    text : matplotlib.text.Text
        Text that is changed in place.
    width_mm : float
        In mm.
    """
    figure = text.get_figure(root=True)
    assert figure is not None
    whole, room = text.get_text(), width_mm / MM_PER_INCH * figure.dpi
    with tolerate_missing_glyphs():
        while (width := text.get_window_extent().width) > room and whole:
            whole = whole[: min(len(whole) - 1, int(len(whole) * room / width))]
            text.set_text(f"{whole.rstrip()}…")


def shrink_to_width(text: Text, width_mm: float) -> None:
    """Reduce the font size of a text that is wider than a width; no digit is cut.

    Parameters
    ----------
    text : matplotlib.text.Text
        Text that is changed in place.
    width_mm : float
        In mm.
    """
    figure = text.get_figure(root=True)
    assert figure is not None
    with tolerate_missing_glyphs():
        share = width_mm / MM_PER_INCH * figure.dpi / max(text.get_window_extent().width, 1.0)
    if share < 1:
        text.set_fontsize(0.96 * share * float(text.get_fontsize()))


def mark_undefined(axes: Axes, place: float) -> None:
    """Write "n/a" at the foot of a panel, in place of a value that is not defined.

    Parameters
    ----------
    axes : Axes
        Panel that is changed in place.
    place : float
        Abscissa, in data units.
    """
    axes.text(
        place,
        0.02,
        "n/a",
        ha="center",
        va="bottom",
        color=FAINT,
        fontsize=7,
        transform=blended_transform_factory(axes.transData, axes.transAxes),
    )


@contextmanager
def tolerate_missing_glyphs() -> Iterator[None]:
    """Suppress matplotlib's warning about characters that the font lacks, which are drawn as boxes.

    Yields
    ------
    None
    """
    with _lock, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield
