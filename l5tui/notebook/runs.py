"""Running an experiment and finding runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.errors import RunFailedError
from l5tui.notebook.progress import ProgressLine
from l5tui.notebook.recording import session_recorder
from l5tui.notebook.run import Run
from l5tui.notebook.source import ExperimentLike, Overrides, WorkspaceLike, read_source, workspace_of
from l5tui.runner.history import RunStatus, show_run
from l5tui.runner.logs import logged_to
from l5tui.runner.overview import find_ids
from l5tui.runner.run import run_experiment
from l5tui.runner.run_query import RunQuery
from l5tui.runner.run_table import run_table

if TYPE_CHECKING:
    import pandas as pd


def run(
    experiment: ExperimentLike,
    overrides: Overrides = None,
    *,
    workspace: WorkspaceLike = None,
    progress: bool = True,
    force: bool = False,
) -> Run:
    """Run an experiment and store the run, as ``l5tui run --headless`` does.

    Parameters
    ----------
    experiment : str, Path, Experiment or dict
        A TOML file, the name of an experiment of the workspace or of an included one (``"quickstart"``), a dictionary,
        or an `Experiment`.
    overrides : dict, optional
        Values by dotted path that replace those of the experiment, such as ``{"plasticity.rule": "oja"}``.
    workspace : str, Path or Workspace, optional
        The workspace. By default ``L5TUI_WORKSPACE``, else
        the current folder or its nearest parent that is a workspace.
    progress : bool
        Show the progress in the notebook's output or on the terminal.
    force : bool, optional
        Start even if more memory is needed than is free.

    Returns
    -------
    Run
        The run, completed or diverged. The file of a diverged run has the results up to the divergence.

    Raises
    ------
    ConfigError
        With every fault of the experiment.
    MemoryShortageError
        If the run needs more memory than is free.
    WorkspaceError
        If there is no workspace.
    RunFailedError
        If the run failed.
    KeyboardInterrupt
        If the run was interrupted; its status is then ``cancelled``.

    Examples
    --------
    >>> import l5tui
    >>> run = l5tui.run("quickstart", {"plasticity.rule": "oja"}, progress=False)
    >>> run.status, run.rule
    ('completed', 'oja')
    >>> run.selectivity.sel(condition="after", measure="DS", statistic="mean").dims
    ('population',)
    >>> figure = run.figure("tuning")
    """
    place = workspace_of(workspace)
    source = read_source(experiment, overrides, place)
    recorder = session_recorder(place)
    with logged_to(place), ProgressLine(progress) as line:
        recorder.prepare()
        report = run_experiment(
            source.experiment, source.text, place, observe=line.run, recorder=recorder, force=force
        )
    record = report.record
    if record.status == RunStatus.CANCELLED:
        raise KeyboardInterrupt(f"run {record.id} was cancelled: {record.error}")
    if record.status == RunStatus.FAILED:
        raise RunFailedError(f"run {record.id} failed: {record.error}; details: {place.log}")
    return Run(report)


def open_run(reference: str = "last", *, workspace: WorkspaceLike = None) -> Run:
    """Open a run of the workspace.

    Parameters
    ----------
    reference : str
        Its id, the beginning or the end of it, or ``last``.
    workspace : str, Path or Workspace, optional
        As in `run`.

    Returns
    -------
    Run
        Its arrays are read from the file when they are used.

    Raises
    ------
    UnknownRunError
        If no run, or more than one, matches `reference`.

    Examples
    --------
    >>> import l5tui
    >>> run = l5tui.open_run("last")
    >>> run.rates.dims
    ('realization', 'direction', 'time', 'neuron')
    """
    return Run(show_run(workspace_of(workspace), reference))


def runs(
    query: str = "",
    *,
    status: str | None = None,
    rule: str | None = None,
    tag: str | None = None,
    group: str | None = None,
    limit: int | None = None,
    workspace: WorkspaceLike = None,
) -> pd.DataFrame:
    """Return a table of the workspace's runs, newest first, with parameters and measures as columns.

    Parameters
    ----------
    query : str
        A query in the syntax of the app's filter:
        ``"rule:oja loss<3 tag:paper created>2026-11-28 words"``; dates are local.
    status, rule, tag, group : str, optional
        Only runs with exactly this value.
    limit : int, optional
        Maximum number of runs; the newest ones.
    workspace : str, Path or Workspace, optional
        As in `run`.

    Returns
    -------
    pandas.DataFrame
        One row for each run, with its id as the index. Columns are those of the catalogue, parameters by dotted path
        (``plasticity.tau_learn``), and measures by their names in MLflow (``after/DS.CS``). Empty if there are no runs.

    Raises
    ------
    ConfigError
        With a fault for each malformed term of the query.

    Examples
    --------
    >>> import l5tui
    >>> table = l5tui.runs("status:completed", limit=1)
    >>> table.index.name, len(table)
    ('run_id', 1)
    """
    import pandas as pd

    place = workspace_of(workspace)
    RunQuery(query).require_valid()
    if not place.catalog.exists():
        return pd.DataFrame().rename_axis("run_id")
    wanted = RunStatus(status) if status else None
    ids = None
    if query:
        ids = find_ids(place, query, status=status, rule=rule, tag=tag, group=group, limit=limit)
    found = run_table(place, status=wanted, rule=rule, tag=tag, group=group, limit=limit, among=ids)
    if not found.rows:
        return pd.DataFrame().rename_axis("run_id")
    frame = pd.DataFrame(found.rows, columns=list(found.columns)).set_index("run_id")
    for name in ("created", "started", "ended"):
        frame[name] = pd.to_datetime(frame[name], format="ISO8601")
    return frame
