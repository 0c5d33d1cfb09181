"""Maps of weights: distances of the 16 blocks from their targets, and every pair of neurons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from l5tui.analysis.layout import layout_of
from l5tui.analysis.statistics import defined_mean
from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading
from l5tui.figures.panels import say_instead
from l5tui.figures.recorded import recorded
from l5tui.figures.style import INK, Margins, new_figure, print_style, set_margins
from l5tui.model.arrays import FloatArray
from l5tui.model.layout import Layout

if TYPE_CHECKING:
    import xarray as xr

HEIGHT_MM = 175.0
MARGINS = Margins(left=16, right=25, bottom=25, top=20, between_columns=34, between_rows=18)
SHOWN_PART: Final = 95
"""Percentage of the weights inside the colour range; larger weights are clipped to its end."""

LEAST_SHARE: Final = 0.05
"""Part of all neurons from which a population's name has room at the side of the matrix."""

RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

DARK: Final = 0.6
"""Part of the colours' range from which letters on them are white."""


def weight_maps_figure(dataset: xr.Dataset) -> Figure:
    """Draw final minus target weight of each block, and the weight matrix before, after, and the change.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variables ``block_weights`` (quantity, statistic, post, pre), ``initial_weights``
        (realization, post_neuron, pre_neuron) and ``final_weights`` (realization, direction, post_neuron,
        pre_neuron).

    Returns
    -------
    matplotlib.figure.Figure
        Rows are presynaptic, columns postsynaptic (from ↓ to →), as in the configuration; the matrices are those
        of the first realization, after learning as a mean over directions.
    """
    with print_style():
        figure = new_figure(HEIGHT_MM)
        panels = figure.subplots(2, 2).ravel()
        set_margins(figure, MARGINS)
        titles = ("Final − target", "W before learning", "W after learning", "Change of W")
        for axes, title in zip(panels, titles, strict=True):
            axes.set_title(title)
            axes.set_xlabel("to (postsynaptic)")
            axes.set_ylabel("from (presynaptic)")
            axes.spines[:].set_visible(True)
        _draw_blocks(panels[0], dataset)
        _draw_matrices(list(panels[1:]), dataset)
        notes = [
            "Blocks: mean over all pairs, directions and realizations. W: realization 1; after learning, mean over "
            "directions.",
            f"Colours of W end where {SHOWN_PART} % of the weights that are not 0 lie; larger ones look the same.",
        ]
        add_heading(figure, dataset, notes, [])
    return figure


def _draw_blocks(axes: Axes, dataset: xr.Dataset) -> None:
    final, target = (
        recorded(dataset, "block_weights", "post", "pre", quantity=quantity, statistic="mean")
        for quantity in ("final", "target")
    )
    if final is None or target is None:
        say_instead(axes, "Mean weights of the blocks after learning were not recorded.")
        return
    excess = (final - target).T
    limit = _limit(excess, 100)
    _draw_image(axes, excess, limit, "weight")
    power = math.floor(math.log10(limit)) - 1
    axes.set_title(f"Final − target (in 10{str(power).translate(RAISED)})")
    for row, column in np.ndindex(excess.shape):
        value = excess[row, column] / 10.0**power
        axes.text(
            column,
            row,
            f"{value:+.2g}".replace("-", "−") if np.isfinite(value) else "n/a",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if abs(value) > DARK * limit / 10.0**power else INK,
        )
    axes.set_xticks(range(len(POPULATIONS)), POPULATIONS)
    axes.set_yticks(range(len(POPULATIONS)), POPULATIONS)
    axes.tick_params(length=0)


def _draw_matrices(panels: list[Axes], dataset: xr.Dataset) -> None:
    initial, final = _first_circuit(dataset)
    shown = [each for each in (initial, final) if each is not None]
    limit = max((_limit(each, SHOWN_PART) for each in shown), default=1.0)
    layout = layout_of(dataset)
    for axes, matrix, when in zip(panels[:2], (initial, final), ("before", "after"), strict=True):
        if matrix is None:
            say_instead(axes, _missing(dataset, when))
        else:
            _draw_image(axes, matrix.T, limit, "weight")
            _draw_borders(axes, layout)
    if initial is None or final is None:
        say_instead(panels[2], _missing(dataset, "before" if initial is None else "after"))
        return
    change = final - initial
    _draw_image(panels[2], change.T, _limit(change, SHOWN_PART), "change of weight")
    _draw_borders(panels[2], layout)


def _first_circuit(dataset: xr.Dataset) -> tuple[FloatArray | None, FloatArray | None]:
    """W of the first realization before learning, and after it as a mean over directions."""
    first = dataset.isel(realization=slice(0, 1))
    initial = recorded(first, "initial_weights", "realization", "post_neuron", "pre_neuron")
    final = recorded(first, "final_weights", "realization", "direction", "post_neuron", "pre_neuron")
    return (
        None if initial is None else initial[0],
        None if final is None else defined_mean(final[0], 0),
    )


def _missing(dataset: xr.Dataset, when: str) -> str:
    name = "initial_weights" if when == "before" else "final_weights"
    if name in dataset:
        return f"No weight {when} learning is finite: realization 1 diverged."
    return f"W {when} learning is not in the file, or too large to be read for a figure."


def _limit(values: FloatArray, part: float) -> float:
    """Where the colours end, to both sides of 0."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    return float(np.percentile(sizes, part)) if sizes.size else 1.0


def _draw_image(axes: Axes, values: FloatArray, limit: float, label: str) -> None:
    image = axes.imshow(values, vmin=-limit, vmax=limit, origin="upper", label=label)
    figure = axes.get_figure(root=True)
    assert figure is not None
    ends: Literal["both", "neither"] = "both" if np.nanmax(np.abs(values)) > limit else "neither"
    bar = figure.colorbar(image, cax=axes.inset_axes((1.04, 0.0, 0.05, 1.0)), label=label, extend=ends)
    bar.outline.set_linewidth(0.5)
    bar.ax.locator_params(nbins=5)


def _draw_borders(axes: Axes, layout: Layout) -> None:
    """Lines between populations, and their names where there is room."""
    neurons = layout.neurons
    edges = np.cumsum(layout.sizes)[:-1] - 0.5
    edges = np.unique(edges[(edges > 0) & (edges < neurons - 1)])
    across = [[(edge, -0.5), (edge, neurons - 0.5)] for edge in edges]
    down = [[(-0.5, edge), (neurons - 0.5, edge)] for edge in edges]
    axes.add_collection(LineCollection([*across, *down], colors=INK, linewidths=0.5, label="borders"))
    slices = [layout.slice_of(index) for index in range(len(POPULATIONS))]
    named = [index for index, size in enumerate(layout.sizes) if size >= LEAST_SHARE * neurons and size]
    middles = [(slices[index].start + slices[index].stop - 1) / 2 for index in named]
    names = [POPULATIONS[index] for index in named]
    axes.set_xticks(middles, names)
    axes.set_yticks(middles, names)
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, neurons - 0.5)
    axes.set_ylim(neurons - 0.5, -0.5)
