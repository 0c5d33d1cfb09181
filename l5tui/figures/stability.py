"""Stability of the network: spectral abscissa over time, and eigenvalues of W."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.analysis.courses import mean_and_spread
from l5tui.analysis.eigenvalues import eigenvalues
from l5tui.analysis.statistics import defined_mean
from l5tui.figures.heading import add_heading
from l5tui.figures.keys import onset_keys
from l5tui.figures.panels import draw_course, frame_course, say_instead
from l5tui.figures.recorded import directions_of, recorded, steps_of
from l5tui.figures.style import FAINT, INK, Margins, new_figure, print_style, set_margins
from l5tui.figures.time_axis import label_time
from l5tui.model.arrays import FloatArray

if TYPE_CHECKING:
    import xarray as xr

HEIGHT_MM = 105.0
MARGINS = Margins(left=15, right=4, bottom=25, top=25, between_columns=16)
MOST_NEURONS: Final = 1000
"""Neurons up to which all eigenvalues are computed, in a second or so."""

LEAST_RANGE: Final = 0.1
"""Smallest range of the abscissa that is drawn: rounding should not look like a change."""

DOTS: Final[dict[str, dict[str, Any]]] = {
    "before": {
        "color": "#A0A0A0",
        "marker": "o",
        "markersize": 5.0,
        "linestyle": "none",
        "markeredgewidth": 0,
    },
    "after": {"color": INK, "marker": "o", "markersize": 2.4, "linestyle": "none", "markeredgewidth": 0},
}
"""The later ones are smaller, so that both are seen where they lie on each other."""


def stability_figure(dataset: xr.Dataset) -> Figure:
    """Draw the spectral abscissa over time, and the eigenvalues of W before and after learning.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variables ``spectral_abscissa`` (realization, direction, time), ``final_abscissa``
        (realization, direction), ``steps`` (realization), ``initial_weights``
        (realization, post_neuron, pre_neuron) and ``final_weights`` (realization, direction, post_neuron,
        pre_neuron).

    Returns
    -------
    matplotlib.figure.Figure
        Eigenvalues are those of the first realization, after learning in the first direction.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        left, right = figure.subplots(1, 2)
        set_margins(figure, MARGINS)
        left.set_title("Spectral abscissa of W")
        right.set_title(f"Eigenvalues of W, realization 1, {directions_of(dataset)[0]:g}°")
        caption = _draw_abscissa(left, dataset)
        low, high = left.get_ylim()
        if high - low < LEAST_RANGE:
            left.set_ylim((low + high - LEAST_RANGE) / 2, (low + high + LEAST_RANGE) / 2)
        _draw_plane(right, dataset)
        notes = [
            caption,
            "Without a stimulus, a network whose rates follow W r linearly is stable where every real part is below 1.",
        ]
        add_heading(figure, dataset, [note for note in notes if note], [*_keys(), *onset_keys(dataset)])
    return figure


def _draw_abscissa(axes: Axes, dataset: xr.Dataset) -> str:
    """Draw the panel; gives what there is to say of its values."""
    label_time(axes, dataset)
    axes.set_ylabel("largest real part")
    values = recorded(dataset, "spectral_abscissa", "realization", "direction", "time")
    # Files of earlier versions have no final abscissa, and that of their last time is of W after the last step.
    final = recorded(dataset, "final_abscissa", "realization", "direction")
    if values is None and final is None:
        say_instead(axes, 'The spectral abscissa was not recorded (recording.abscissa = "none").')
        return ""
    _mark_limit(axes, horizontal=True)
    steps = steps_of(dataset)
    several = int(dataset.attrs["realizations"]) > 1
    by_realization = np.full((1, 1), np.nan) if values is None else defined_mean(values, 1)
    if _is_course(by_realization):
        moments = np.flatnonzero(np.isfinite(by_realization).any(axis=0))
        mean, spread = mean_and_spread(by_realization)
        draw_course(axes, steps[moments], mean[moments], spread[moments], INK, "abscissa")
        frame_course(axes, dataset)
        if several:
            return "Abscissa: mean over directions and realizations. Band: std of the realizations' means."
        return "Abscissa: mean over directions. One realization, so no band."
    if final is None:
        ends = np.array([_last(row) for row in by_realization])
        reached = np.array([steps[_last_index(row)] for row in by_realization])
    else:
        ends, reached = defined_mean(final, 1), dataset["steps"].values
    axes.plot(np.zeros(len(ends)), np.ones(len(ends)), label="before", **DOTS["before"])
    axes.plot(reached, ends, label="after", **DOTS["after"])
    frame_course(axes, dataset)
    reach = axes.get_xlim()[1]
    axes.set_xlim(-0.05 * reach, 1.05 * reach)
    return "Abscissa: mean over directions, a dot each realization; recorded at the end only, 1 at first by scaling."


def _is_course(by_realization: FloatArray) -> bool:
    """Whether a realization has more than one value."""
    return bool((np.isfinite(by_realization).sum(axis=1) > 1).any())


def _last_index(row: FloatArray) -> int:
    defined = np.flatnonzero(np.isfinite(row))
    return int(defined[-1]) if defined.size else -1


def _last(row: FloatArray) -> float:
    return float(row[_last_index(row)])


def _draw_plane(axes: Axes, dataset: xr.Dataset) -> None:
    axes.set_xlabel("real part")
    axes.set_ylabel("imaginary part")
    if why := _not_drawn(dataset):
        say_instead(axes, why)
        return
    first = dataset.isel(realization=0)
    clouds = {
        "before": eigenvalues(first["initial_weights"].transpose("post_neuron", "pre_neuron").values),
        "after": eigenvalues(
            first["final_weights"].isel(direction=0).transpose("post_neuron", "pre_neuron").values
        ),
    }
    axes.axhline(0, color=FAINT, linewidth=0.4, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=0.4, zorder=0)
    _mark_limit(axes, horizontal=False)
    axes.plot(clouds["before"].real, clouds["before"].imag, label="before", **DOTS["before"])
    if clouds["after"].size:
        axes.plot(clouds["after"].real, clouds["after"].imag, label="after", **DOTS["after"])
    else:
        axes.set_title("Eigenvalues of W before; after: it diverged")
    axes.set_aspect("equal", adjustable="datalim")


def _not_drawn(dataset: xr.Dataset) -> str:
    """Why there are no eigenvalues to draw; empty where there are."""
    if missing := [name for name in ("initial_weights", "final_weights") if name not in dataset]:
        return (
            f"No eigenvalues: {' and '.join(missing)} not in the file, or too large to be read for a figure."
        )
    if (neurons := dataset.sizes["post_neuron"]) > MOST_NEURONS:
        return f"Eigenvalues are drawn of up to {MOST_NEURONS:,} neurons; this network has {neurons:,}."
    return "" if neurons else "There are no neurons."


def _mark_limit(axes: Axes, *, horizontal: bool) -> None:
    line = axes.axhline if horizontal else axes.axvline
    line(1.0, color=INK, linewidth=0.8, linestyle="--", label="limit", zorder=1)


def _keys() -> list[Line2D]:
    return [
        *(Line2D([], [], label=f"{condition} learning", **style) for condition, style in DOTS.items()),
        Line2D([], [], color=INK, linewidth=0.8, linestyle="--", label="limit of stability"),
    ]
