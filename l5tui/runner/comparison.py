"""Comparing runs: the parameters that differ, the measures side by side, and figures laid over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l5tui.analysis.caveats import unequal_realizations
from l5tui.analysis.comparison import differences, differing, side_by_side
from l5tui.config import Experiment
from l5tui.errors import UnsuitableRunError
from l5tui.runner.alteration import alteration
from l5tui.runner.output import write_files
from l5tui.runner.report import listing
from l5tui.runner.stored_run import existing_catalog, read_stored, stored_experiment, stored_tables
from l5tui.store.records import RunRecord
from l5tui.text import ESTIMATE_ENDINGS
from l5tui.tracking.flatten import Value, metrics_of, parameters_of
from l5tui.workspace import Workspace

MOST_RUNS = 6
"""More runs than that cannot be distinguished in one table or figure."""

DRAWN = ("selectivity", "rate_mean", "last_step")
"""Variables of a run's file that the figures show."""

SECTIONS = {
    "before": "Before learning",
    "after": "After learning",
    "loss": "Loss and its terms",
    "summary": "Summary",
}
"""Titles of the measures that people compare, by the first part of their names."""


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side.

    Parameters
    ----------
    records : tuple of RunRecord
        The runs, in the requested order; the others are compared with the first.
    parameters : dict of str to tuple
        Those that differ, by dotted key, one value a run.
    measures : dict of str to tuple of float
        All that the runs were measured by, under MLflow's names, one value a run; NaN where it is not defined.
    integrity : tuple of str
        Which files are not what their runs wrote, one line each.
    """

    records: tuple[RunRecord, ...]
    parameters: dict[str, tuple[Value | None, ...]]
    measures: dict[str, tuple[float, ...]]
    integrity: tuple[str, ...] = ()

    @property
    def caveats(self) -> tuple[str, ...]:
        """What limits the comparison, one line each; first which files are not what their runs wrote."""
        defined = (record.realizations for record in self.records if math.isfinite(record.loss))
        caveat = unequal_realizations(defined)
        return self.integrity + ((caveat,) if caveat else ())

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON object; what is not defined is null."""
        return {
            "caveats": list(self.caveats),
            "runs": [listing(record) for record in self.records],
            "parameters": {name: list(values) for name, values in self.parameters.items()},
            "measures": {
                name: {"values": _finite(values), "differences": _finite(differences(values))}
                for name, values in self.measures.items()
            },
        }

    def sections(self) -> dict[str, list[str]]:
        """Return the measures that are worth a line, by the title of their table: means, and no single blocks."""
        sections: dict[str, list[str]] = {}
        for name in self.measures:
            title = SECTIONS.get(name.partition("/")[0])
            if (
                title
                and name.count(".") < 2
                and "_vector" not in name
                and not name.endswith(ESTIMATE_ENDINGS)
            ):
                sections.setdefault(title, []).append(name)
        return {title: sections[title] for title in SECTIONS.values() if title in sections}

    def rows(self) -> list[Sequence[object]]:
        """Return the comparison as rows of a table, the first of them its heading."""
        ids = [record.id for record in self.records]
        heading = ["kind", "name", *ids, *(f"{each} - {ids[0]}" for each in ids[1:])]
        blank = [""] * (len(ids) - 1)
        parameters = [["parameter", name, *values, *blank] for name, values in self.parameters.items()]
        measures = [
            ["measure", name, *_finite(values), *_finite(differences(values)[1:])]
            for name, values in self.measures.items()
        ]
        return [heading, *parameters, *measures]


def compare_runs(workspace: Workspace, references: Sequence[str]) -> Comparison:
    """Put runs side by side.

    Parameters
    ----------
    workspace : Workspace
    references : sequence of str
        Two to six runs, as `l5tui.runner.history.show_run` finds them.

    Raises
    ------
    UnknownRunError
        Where one cannot be found.
    UnsuitableRunError
        Where there are too few or too many, one comes twice, or has no measures.
    ConfigError
        Where the parameters of one cannot be read any more.
    """
    if not 2 <= len(references) <= MOST_RUNS:
        raise UnsuitableRunError(f"{len(references)} given; compare 2 to {MOST_RUNS} runs")
    catalog = existing_catalog(workspace)
    records = tuple(catalog.find(reference) for reference in references)
    ids = [record.id for record in records]
    for each in ids:
        if ids.count(each) > 1:
            raise UnsuitableRunError(f"run {each} is given more than once; name each run once")
    measures = side_by_side([metrics_of(stored_tables(catalog, record)) for record in records])
    return Comparison(
        records,
        differing([parameters_of(stored_experiment(record)) for record in records]),
        {name: tuple(_defined(value) for value in values) for name, values in measures.items()},
        tuple(text for record in records if (text := alteration(record, workspace))),
    )


def changes_from_default(record: RunRecord) -> dict[str, tuple[Value | None, ...]]:
    """Return the parameters of a run that are not those of the default experiment.

    Returns
    -------
    dict of str to tuple
        By dotted key: the default's value and the run's.

    Raises
    ------
    ConfigError
        Where the run's parameters cannot be read any more.
    """
    return differing([parameters_of(Experiment()), parameters_of(stored_experiment(record))])


def draw_comparison(comparison: Comparison, workspace: Workspace, folder: Path) -> list[Path]:
    """Draw the compared runs over each other.

    Parameters
    ----------
    comparison : Comparison
    workspace : Workspace
    folder : Path
        Made where it is not there; figures of earlier comparisons in it are replaced.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UnsuitableRunError, StoreError
        Where a run's file is gone or damaged.
    OutputError
        Where the figures cannot be written.
    """
    from l5tui.figures.comparison import comparison_figures
    from l5tui.figures.output import png_bytes

    datasets = [read_stored(record, workspace, DRAWN) for record in comparison.records]
    figures = comparison_figures(datasets)
    return write_files(folder, {f"{name}.png": png_bytes(figure) for name, figure in figures.items()})


def _defined(value: float | None) -> float:
    return math.nan if value is None else value


def _finite(values: Sequence[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]
