"""Every figure can be drawn of every study, and nothing in it is cut off."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

from l5tui.analysis.study_table import StudyTable
from l5tui.figures.output import png_bytes
from l5tui.figures.study.gallery import STUDY_FIGURES, draw_study
from l5tui.figures.study.heading import StudyHeading
from tests.studies import MIXED, ONE, SIX, bowl, made_table, some_without_value

HEADING = StudyHeading("a study", "20260102T030405-abcd", "−1.823e+04 ± 7.53e+03 (95 %, n = 5)")
STUDIES: dict[str, Callable[[], StudyTable]] = {
    "none": lambda: made_table(0),
    "one trial": lambda: made_table(1, MIXED),
    "one parameter": lambda: made_table(30, ONE),
    "all failed": lambda: made_table(12, MIXED, statuses=lambda number: "failed"),
    "eight parameters": lambda: made_table(
        60, MIXED, statuses=some_without_value, maximize=True, confirmed=12
    ),
    "equal": lambda: made_table(12, value=lambda units: 0.0),
    "heavy": lambda: made_table(60, value=lambda units: float(np.exp(bowl(units)) - 3)),
    "two": lambda: made_table(2, SIX, lambda units: -1e-12 * units[0]),
}


@pytest.fixture(scope="module", params=STUDIES)
def table(request: pytest.FixtureRequest) -> StudyTable:
    return STUDIES[request.param]()


@pytest.mark.parametrize("name", STUDY_FIGURES)
def test_no_text_is_clipped_or_runs_into_the_notes(table: StudyTable, name: str) -> None:
    figure = STUDY_FIGURES[name](table, HEADING)
    png_bytes(figure, dpi=100)

    page, texts = figure.bbox, [text for text in figure.texts if text.get_text()]
    for axes in figure.axes:
        texts += [axes.xaxis.label, axes.yaxis.label]
        low, high = sorted(axes.get_ylim())
        texts += [tick.label1 for tick in axes.yaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    boxes = {text: text.get_window_extent() for text in texts if text.get_text() and text.get_visible()}
    for text, box in boxes.items():
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    labels = [axes.xaxis.label for axes in figure.axes]
    for one, other in combinations([*figure.texts, *labels], 2):
        assert not boxes[one].overlaps(boxes[other]), (one, other)


def test_a_study_becomes_a_file_for_each_figure() -> None:
    files = draw_study(made_table(12), StudyHeading("a\nname", "20260102T030405-abcd"))

    assert list(files) == [f"figures/{name}.png" for name in STUDY_FIGURES]
    assert all(content.startswith(b"\x89PNG") for content in files.values())


def heading_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_every_figure_says_what_its_study_came_to() -> None:
    table = made_table(20, statuses=some_without_value)
    assert table.best is not None
    best = f"{table.values[table.best]:.4g} in trial {table.numbers[table.best]}"

    for draw in STUDY_FIGURES.values():
        facts, notes = heading_of(draw(table, HEADING))[-2:]
        assert (
            facts
            == f"loss minimized  ·  20 trials (2 diverged, 2 failed)  ·  best in search {best}, not confirmed"
        )
        assert notes.endswith("Study 20260102T030405-abcd")


def test_figures_have_the_best_in_fresh_circuits_first_and_the_star_there() -> None:
    table = made_table(20, confirmed=12)
    assert table.best is not None
    heading = StudyHeading("a study", "20260102T030405-abcd", "1.823 ± 0.075 (95 %, n = 5)")
    in_search = f"{table.values[table.best]:.4g} in trial {table.numbers[table.best]}"

    for name, draw in STUDY_FIGURES.items():
        figure = draw(table, heading)
        facts, notes = heading_of(figure)[-2:]
        assert facts.endswith("  ·  confirmed best 1.823 ± 0.075 (95 %, n = 5), trial 12")
        assert notes.splitlines()[-1] == f"Best in search {in_search}  ·  Study 20260102T030405-abcd"
        keys = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
        assert "best in search" not in keys
        if name in ("convergence", "parameter_traces", "objective_against_parameters", "slices"):
            assert "best in fresh circuits" in keys
            (star, *_) = [line for line in figure.axes[0].lines if line.get_label() == "best"]
            x = table.numbers if name in ("convergence", "parameter_traces") else table.places[:, 0]
            assert star.get_xdata() == [x[12]]


def test_a_design_has_no_best_point_to_confirm() -> None:
    table = made_table(20)
    heading = StudyHeading("a study", "20260102T030405-abcd", is_search=False)
    facts = heading_of(STUDY_FIGURES["convergence"](table, heading))[-2]
    assert table.best is not None
    assert facts.endswith(f"  ·  best {table.values[table.best]:.4g} in trial {table.numbers[table.best]}")
