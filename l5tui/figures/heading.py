"""Heading, legend and notes of a run's figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from l5tui.figures.style import FAINT, MM_PER_INCH, fit_width, shrink_to_width

if TYPE_CHECKING:
    import xarray as xr

LEFT_MM = 2.0
LINE_MM = 4.6
KEYS_BESIDE = 3
"""Number of legend entries that fit beside the run's facts; more of them have a line of their own."""


def run_name(dataset: xr.Dataset) -> str:
    """Return the experiment's name on one line.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the attribute ``name``.

    Returns
    -------
    str
    """
    return on_one_line(str(dataset.attrs["name"]))


def on_one_line(name: str) -> str:
    """Return a name without line breaks and unprintable characters.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def run_facts(dataset: xr.Dataset) -> str:
    """Return rule, variant, and the number of realizations with the number that diverged.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the attributes ``rule``, ``variant``, ``realizations`` and, optionally, ``summary``.

    Returns
    -------
    str
        One line.
    """
    count = int(dataset.attrs["realizations"])
    realizations = "1 realization" if count == 1 else f"{count} realizations"
    if diverged := json.loads(dataset.attrs.get("summary", "{}")).get("diverged"):
        realizations += f", {diverged} of which diverged" if count > 1 else ", which diverged"
    return f"rule {dataset.attrs['rule']}  ·  {dataset.attrs['variant']}  ·  {realizations}"


def spread_note(dataset: xr.Dataset, mean_of: str, marks: str = "Error bars") -> str:
    """Return a note that defines the values and the error bars, or bands, of a figure.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the attribute ``realizations``.
    mean_of : str
        Description of a realization's value, such as ``mean over neurons``.
    marks : str, optional
        Name of the marks that show the standard deviation between realizations.

    Returns
    -------
    str
        One or two sentences.
    """
    if int(dataset.attrs["realizations"]) == 1:
        return f"Values: {mean_of}. One realization, so no {marks.lower().replace(' and ', ' or ')}."
    return f"Values: {mean_of}, mean over realizations. {marks}: std of the realizations' means."


def add_heading(figure: Figure, dataset: xr.Dataset, notes: Sequence[str], keys: Sequence[Artist]) -> None:
    """Write name and facts above a figure, with its legend beside or below them, and notes and the run's id below.

    Parameters
    ----------
    figure : Figure
        Figure that is changed in place.
    dataset : xarray.Dataset
        A run, with the attributes ``name``, ``rule``, ``variant``, ``realizations`` and ``run_id``.
    notes : sequence of str
        One line each.
    keys : sequence of Artist
        Labelled samples for the legend; four and more stand below the facts and need a top margin of 25 mm.
    """
    lines = [*notes, f"Run {dataset.attrs['run_id']}"] if dataset.attrs.get("run_id") else list(notes)
    write_heading(figure, run_name(dataset), run_facts(dataset), lines, keys)


def write_heading(
    figure: Figure, name: str, facts: str, notes: Sequence[str], keys: Sequence[Artist]
) -> None:
    """Write two lines above a figure, with its legend beside the second, and notes below.

    Parameters
    ----------
    figure : Figure
        Figure that is changed in place.
    name, facts : str
        First and second line.
    notes : sequence of str
        One line each.
    keys : sequence of Artist
        Labelled samples for the legend; four and more stand below the facts.
    """
    width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
    left, second_line = LEFT_MM / width, 1 - (2.0 + LINE_MM) / height
    title = figure.suptitle(
        name, x=left, y=1 - 2.0 / height, ha="left", va="top", fontsize=9.5, weight="bold"
    )
    fit_width(title, width - 3 * LEFT_MM)
    shrink_to_width(
        figure.text(left, second_line, facts, ha="left", va="top", fontsize=8.5), width - 2 * LEFT_MM
    )
    beside = len(keys) <= KEYS_BESIDE
    if keys:
        figure.legend(
            handles=list(keys),
            loc="upper right" if beside else "upper left",
            bbox_to_anchor=(
                (1 - left, second_line + 1.2 / height)
                if beside
                else (left, second_line - (LINE_MM - 0.4) / height)
            ),
            ncols=len(keys),
            borderaxespad=0,
            borderpad=0.3 if beside else 0,
            columnspacing=1.6,
        )
    figure.text(left, 1.5 / height, "\n".join(notes), ha="left", va="bottom", fontsize=7, color=FAINT)
