"""All runs of a workspace at a glance, for a face that must not wait for the catalogue's machinery."""

from __future__ import annotations

from l5tui.store.listing import RunListing, list_all
from l5tui.workspace import Workspace

__all__ = ["RunListing", "last_by_experiment", "overview"]


def overview(workspace: Workspace) -> list[RunListing]:
    """Every run, newest first; those that were interrupted may still stand as running.

    Raises
    ------
    StoreError
        Where the catalogue cannot be read.
    """
    return list_all(workspace.catalog)


def last_by_experiment(runs: list[RunListing]) -> dict[tuple[str, str], RunListing]:
    """Return the newest run of each experiment, by the experiment's name and learning rule.

    Members of a group, such as a comparison of rules, are left out: they are runs of the comparison.
    """
    return {(run.name, run.rule): run for run in reversed(runs) if not run.group}
