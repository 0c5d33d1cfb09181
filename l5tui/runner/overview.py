"""All runs of a workspace at a glance, for a face that must not wait for the catalogue's machinery."""

from __future__ import annotations

from l5tui.store.listing import RunListing, list_all
from l5tui.workspace import Workspace

__all__ = ["RunListing", "last_by_name", "overview"]


def overview(workspace: Workspace) -> list[RunListing]:
    """Every run, newest first; those that were interrupted may still stand as running.

    Raises
    ------
    StoreError
        Where the catalogue cannot be read.
    """
    return list_all(workspace.catalog)


def last_by_name(runs: list[RunListing]) -> dict[str, RunListing]:
    """The newest run of each experiment, by the experiment's name."""
    return {run.name: run for run in reversed(runs)}
