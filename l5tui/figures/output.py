"""Files of figures; the same run always gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave

from l5tui.figures.names import Format
from l5tui.figures.style import DPI, print_style, tolerate_missing_glyphs

METADATA: Final[Mapping[Format, Mapping[str, str | None]]] = {
    "png": {"Software": "l5tui"},
    "svg": {"Creator": "l5tui", "Date": None},
    "pdf": {"Creator": "l5tui", "Producer": "matplotlib", "CreationDate": None},
}
"""Metadata of a file, without a date."""

PRINT_DPI: Final = 200
"""Resolution of a printed figure, in dots per inch."""

PNG_COMPRESSION: Final = 2
"""zlib's level: half the time that its usual one takes, for files a tenth larger."""


def drawn(figure: Figure, format: Format = "png", dpi: int = DPI) -> Callable[[], bytes]:  # noqa: A002
    """Draw a figure and return a function that encodes it.

    Encoding takes as long as drawing a small figure, and may run in another thread. In SVG and PDF, text
    stays text.

    Parameters
    ----------
    figure : Figure
        Figure to draw.
    format : str
        ``png``, ``svg`` or ``pdf``.
    dpi : int
        Dots per inch, also of images inside a vector drawing.

    Returns
    -------
    callable
        Without arguments; returns the content of the file as bytes.
    """
    with print_style(), tolerate_missing_glyphs():
        if format != "png":
            buffer = io.BytesIO()
            figure.savefig(buffer, format=format, dpi=dpi, metadata=dict(METADATA[format]))
            return buffer.getvalue
        canvas, usual_dpi = figure.canvas, figure.dpi
        try:
            figure.dpi = dpi
            own: Any = FigureCanvasAgg(figure)
            own.draw()
        finally:
            figure.dpi = usual_dpi
            figure.set_canvas(canvas)
    return lambda: _png(own, dpi)


def figure_bytes(figure: Figure, format: Format = "png", dpi: int = DPI) -> bytes:  # noqa: A002
    """Return a figure as the content of a file; see `drawn`.

    Parameters
    ----------
    figure : Figure
        Figure to draw.
    format : str, optional
        ``png``, ``svg`` or ``pdf``.
    dpi : int, optional
        Dots per inch.

    Returns
    -------
    bytes
    """
    return drawn(figure, format, dpi)()


def png_bytes(figure: Figure, dpi: int = DPI) -> bytes:
    """Return a figure as the content of a PNG file.

    Parameters
    ----------
    figure : Figure
        Figure to draw.
    dpi : int, optional
        Dots per inch.

    Returns
    -------
    bytes
    """
    return figure_bytes(figure, "png", dpi)


def _png(canvas: Any, dpi: int) -> bytes:
    buffer = io.BytesIO()
    imsave(
        buffer,
        np.asarray(canvas.buffer_rgba()),
        format="png",
        origin="upper",
        dpi=dpi,
        metadata={name: value for name, value in METADATA["png"].items() if value is not None},
        pil_kwargs={"compress_level": PNG_COMPRESSION},
    )
    return buffer.getvalue()
