"""Selectivity before and after learning under every rule, and the effect of each rule against the control."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.analysis.rule_comparison import COMPARED, RuleEffect
from l5tui.config.populations import POPULATIONS
from l5tui.config.rules import CONTROL
from l5tui.figures.heading import LEFT_MM, LINE_MM
from l5tui.figures.style import (
    COLOURS,
    FAINT,
    INK,
    MM_PER_INCH,
    Margins,
    fit_width,
    mark_undefined,
    new_figure,
    print_style,
    set_margins,
)

TITLES = {
    "OS": "Orientation selectivity",
    "DS": "Direction selectivity",
    "OS_p": "Preferred against orthogonal",
}
HEIGHT_MM = 185.0
MARGINS = Margins(left=16, right=3, bottom=33, top=23, between_columns=19, between_rows=15)
TITLE_PAD = 14.0
"""Points between a panel and its title, which leave room for the names of the populations."""

GAP = 0.8
"""Extra room between populations, in units of a rule's own."""


def rule_comparison_figure(effects: Sequence[RuleEffect], name: str, facts: str) -> Figure:
    """Draw a comparison of rules.

    Parameters
    ----------
    effects : sequence of RuleEffect
        Of every rule, measure and population, the control among them.
    name : str
        Name of the experiment.
    facts : str
        The condition, on one line.

    Returns
    -------
    matplotlib.figure.Figure
        A row a measure. Left: before (hollow) and after (filled), mean and standard deviation of the realizations'
        means. Right: the change against the control, with its paired t interval.
    """
    rules = list(dict.fromkeys(effect.rule for effect in effects))
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(len(COMPARED), 2)
        set_margins(figure, MARGINS)
        for (left, right), measure in zip(panels, COMPARED, strict=True):
            shown = [effect for effect in effects if effect.measure == measure]
            _draw_levels(left, shown, rules)
            learning = [rule for rule in rules if rule != CONTROL]
            _draw_effects(right, [each for each in shown if each.rule != CONTROL], learning)
            left.set_title(TITLES[measure], pad=TITLE_PAD)
            left.set_ylabel(measure)
            right.set_title("Change against the control", pad=TITLE_PAD)
            right.set_ylabel(f"change of {measure}")
            last = measure == COMPARED[-1]
            _label(left, rules, named=last)
            _label(right, learning, named=last)
        _add_heading(figure, name, facts)
    return figure


def _places(rules: Sequence[str]) -> dict[tuple[str, str], float]:
    return {
        (population, rule): group * (len(rules) + GAP) + number
        for group, population in enumerate(POPULATIONS)
        for number, rule in enumerate(rules)
    }


def _draw_levels(axes: Axes, effects: Sequence[RuleEffect], rules: Sequence[str]) -> None:
    places = _places(rules)
    for effect in effects:
        place, colour = places[effect.population, effect.rule], COLOURS[effect.population]  # type: ignore[index]
        if not np.isfinite(effect.after):
            mark_undefined(axes, place)
            continue
        for shift, mean, spread, condition in (
            (-0.18, effect.before, effect.before_std, "before"),
            (0.18, effect.after, effect.after_std, "after"),
        ):
            axes.errorbar(
                place + shift,
                mean,
                yerr=spread if spread > 0 else None,
                marker="o",
                markersize=3.2,
                markerfacecolor="white" if condition == "before" else colour,
                markeredgecolor=colour,
                ecolor=colour,
                elinewidth=0.6,
                capsize=1.0,
                label=f"{effect.population} {effect.rule} {condition}",
            )


def _draw_effects(axes: Axes, effects: Sequence[RuleEffect], rules: Sequence[str]) -> None:
    places = _places(rules)
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1)
    for effect in effects:
        place, colour = places[effect.population, effect.rule], COLOURS[effect.population]  # type: ignore[index]
        if not np.isfinite(effect.effect):
            mark_undefined(axes, place)
            continue
        if np.isfinite([effect.low, effect.high]).all():
            axes.vlines(
                place,
                effect.low,
                effect.high,
                color=colour,
                linewidth=1.2,
                label=f"{effect.population} interval",
            )
        axes.plot(
            place,
            effect.effect,
            marker="D",
            markersize=3.6,
            color=colour,
            linestyle="none",
            label=f"{effect.population} {effect.rule}",
        )


def _label(axes: Axes, rules: Sequence[str], *, named: bool) -> None:
    places = _places(rules)
    names = [rule if named else "" for _, rule in places]
    axes.set_xticks(list(places.values()), names, rotation=90, fontsize=6.5)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.9, max(places.values()) + 0.9)
    for population in POPULATIONS:
        middle = np.mean([place for (each, _), place in places.items() if each == population])
        axes.text(
            float(middle),
            1.0,
            population,
            ha="center",
            va="bottom",
            color=COLOURS[population],
            fontsize=7,
            weight="bold",
            transform=axes.get_xaxis_transform(),
        )


def _add_heading(figure: Figure, name: str, facts: str) -> None:
    width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
    left = LEFT_MM / width
    printable = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    title = figure.suptitle(
        f"{printable}: learning rules compared",
        x=left,
        y=1 - 2.0 / height,
        ha="left",
        va="top",
        fontsize=9.5,
        weight="bold",
    )
    fit_width(title, width - 3 * LEFT_MM)
    text = figure.text(left, 1 - (2.0 + LINE_MM) / height, facts, ha="left", va="top", fontsize=8.5)
    fit_width(text, width - 3 * LEFT_MM)
    notes = (
        "Left: mean over realizations, hollow before and filled after learning; error bars: std of the realizations' "
        "means.\nRight: mean change of a realization less that of the same realization without learning; lines: paired "
        "95 % Student t interval over realizations."
    )
    figure.text(left, 1.5 / height, notes, ha="left", va="bottom", fontsize=7, color=FAINT)
    figure.legend(
        handles=[
            Line2D([], [], marker="o", markerfacecolor="white", color=INK, linestyle="none", label="before"),
            Line2D([], [], marker="o", color=INK, linestyle="none", label="after"),
            Line2D([], [], marker="D", color=INK, linewidth=1.2, label="change and its interval"),
        ],
        loc="lower left",
        bbox_to_anchor=(left, 9.0 / height),
        ncols=3,
        borderaxespad=0,
    )
