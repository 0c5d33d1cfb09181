"""Preview of an experiment in Python: its first realization, simulated in memory."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from l5tui.config import POPULATIONS
from l5tui.errors import WorkspaceError
from l5tui.notebook import markup
from l5tui.notebook.source import ExperimentLike, Overrides, WorkspaceLike, read_source, workspace_of
from l5tui.runner import preview as use_case
from l5tui.text import number

if TYPE_CHECKING:
    import xarray as xr

CONDITIONS = ("before", "after")
QUANTITIES = ("initial", "final", "target")


class Preview:
    """Selectivity and block weights of one realization; nothing is stored.

    Parameters
    ----------
    name : str
        Name of the experiment.
    found : l5tui.runner.preview.Preview

    Attributes
    ----------
    name : str
    outcome : str
        How the simulation ended: ``completed``, or the step and the neuron at which it diverged.
    divisor : float
        Spectral abscissa, in mV, by which the sampled weights are divided.
    seconds : float
        Wall-clock time.
    """

    name: str
    outcome: str
    divisor: float
    seconds: float

    def __init__(self, name: str, found: use_case.Preview) -> None:
        self.name, self.outcome = name, found.outcome
        self.divisor, self.seconds = found.divisor, found.seconds
        self._found = found

    @cached_property
    def selectivity(self) -> xr.DataArray:
        """Means over the neurons of each population, shape (condition, measure, population) = (2, 4, 4).

        Conditions are ``before`` and ``after`` learning; measures are ``rate`` (the model's own unit), ``OS``, ``DS``
        and ``OS_p``. NaN where a measure is not defined.
        """
        import xarray as xr

        tables = (self._found.before, self._found.after)
        return xr.DataArray(
            [[table[name] for name in use_case.SHOWN] for table in tables],
            dims=("condition", "measure", "population"),
            coords={"condition": [*CONDITIONS], "measure": [*use_case.SHOWN], "population": [*POPULATIONS]},
            name="selectivity",
        )

    @cached_property
    def weights(self) -> xr.DataArray:
        """Mean weights of blocks over directions, shape (quantity, post, pre) = (3, 4, 4).

        Quantities are ``initial``, ``final`` and ``target``; all are divided by `divisor`.
        """
        import xarray as xr

        return xr.DataArray(
            [getattr(self._found, f"{name}s" if name == "target" else name) for name in QUANTITIES],
            dims=("quantity", "post", "pre"),
            coords={"quantity": [*QUANTITIES], "post": [*POPULATIONS], "pre": [*POPULATIONS]},
            name="weights",
        )

    def __repr__(self) -> str:
        return f"<Preview: {self.name}, one realization, {self.outcome}>"

    def _repr_html_(self) -> str:
        facts = ("one realization, not stored", self.outcome, f"divisor {number(self.divisor)} mV")
        columns = [(when, name) for name in ("rate", "OS", "DS") for when in CONDITIONS]
        titles = ["", *(f"{name} {when}" for when, name in columns)]
        tables = dict(zip(CONDITIONS, (self._found.before, self._found.after), strict=True))
        rows = [
            [population, *(number(tables[when][name][index]) for when, name in columns)]
            for index, population in enumerate(POPULATIONS)
        ]
        return markup.heading(self.name, facts) + markup.table(titles, rows)


def preview(
    experiment: ExperimentLike, overrides: Overrides = None, *, workspace: WorkspaceLike = None
) -> Preview:
    """Simulate the first realization of an experiment in memory and measure it, as the app's preview does.

    Parameters
    ----------
    experiment, overrides
        As in `l5tui.run`.
    workspace : str, Path or Workspace, optional
        Workspace whose experiments can be given by name. Without one, names are those of the included experiments.

    Returns
    -------
    Preview
        Selectivity and block weights of the first circuit. Nothing is stored.

    Raises
    ------
    ConfigError
        With every fault of the experiment.
    PreviewRefusedError
        If the simulation is forecast to take more than 20 s or more memory than is free.
    WorkspaceError
        If `workspace` is not a workspace.

    Examples
    --------
    >>> import l5tui
    >>> seen = l5tui.preview("quickstart", {"plasticity.rule": "oja"})
    >>> seen
    <Preview: quickstart, one realization, completed>
    >>> seen.selectivity.sizes["population"]
    4
    """
    try:
        place = workspace_of(workspace)
    except WorkspaceError:
        if workspace is not None:
            raise
        place = None
    read = read_source(experiment, overrides, place).experiment
    return Preview(read.name, use_case.preview(read))
