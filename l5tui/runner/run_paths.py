"""Paths that the faces show or propose for a run or study; light to import."""

from __future__ import annotations

from pathlib import Path

from l5tui.store.id_paths import figure_file, file_name
from l5tui.store.run_id import is_run_id
from l5tui.workspace import Workspace

__all__ = ["best_file", "drawn_figure", "export_folder"]


def drawn_figure(workspace: Workspace, run_id: str, name: str) -> Path | None:
    """Return the file of a figure that the app has drawn into the store; None if there is none.

    Parameters
    ----------
    workspace : Workspace
    run_id : str
        May be illegal: such a run has no figures.
    name : str
        One of `l5tui.figures.names.NAMES`.
    """
    if not is_run_id(run_id):
        return None
    path = figure_file(workspace.figures, run_id, name)
    return path if path.exists() else None


def export_folder(workspace: Workspace, run_id: str) -> Path:
    """Return the folder that is proposed for the export of a run.

    Raises
    ------
    IllegalIdError
        If the id is illegal.
    """
    return workspace.root / "exports" / file_name(run_id, "")


def best_file(workspace: Workspace, study_id: str) -> Path:
    """Return the path of the best experiment of a study.

    Raises
    ------
    IllegalIdError
        If the id is illegal.
    """
    return workspace.experiments / file_name(study_id, ".toml", "best-")
