"""Figures as the content of files: the same bytes whenever the same run is drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

from matplotlib.figure import Figure

from l5tui.figures.names import Format
from l5tui.figures.style import DPI, print_style, tolerate_missing_glyphs

METADATA: Final[Mapping[Format, Mapping[str, str | None]]] = {
    "png": {"Software": "l5tui"},
    "svg": {"Creator": "l5tui", "Date": None},
    "pdf": {"Creator": "l5tui", "Producer": "matplotlib", "CreationDate": None},
}
"""What a file says of itself: nothing that changes from one day to the next."""

PRINT_DPI: Final = 200
"""Dots an inch of a figure that is meant for paper."""


def figure_bytes(figure: Figure, format: Format = "png", dpi: int = DPI) -> bytes:  # noqa: A002
    """A figure as the content of a file; in SVG and PDF, text stays text.

    Parameters
    ----------
    figure : Figure
    format : str
        ``png``, ``svg`` or ``pdf``.
    dpi : int
        Dots an inch, of images inside a drawing too.
    """
    buffer = io.BytesIO()
    with print_style(), tolerate_missing_glyphs():
        figure.savefig(buffer, format=format, dpi=dpi, metadata=dict(METADATA[format]))
    return buffer.getvalue()


def png_bytes(figure: Figure, dpi: int = DPI) -> bytes:
    """A figure as the content of a PNG file."""
    return figure_bytes(figure, "png", dpi)
