"""Every mean, change and interval of a comparison of rules is where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import same_color
from matplotlib.container import ErrorbarContainer

from l5tui.analysis.rule_comparison import COMPARED, RuleEffect, rule_effects
from l5tui.config.populations import POPULATIONS
from l5tui.figures.output import png_bytes
from l5tui.figures.rule_comparison import rule_comparison_figure
from l5tui.figures.style import COLOURS

RULES = ("none", "bcm", "oja")


@pytest.fixture
def effects() -> list[RuleEffect]:
    """Of three rules, with numbers of their own."""
    random = np.random.default_rng(2)
    return rule_effects({rule: random.uniform(0.1, 0.9, (2, 3, 5, 4)) for rule in RULES})


def levels(axes: Axes) -> dict[str, ErrorbarContainer]:
    found = {}
    for each in axes.containers:
        assert isinstance(each, ErrorbarContainer)
        found[str(each.get_label())] = each
    return found


def intervals(axes: Axes) -> list[tuple[float, float, float]]:
    lines = [each for each in axes.collections if isinstance(each, LineCollection)]
    return [
        (float(low[0]), float(low[1]), float(high[1])) for each in lines for low, high in each.get_segments()
    ]


def test_levels_and_changes(effects: list[RuleEffect]) -> None:
    axes = rule_comparison_figure(effects, "my $x$", "facts").axes
    assert [each.get_ylabel() for each in axes[::2]] == list(COMPARED)
    for left, right, measure in zip(axes[::2], axes[1::2], COMPARED, strict=True):
        drawn = levels(left)
        points = {str(line.get_label()): line for line in right.get_lines()}
        spans = {round(place, 6): (low, high) for place, low, high in intervals(right)}
        assert len(drawn) == len(RULES) * 4 * 2
        assert len(spans) == (len(RULES) - 1) * 4
        for effect in (each for each in effects if each.measure == measure):
            label = f"{effect.population} {effect.rule}"
            colour = next(COLOURS[each] for each in POPULATIONS if each == effect.population)
            before, after = (drawn[f"{label} {condition}"].lines[0] for condition in ("before", "after"))
            assert float(np.ravel(before.get_ydata())[0]) == effect.before
            assert float(np.ravel(after.get_ydata())[0]) == effect.after
            assert float(np.ravel(before.get_xdata())[0]) < float(np.ravel(after.get_xdata())[0])
            assert same_color(after.get_markerfacecolor(), colour)
            assert same_color(before.get_markerfacecolor(), "white")
            if effect.rule == "none":
                assert label not in points
                continue
            place, change = (float(np.ravel(each)[0]) for each in points[label].get_data())
            assert change == effect.effect
            assert spans[round(place, 6)] == (effect.low, effect.high)
            assert same_color(points[label].get_color(), colour)


def test_rules_are_named_below(effects: list[RuleEffect]) -> None:
    figure = rule_comparison_figure(effects, "my $x$", "facts")
    names = [label.get_text() for label in figure.axes[-2].get_xticklabels()]
    assert names == list(RULES) * 4
    assert [label.get_text() for label in figure.axes[-1].get_xticklabels()] == ["bcm", "oja"] * 4
    assert figure.get_suptitle() == "my $x$: learning rules compared"
    assert any(text.get_text() == "facts" for text in figure.texts)
    assert png_bytes(figure).startswith(b"\x89PNG")


def test_what_is_not_defined_is_marked(effects: list[RuleEffect]) -> None:
    nan = float("nan")
    effects = [
        replace(each, after=nan, effect=nan, low=nan, high=nan)
        if (each.rule, each.measure, each.population) == ("oja", "DS", "CC")
        else replace(each, low=nan, high=nan)
        for each in effects
    ]
    axes = rule_comparison_figure(effects, "x", "facts").axes
    assert all(intervals(each) == [] for each in axes[1::2])
    marks = [sum(text.get_text() == "n/a" for text in each.texts) for each in axes]
    assert marks == [0, 0, 1, 1, 0, 0]
