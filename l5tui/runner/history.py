"""Looking back: the runs of a workspace."""

from __future__ import annotations

from l5tui.config.experiment_warnings import experiment_warnings
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError, UnknownRunError
from l5tui.runner.alteration import alteration
from l5tui.runner.opening import open_catalog
from l5tui.runner.overview import find_ids
from l5tui.runner.report import RunReport, listing
from l5tui.runner.run_query import RunQuery
from l5tui.store.catalog import Catalog
from l5tui.store.records import RunRecord, RunStatus
from l5tui.text import count
from l5tui.workspace import Workspace

__all__ = ["RunRecord", "RunStatus", "list_runs", "listing", "show_run"]


def list_runs(
    workspace: Workspace,
    query: str = "",
    *,
    status: RunStatus | None = None,
    rule: str | None = None,
    tag: str | None = None,
    group: str | None = None,
    limit: int | None = None,
) -> list[RunRecord]:
    """Return the runs that match, newest first; none where the workspace has no catalogue yet.

    Raises
    ------
    ConfigError
        With a fault for each malformed term of the query.
    """
    RunQuery(query).require_valid()
    if not workspace.catalog.exists():
        return []
    # Opening closes the rows of interrupted runs, whose status the query then reads.
    catalog = open_catalog(workspace)
    ids = None
    if query:
        ids = find_ids(workspace, query, status=status, rule=rule, tag=tag, group=group, limit=limit)
    return catalog.runs(status=status, rule=rule, tag=tag, group=group, limit=limit, among=ids)


def show_run(workspace: Workspace, reference: str) -> RunReport:
    """One run with its measures.

    Parameters
    ----------
    workspace : Workspace
    reference : str
        Its id, the beginning or the end of it, or ``last``.

    Raises
    ------
    UnknownRunError
        Where no run, or more than one, answers to it.
    """
    # Looking must not make a catalogue.
    if not workspace.catalog.exists():
        raise UnknownRunError("no runs yet; `l5tui run --headless FILE` makes one")
    catalog = open_catalog(workspace)
    record = catalog.find(reference)
    tables = catalog.tables(record.id) if record.file else None
    return RunReport(
        record, tables, workspace, _configuration_warnings(record), _integrity(catalog, record, workspace)
    )


def _integrity(catalog: Catalog, record: RunRecord, workspace: Workspace) -> tuple[str, ...]:
    """Return the faults of a run's rows of measures, and of its file."""
    found = []
    if unread := catalog.damaged_measures(record.id):
        measures = count(unread, "measure")
        found.append(f"{measures} in its rows cannot be read; `l5tui doctor --repair` restores them")
    if caveat := alteration(record, workspace, quick=True):
        found.append(caveat)
    return tuple(found)


def _configuration_warnings(record: RunRecord) -> tuple[str, ...]:
    """Return what is likely to mislead in the configuration of a run; its file has all warnings of the run."""
    try:
        experiment = validate_stored(parse_toml(record.toml))
    except ConfigError:
        # For example a learning rule of a package that is no longer installed.
        return ()
    return tuple(map(str, experiment_warnings(experiment)))
