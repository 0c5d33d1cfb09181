"""Paths in the store: the only module in which an id becomes a path or a pattern of paths.

A row may come from another person's catalogue or from a damaged one. Each function refuses an id that is not of the
pattern of ids, so that no id leads out of its folder or matches other files.
"""

from __future__ import annotations

from pathlib import Path

from l5tui.store.run_id import require_run_id
from l5tui.workspace import Workspace


def file_name(run_id: str, ending: str, beginning: str = "") -> str:
    """Return the name of a file that is named after a run or study.

    Parameters
    ----------
    run_id : str
    ending : str
        What follows the id, such as ``.nc`` or ``-rates.png``.
    beginning : str, optional
        What precedes the id.

    Raises
    ------
    IllegalIdError
        If the id is illegal.

    Examples
    --------
    >>> file_name("20260301-120005-yghz00", "-rates.png")
    '20260301-120005-yghz00-rates.png'
    """
    return f"{beginning}{require_run_id(run_id)}{ending}"


def run_file(workspace: Workspace, run_id: str) -> Path:
    """Return the path of a run's NetCDF file; a run has no other place for it."""
    return workspace.runs / file_name(run_id, ".nc")


def labels_file(workspace: Workspace, run_id: str) -> Path:
    """Return the path of the copy of a run's notes and tags."""
    return workspace.labels / file_name(run_id, ".json")


def inference_file(workspace: Workspace, study_id: str) -> Path:
    """Return the path of the posterior of an inference."""
    return workspace.store / "inference" / file_name(study_id, ".nc")


def confirmation_file(workspace: Workspace, study_id: str) -> Path:
    """Return the path of the confirmation of a study's best points."""
    return workspace.store / "confirmations" / file_name(study_id, ".json")


def figure_file(folder: Path, run_id: str, name: str, ending: str = "png") -> Path:
    """Return the path of a figure in a folder: ``RUN-ID-name.png``."""
    return folder / file_name(run_id, f"-{name}.{ending}")


def drawn_figures(workspace: Workspace, run_id: str) -> list[Path]:
    """Return the figures of a run that the app has drawn into the store."""
    return sorted(workspace.figures.glob(file_name(run_id, "-*")))
