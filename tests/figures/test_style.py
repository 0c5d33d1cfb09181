"""Size, colours and the absence of global state."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from l5tui.config.populations import POPULATIONS
from l5tui.figures.output import png_bytes
from l5tui.figures.selectivity import selectivity_figure
from l5tui.figures.style import COLOURS, new_figure
from l5tui.figures.weights import weights_figure

MakeDataset = Callable[..., xr.Dataset]
DRAWERS = [selectivity_figure, weights_figure]

DEUTERANOPIA = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
"""Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB."""

PYPLOT_CHECK = """
import sys
import l5tui.figures.selectivity, l5tui.figures.weights
from l5tui.figures.output import png_bytes
from l5tui.figures.style import new_figure
png_bytes(new_figure(20))
assert "matplotlib.pyplot" not in sys.modules
"""


def test_colour_blind_readers_can_distinguish_the_colours_of_the_populations() -> None:
    assert tuple(COLOURS) == POPULATIONS
    linear = {name: np.array(to_rgb(colour)) ** 2.2 for name, colour in COLOURS.items()}
    seen = {name: np.clip(DEUTERANOPIA @ rgb, 0, 1) ** (1 / 2.2) for name, rgb in linear.items()}
    for one, other in combinations(POPULATIONS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 0.15, (one, other)


def test_png_has_the_size_on_paper() -> None:
    content = png_bytes(new_figure(height_mm=101.6, width_mm=50.8), dpi=100)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (200, 400)


@pytest.mark.parametrize("draw", DRAWERS)
def test_users_own_settings_neither_matter_nor_change(
    make_dataset: MakeDataset, draw: Callable[[xr.Dataset], Figure]
) -> None:
    plain = png_bytes(draw(make_dataset()))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "text.usetex": True}):
        before = dict(mpl.rcParams)
        assert png_bytes(draw(make_dataset())) == plain
        assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize(
    ("name", "scale"),
    [("W" * 200, 1.0), ("名前" * 100, 1e-7), ("a\nb\tc\x00", 1e5), ("$\\frac{", -1.0), ("x", 1e-3)],
    ids=["wide", "foreign", "control", "formula", "short"],
)
def test_no_text_is_clipped_or_runs_into_another(
    make_dataset: MakeDataset, draw: Callable[[xr.Dataset], Figure], name: str, scale: float
) -> None:
    figure = draw(make_dataset(name=name, scale=scale))
    png_bytes(figure, dpi=100)
    texts = [text for text in figure.texts if text.get_text()]
    for axes in figure.axes:
        texts += [axes.yaxis.label, axes.yaxis.get_offset_text(), axes._left_title]  # type: ignore[attr-defined]
        texts += [label for label in axes.get_xticklabels() if axes.get_subplotspec().is_last_row()]  # type: ignore[union-attr]
        texts += [label for label in axes.get_yticklabels() if label.get_visible()]
    if figure._suptitle is not None:  # type: ignore[attr-defined]
        texts.append(figure._suptitle)  # type: ignore[attr-defined]
    boxes = {text: text.get_window_extent() for text in dict.fromkeys(texts) if text.get_text()}
    page = figure.bbox
    for text, box in boxes.items():
        assert box.x0 >= page.x0, text
        assert box.x1 <= page.x1, text
        assert box.y0 >= page.y0, text
        assert box.y1 <= page.y1, text
    headings = [*figure.texts, *(axes._left_title for axes in figure.axes)]  # type: ignore[attr-defined]
    for one, other in combinations(dict.fromkeys(headings), 2):
        assert not boxes[one].overlaps(boxes[other]), (one, other)
    legend = figure.legends[0].get_window_extent()
    assert not any(legend.overlaps(boxes[text]) for text in figure.texts)


def test_pyplot_is_never_imported(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("backend: TkAgg\ntext.usetex: True\n")
    subprocess.run([sys.executable, "-c", PYPLOT_CHECK], check=True, cwd=tmp_path, timeout=60)
