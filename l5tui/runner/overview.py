"""All runs of a workspace at a glance, for a face that must not wait for the catalogue's machinery."""

from __future__ import annotations

from itertools import islice

from l5tui.runner.run_query import RunQuery, searched_text
from l5tui.store.listing import RunListing, list_all, list_pages
from l5tui.workspace import Workspace

__all__ = ["RunListing", "find_ids", "last_by_experiment", "overview"]


def overview(workspace: Workspace) -> list[RunListing]:
    """Every run, newest first; those that were interrupted may still stand as running.

    Raises
    ------
    StoreError
        Where the catalogue cannot be read.
    """
    return list_all(workspace.catalog)


def find_ids(
    workspace: Workspace,
    query: str,
    *,
    status: str | None = None,
    rule: str | None = None,
    tag: str | None = None,
    group: str | None = None,
    limit: int | None = None,
) -> list[str]:
    """Return the ids of the runs that a query finds, newest first; rows are read until the limit is met.

    Parameters
    ----------
    workspace : Workspace
    query : str
        As `RunQuery` takes it.
    status, rule, tag, group : str, optional
        Only runs that have these, exactly.
    limit : int, optional
        At most so many.

    Raises
    ------
    ConfigError
        With a fault for each malformed term of the query.
    StoreError
        Where the catalogue cannot be read.
    """
    terms = RunQuery(query)
    terms.require_valid()
    listed = list_pages(workspace.catalog, status=status, rule=rule, tag=tag, group=group)
    matching = (run.id for run in listed if terms.matches(run, searched_text(run)))
    return list(islice(matching, limit))


def last_by_experiment(runs: list[RunListing]) -> dict[tuple[str, str], RunListing]:
    """Return the newest run of each experiment, by the experiment's name and learning rule.

    Members of a group, such as a comparison of rules, are left out: they are runs of the comparison.
    """
    return {(run.name, run.rule): run for run in reversed(runs) if not run.group}
