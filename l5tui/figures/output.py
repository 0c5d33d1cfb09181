"""Figures as the content of files: the same bytes whenever the same run is drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

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

PNG_COMPRESSION: Final = 2
"""zlib's level: half the time that its usual one takes, for files a tenth larger."""


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
    options: dict[str, Any] = {"pil_kwargs": {"compress_level": PNG_COMPRESSION}} if format == "png" else {}
    with print_style(), tolerate_missing_glyphs():
        figure.savefig(buffer, format=format, dpi=dpi, metadata=dict(METADATA[format]), **options)
    return buffer.getvalue()


def png_bytes(figure: Figure, dpi: int = DPI) -> bytes:
    """A figure as the content of a PNG file."""
    return figure_bytes(figure, "png", dpi)
