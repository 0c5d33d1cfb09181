"""Bars of the loss add up to it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from l5tui.analysis.loss import LOSS_TERMS, loss_contributions
from l5tui.figures.loss import FORMULAS, loss_figure


def bars(axes: Axes) -> dict[str, float]:
    """Length of each bar by the label that it stands at, formula only."""
    labels = [label.get_text().partition("  (")[0] for label in axes.get_yticklabels()]
    return {labels[round(bar.get_y() + bar.get_height() / 2)]: bar.get_width() for bar in axes.patches}  # type: ignore[attr-defined]


def test_each_bar_is_what_its_term_adds(stored: xr.Dataset) -> None:
    (axes,) = loss_figure(stored).axes
    terms = {name: float(stored["loss_terms"].sel(loss_term=name)) for name in LOSS_TERMS}
    drawn = bars(axes)
    added = loss_contributions(terms)
    assert drawn == pytest.approx(
        {**{FORMULAS[name]: added[name] for name in LOSS_TERMS}, "loss, signed": stored.attrs["loss"]}
    )
    assert sum(length for label, length in drawn.items() if label != "loss, signed") == pytest.approx(
        drawn["loss, signed"]
    )


def test_a_term_that_is_not_defined_is_absent(stored: xr.Dataset) -> None:
    drawn = stored.copy(deep=True).assign_attrs(loss=np.nan)
    drawn["loss_terms"].loc[{"loss_term": "delta_DS"}] = np.nan
    (axes,) = loss_figure(drawn).axes
    assert FORMULAS["delta_DS"] not in bars(axes)
    assert "loss, signed" not in bars(axes)
    assert [text.get_position()[1] for text in axes.texts if text.get_text() == " n/a"] == [2, 5]


def test_the_form_of_the_loss_is_said(stored: xr.Dataset) -> None:
    figure = loss_figure(stored.assign_attrs(loss_form="absolute"))
    assert "absolute value" in "".join(text.get_text() for text in figure.texts)
    assert "loss, absolute" in bars(figure.axes[0])
