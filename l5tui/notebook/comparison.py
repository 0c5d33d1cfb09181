"""Comparison of stored runs in Python: parameters that differ, measures side by side, overlaid figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from l5tui.errors import UnknownFigureError
from l5tui.notebook import markup
from l5tui.notebook.run import Run
from l5tui.notebook.source import WorkspaceLike, workspace_of
from l5tui.runner.comparison import DRAWN, Comparison, compare_runs
from l5tui.runner.history import show_run
from l5tui.runner.stored_run import read_stored
from l5tui.text import number
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

FIGURES = ("selectivity_compared", "rates_compared")


class RunComparison:
    """Two to six runs side by side; the others are compared with the first.

    Parameters
    ----------
    comparison : Comparison
    workspace : Workspace

    Attributes
    ----------
    caveats : tuple of str
        What limits the comparison, such as unequal numbers of realizations or a file that has been altered.
    """

    caveats: tuple[str, ...]

    def __init__(self, comparison: Comparison, workspace: Workspace) -> None:
        self.caveats = comparison.caveats
        self._comparison, self._workspace = comparison, workspace

    @property
    def runs(self) -> dict[str, Run]:
        """The runs by their ids, in the order given."""
        return {each.id: Run(show_run(self._workspace, each.id)) for each in self._comparison.records}

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """The parameters that differ: a row for each dotted path, a column for each run id."""
        return self._table(self._comparison.parameters, object)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """All measures: a row for each name as in MLflow, a column for each run id; NaN if not defined."""
        return self._table(self._comparison.measures, float)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Measures minus those of the first run: a row for each name, a column for each other run id."""
        first, *others = self.measures.columns
        return self.measures[others].sub(self.measures[first], axis=0)

    def figure(self, name: str) -> Figure:
        """Draw all runs in one figure.

        Parameters
        ----------
        name : {"selectivity_compared", "rates_compared"}

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        UnknownFigureError
            If there is no such figure.
        UnsuitableRunError, StoreError
            If the file of a run is missing or damaged.
        """
        from l5tui.figures.comparison import rates_comparison, selectivity_comparison

        if name not in FIGURES:
            raise UnknownFigureError(f"no figure {name!r} of a comparison; there are {', '.join(FIGURES)}")
        draw = selectivity_comparison if name == FIGURES[0] else rates_comparison
        return markup.shown(draw(self._datasets))

    @cached_property
    def _datasets(self) -> list[xr.Dataset]:
        return [read_stored(record, self._workspace, DRAWN) for record in self._comparison.records]

    def _table(self, rows: Mapping[str, tuple[object, ...]], dtype: type) -> pd.DataFrame:
        import pandas as pd

        ids = [record.id for record in self._comparison.records]
        return pd.DataFrame([*rows.values()], index=[*rows], columns=ids, dtype=dtype).rename_axis("name")

    def __repr__(self) -> str:
        return f"<RunComparison: {', '.join(record.id for record in self._comparison.records)}>"

    def _repr_html_(self) -> str:
        found = self._comparison
        ids = [record.id for record in found.records]
        rows = [
            [name, *("–" if value is None else str(value) for value in values)]
            for name, values in found.parameters.items()
        ]
        shown = [name for names in found.sections().values() for name in names]
        rows += [[name, *(number(value, 4) for value in found.measures[name])] for name in shown]
        return markup.heading("runs compared", self.caveats) + markup.table(["", *ids], rows)


def compare(runs: Sequence[str | Run] | str | Run, *, workspace: WorkspaceLike = None) -> RunComparison:
    """Compare stored runs, as ``l5tui compare`` does.

    Parameters
    ----------
    runs : sequence of str or Run
        Two to six runs: ids as in `l5tui.open_run`, or runs themselves. The others are compared with the first.
    workspace : str, Path or Workspace, optional
        As in `l5tui.run`; by default that of the first `Run` among `runs`, if there is one.

    Returns
    -------
    RunComparison
        The parameters that differ, all measures and their differences from the first run, and figures.

    Raises
    ------
    UnknownRunError
        If a run is not found.
    UnsuitableRunError
        If there are too few or too many runs, one is repeated, or one has no measures.
    ConfigError
        If the parameters of a run cannot be read.

    Examples
    --------
    >>> import l5tui
    >>> first = l5tui.run("quickstart", progress=False)
    >>> second = l5tui.run("quickstart", {"plasticity.rule": "oja"}, progress=False)
    >>> compared = l5tui.compare([first, second])
    >>> "plasticity.rule" in compared.parameters.index
    True
    >>> change = compared.differences.loc["after/DS.CS", second.id]
    """
    given = [runs] if isinstance(runs, str | Run) else [*runs]
    own = next((each for each in given if isinstance(each, Run)), None)
    place = own.workspace if workspace is None and own is not None else workspace_of(workspace)
    references = [each.id if isinstance(each, Run) else each for each in given]
    return RunComparison(compare_runs(place, references), place)
