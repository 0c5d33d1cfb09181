"""Mean rates of the populations over time, one panel a direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from l5tui.analysis.courses import mean_and_spread
from l5tui.config.populations import POPULATIONS
from l5tui.figures.heading import add_heading, spread_note
from l5tui.figures.keys import onset_keys, population_keys
from l5tui.figures.panels import direction_panels, draw_course, frame_course, say_instead, skipped_note
from l5tui.figures.recorded import middle_steps_of, recorded
from l5tui.figures.style import COLOURS, Margins, print_style
from l5tui.figures.time_axis import label_time, step_note

if TYPE_CHECKING:
    import xarray as xr

MARGINS = Margins(left=15, right=4, bottom=22, top=25, between_columns=7, between_rows=8)


def rates_figure(dataset: xr.Dataset) -> Figure:
    """Draw the mean rate of each population over time, in each direction of motion.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run, with the variable ``rate_mean`` (realization, direction, time, population).

    Returns
    -------
    matplotlib.figure.Figure
        Lines, and bands of one standard deviation between realizations; learning's onset is marked.
    """
    with print_style():
        figure, panels = direction_panels(dataset, MARGINS, "time (steps)", "rate (a.u.)")
        rates = recorded(dataset, "rate_mean", "realization", "direction", "time", "population")
        if rates is None:
            for _, axes in panels:
                say_instead(axes, "Rates over time were not recorded.")
        else:
            steps = middle_steps_of(dataset)
            mean, spread = mean_and_spread(rates)
            for _, axes in panels:
                if axes.get_xlabel():
                    label_time(axes, dataset)
            for index, axes in panels:
                for column, name in enumerate(POPULATIONS):
                    draw_course(
                        axes, steps, mean[index, :, column], spread[index, :, column], COLOURS[name], name
                    )
                frame_course(axes, dataset)
            if not (mean < 0).any():
                panels[0][1].set_ylim(bottom=0)
        notes = [spread_note(dataset, "mean over neurons", "Bands"), *_sampling(dataset)]
        add_heading(figure, dataset, notes, [*population_keys(), *onset_keys(dataset)])
    return figure


def _sampling(dataset: xr.Dataset) -> list[str]:
    lengths = (dataset["last_step"] - dataset["first_step"] + 1).values
    if lengths.max() == 1:
        sampled = "Single steps, sampled along the run."
    else:
        sampled = f"Each point: mean over {lengths.min()} to {lengths.max()} steps, whole stimulus periods."
    return [" ".join(part for part in (sampled, step_note(dataset), *skipped_note(dataset)) if part)]
