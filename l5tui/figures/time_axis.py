"""Axes of time: in seconds where the length of a step is known, else in steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

if TYPE_CHECKING:
    import xarray as xr

MOST_TICKS = 6
ROUND = (1.0, 2.0, 5.0, 10.0)


def step_seconds(dataset: xr.Dataset) -> float | None:
    """Return the length of a time step in seconds; None in files of versions that did not store it.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the attribute ``step_ms``, or those of the stimulus's frequency in both units.

    Returns
    -------
    float or None
        In seconds.
    """
    attributes = dataset.attrs
    if "step_ms" in attributes:
        return float(attributes["step_ms"]) / 1000
    radians, hertz = (attributes.get(name) for name in ("radians_per_step", "temporal_frequency_hz"))
    return float(radians) / (2 * math.pi * float(hertz)) if radians and hertz else None


def label_time(axes: Axes, *datasets: xr.Dataset) -> None:
    """Label an x axis whose data are steps of the first dataset: in seconds where the length of a step is known.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Limited to what it shows.
    datasets : xarray.Dataset
    """
    seconds = [step_seconds(dataset) for dataset in datasets]
    if (step := seconds[0]) is None or None in seconds:
        axes.set_xlabel("time (steps)")
        return
    axes.set_xlabel("time (s)")
    span = max(
        int(dataset["last_step"].max()) * scale
        for dataset, scale in zip(datasets, scales(datasets), strict=True)
    )
    tick = _tick(span * step)
    axes.xaxis.set_major_locator(MultipleLocator(tick / step))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value * step / tick) * tick:.6g}"))


def scales(datasets: Sequence[xr.Dataset]) -> list[float]:
    """Return the length of each dataset's step in steps of the first one; 1 where lengths are not known.

    Parameters
    ----------
    datasets : sequence of xarray.Dataset
        Runs.

    Returns
    -------
    list of float
    """
    seconds = [step_seconds(dataset) for dataset in datasets]
    first = seconds[0]
    return [each / first if each and first else 1.0 for each in seconds]


def step_note(dataset: xr.Dataset) -> str:
    """Return the length of a step as a sentence; empty where it is not known.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    str
    """
    step = step_seconds(dataset)
    return f"A time step is {1000 * step:.6g} ms." if step else ""


def _tick(span: float) -> float:
    """Return a round interval, in seconds, between at most `MOST_TICKS` ticks."""
    power = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    return next(power * each for each in ROUND if span / (power * each) <= MOST_TICKS)
