"""A warning for workspaces on file systems that several machines share."""

from __future__ import annotations

from l5tui.store.filesystem import is_on_network, kind_of_file_system
from l5tui.workspace import Workspace


def network_warning(workspace: Workspace) -> str | None:
    """Return what is supported if a workspace is on a network file system; None if it is on a local one.

    Parameters
    ----------
    workspace : Workspace
    """
    for folder, what in ((workspace.store, "the catalogue"), (workspace.mlruns, "MLflow's database")):
        if is_on_network(folder / "file"):
            kind = kind_of_file_system(folder / "file")
            return (
                f"{folder} is on a network file system ({kind}): {what} needs its locks to work, and only one machine "
                "at a time may write; a local disk is faster and safer (see docs/cluster.md)"
            )
    return None
