"""Importance of each parameter for the objective."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from l5tui.analysis.importance import FEWEST, Importance, importance
from l5tui.analysis.study_table import StudyTable
from l5tui.config.wording import one_line
from l5tui.figures.study.heading import TOP_MM, StudyHeading, add_study_heading, bottom_mm
from l5tui.figures.study.marks import say_in_panel
from l5tui.figures.style import FAINT, INK, Margins, new_figure, print_style, set_margins

BAR_MM = 7.0
MARGINS = Margins(left=62, right=6, bottom=bottom_mm(2, 10), top=TOP_MM - 3)


def importance_figure(table: StudyTable, heading: StudyHeading) -> Figure:
    """Draw each parameter's share in the part of the objective that a random forest predicts.

    Parameters
    ----------
    table : StudyTable
        Trials of the study.
    heading : StudyHeading
        Name, identifier and confirmed value of the study.

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each parameter, the most important at the top.
    """
    found = importance(table)
    with print_style():
        figure = new_figure(MARGINS.top + MARGINS.bottom + max(len(table.axes), 3) * BAR_MM)
        axes = figure.subplots()
        set_margins(figure, MARGINS)
        known = bool(np.isfinite(found.mean).all())
        order = np.argsort(-found.mean, kind="stable") if known else np.arange(len(table.axes))
        places = np.arange(len(table.axes))
        if known:
            spreads = found.spread[order]
            axes.barh(
                places,
                found.mean[order],
                0.6,
                # No part of a bar's doubt lies below nothing.
                xerr=[np.minimum(spreads, found.mean[order]), spreads],
                color=FAINT,
                error_kw={"ecolor": INK, "elinewidth": 0.9},
                label="importance",
            )
        else:
            say_in_panel(axes, _why_unknown(found))
        axes.set_yticks(places, [one_line(table.axes[row].label, 60).replace(" / ", "\n/ ") for row in order])
        axes.set_ylim(len(table.axes) - 0.4, -0.6)
        axes.set_xlim(0, max(1.0, 1.02 * float(np.max(found.mean + found.spread))) if known else 1.0)
        axes.set_xlabel("importance (shares of 1)")
        add_study_heading(figure, table, heading, _notes(found, known))
    return figure


def _why_unknown(found: Importance) -> str:
    if found.trials < FEWEST:
        return f"fewer than {FEWEST} trials with a value"
    return "nothing can be predicted from the parameters"


def _notes(found: Importance, known: bool) -> list[str]:
    if not known:
        return []
    explained = max(100 * found.explained, 0.0)
    return [
        "Rise of a random forest's error on held-out trials when a parameter's values are shuffled; bars: std over "
        "the held-out parts.",
        f"The forest predicts {explained:.0f} % of the variance of the ranks of {found.trials} trials, "
        "where the search has looked.",
    ]
