"""What every figure says of its run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from l5tui.figures.style import FAINT, MM_PER_INCH, fit_width

if TYPE_CHECKING:
    import xarray as xr

LEFT_MM = 2.0
LINE_MM = 4.6


def run_name(dataset: xr.Dataset) -> str:
    """The experiment's name on one line."""
    return on_one_line(str(dataset.attrs["name"]))


def on_one_line(name: str) -> str:
    """A name without line breaks or anything that cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def run_facts(dataset: xr.Dataset) -> str:
    """Rule, variant and number of realizations."""
    count = int(dataset.attrs["realizations"])
    realizations = "1 realization" if count == 1 else f"{count} realizations"
    return f"rule {dataset.attrs['rule']}  ·  {dataset.attrs['variant']}  ·  {realizations}"


def spread_note(dataset: xr.Dataset, mean_of: str) -> str:
    """What values and error bars are."""
    if int(dataset.attrs["realizations"]) == 1:
        return f"Values: {mean_of}. One realization, so no error bars."
    return f"Values: {mean_of}, mean over realizations. Error bars: std of the realizations' means."


def add_heading(figure: Figure, dataset: xr.Dataset, notes: Sequence[str], keys: Sequence[Artist]) -> None:
    """Write name and facts above a figure, with its legend beside them, and notes and the run's id below.

    Parameters
    ----------
    figure : Figure
    dataset : xarray.Dataset
        A run, with the attributes ``name``, ``rule``, ``variant``, ``realizations`` and ``run_id``.
    notes : sequence of str
        One line each.
    keys : sequence of Artist
        Labelled samples for the legend.
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
    name, facts : str
    notes : sequence of str
        One line each.
    keys : sequence of Artist
        Labelled samples for the legend.
    """
    width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
    left, second_line = LEFT_MM / width, 1 - (2.0 + LINE_MM) / height
    title = figure.suptitle(
        name, x=left, y=1 - 2.0 / height, ha="left", va="top", fontsize=9.5, weight="bold"
    )
    fit_width(title, width - 3 * LEFT_MM)
    figure.text(left, second_line, facts, ha="left", va="top", fontsize=8.5)
    figure.legend(
        handles=list(keys),
        loc="upper right",
        bbox_to_anchor=(1 - LEFT_MM / width, second_line + 1.2 / height),
        ncols=len(keys),
        borderaxespad=0,
        borderpad=0.3,
    )
    figure.text(left, 1.5 / height, "\n".join(notes), ha="left", va="bottom", fontsize=7, color=FAINT)
