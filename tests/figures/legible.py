"""Whether everything that a figure says can be read."""

from __future__ import annotations

from itertools import combinations

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import BboxBase

from l5tui.figures.output import png_bytes


def assert_legible(figure: Figure) -> None:
    """No text leaves the page, and none lies on another, inside a panel or out of it."""
    png_bytes(figure, dpi=100)
    boxes = {text: box for text, box in _boxes(figure).items() if box.width and box.height}
    page = figure.bbox
    for text, box in boxes.items():
        inside = box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1
        assert inside, text
    for (one, box), (other, second) in combinations(boxes.items(), 2):
        assert not box.overlaps(second), (one, other)


def _boxes(figure: Figure) -> dict[Text, BboxBase]:
    texts = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    if figure._suptitle is not None:  # type: ignore[attr-defined]
        texts.append(figure._suptitle)  # type: ignore[attr-defined]
    panels = [each for axes in figure.axes for each in (axes, *axes.child_axes)]
    for axes in panels:
        texts += [axes.xaxis.label, axes.yaxis.label, axes.yaxis.get_offset_text()]
        texts += [axes._left_title, *axes.texts]  # type: ignore[attr-defined]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = axis.get_major_ticks()
            texts += [
                each
                for tick in ticks
                for each in (tick.label1, tick.label2)
                if each.get_visible() and low <= tick.get_loc() <= high
            ]
    return {
        text: text.get_window_extent()
        for text in dict.fromkeys(texts)
        if text.get_text() and text.get_visible()
    }
