"""What a notebook shows of a result: a heading and a table, as HTML that nothing in a name can break."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def heading(title: str, facts: Iterable[str]) -> str:
    """Return a title in bold, and facts after it."""
    return f"<p><b>{escape(title)}</b>&ensp;{escape('  ·  '.join(facts))}</p>"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column is its index."""
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join(
        f"<tr><th>{escape(first)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def shown(figure: Figure) -> Figure:
    """Return the figure with a canvas, so that a notebook displays it with or without pyplot."""
    from l5tui.figures.output import png_bytes

    # IPython calls this method; figures have an image of their own only in notebooks that have imported pyplot.
    setattr(figure, "_repr_png_", lambda: png_bytes(figure))  # noqa: B010
    return figure
