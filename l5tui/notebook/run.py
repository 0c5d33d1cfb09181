"""A stored run in Python: its measures, its arrays, its figures."""

from __future__ import annotations

import html
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from l5tui.config import POPULATIONS, Experiment
from l5tui.errors import UnsuitableRunError
from l5tui.notebook import markup
from l5tui.runner.alteration import alteration
from l5tui.runner.figures import figure_of
from l5tui.runner.report import RunReport
from l5tui.runner.stored_run import read_stored, stored_experiment, stored_file
from l5tui.runner.weights import weights_at
from l5tui.text import number
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

    from l5tui.model.arrays import FloatArray


class Run:
    """A stored run; its data are read from the workspace at first use.

    Parameters
    ----------
    report : RunReport

    Attributes
    ----------
    id, name, status, rule : str
    loss : float
        The loss; NaN if it is undefined.
    warnings : tuple of str
        Problems that do not invalidate the run.
    """

    id: str
    name: str
    rule: str
    status: str
    loss: float
    warnings: tuple[str, ...]

    def __init__(self, report: RunReport) -> None:
        record = report.record
        self.id, self.name, self.rule = record.id, record.name, record.rule
        self.status, self.loss = str(record.status), record.loss
        self.warnings = report.warnings
        self._report = report

    @property
    def workspace(self) -> Workspace:
        """The workspace of the run."""
        return self._report.workspace

    @property
    def file(self) -> Path:
        """The NetCDF file.

        Raises
        ------
        UnsuitableRunError
            If the run has no file.
        """
        return stored_file(self._report.record, self._report.workspace)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment of the run."""
        return stored_experiment(self._report.record)

    @cached_property
    def summary(self) -> pd.Series[float]:
        """The loss, its terms, contrasts between CS and CC, and counts of realizations, by name."""
        import pandas as pd

        tables = self._report.tables
        if tables is None:
            raise UnsuitableRunError(f"run {self.id} is {self.status} and has no measures; choose another")
        values = {"loss": tables.loss, **tables.loss_terms, **tables.summary}
        return pd.Series(values, name=self.id, dtype=float)

    @property
    def selectivity(self) -> xr.DataArray:
        """Rates and selectivity, with the dimensions condition, measure, statistic and population."""
        return self["selectivity"]

    @property
    def rates(self) -> xr.DataArray:
        """Rates, with the dimensions realization, direction, time and neuron, in the model's own unit.

        Raises
        ------
        StoreError
            If they were not recorded (``recording.rates = "none"``); ``run["rate_mean"]`` is always recorded.
        """
        return self["rates"]

    @property
    def weights(self) -> xr.DataArray:
        """W after the last step, with the dimensions realization, direction, post_neuron and pre_neuron."""
        return self["final_weights"]

    def weights_at(self, time: int, *, realization: int = 0, direction: float = 0.0) -> FloatArray:
        """W after a number of steps, ``[post, pre]``, shape (N, N); see `l5tui.runner.weights.weights_at`."""
        return weights_at(self.file, realization, direction, time)

    @property
    def dataset(self) -> xr.Dataset:
        """Everything in the run's file, read into memory."""
        return read_stored(self._report.record, self._report.workspace)

    def __getitem__(self, variable: str) -> xr.DataArray:
        """Return a variable of the run's file, with its coordinates.

        Raises
        ------
        StoreError
            If the file has no such variable; the message lists its variables.
        """
        return read_stored(self._report.record, self._report.workspace, [variable])[variable]

    def figure(self, name: str) -> Figure:
        """Draw one of the figures of `l5tui figures`, such as ``tuning``; returns a matplotlib figure.

        Raises
        ------
        UnknownFigureError
            If there is no such figure; the message lists the figures.
        """
        if text := alteration(self._report.record, self._report.workspace):
            warnings.warn(text, stacklevel=2)
        return markup.shown(figure_of(self._report.record, self._report.workspace, name))

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self.name}, {self.rule}, {self.status}, loss {number(self.loss, 4)}>"

    def _repr_html_(self) -> str:
        facts = (self.status, f"rule {self.rule}", f"loss {number(self.loss, 4)}", f"run {self.id}")
        text = markup.heading(self.name, facts)
        if self._report.record.error:
            text += f"<p>{html.escape(self._report.record.error)}</p>"
        if self._report.tables is None:
            return text
        cells = {
            (row.population, row.condition, row.measure): number(row.value)
            for row in self._report.tables.selectivity
            if row.statistic == "mean"
        }
        columns = [(when, measure) for measure in ("rate", "OS", "DS") for when in ("before", "after")]
        titles = ["", *(f"{measure} {when}" for when, measure in columns)]
        rows = [
            [population, *(cells[population, when, measure] for when, measure in columns)]
            for population in POPULATIONS
        ]
        return text + markup.table(titles, rows)
