"""Files of MLflow's runs, written to where MLflow keeps them: a copy made elsewhere first would outlive a kill."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from l5tui.errors import TrackingError
from l5tui.workspace import Workspace


def write_artifacts(workspace: Workspace, artifact_uri: str, contents: Mapping[PurePosixPath, bytes]) -> None:
    """Put files into a run's folder, in place of those of the same names.

    Parameters
    ----------
    workspace : Workspace
    artifact_uri : str
        The folder's ``file:`` address, as MLflow gives it with the run.
    contents : mapping of PurePosixPath to bytes
        By their paths inside the folder.

    Raises
    ------
    TrackingError
        If the folder is not below the artifacts of the workspace, as after the workspace was copied.
    """
    folder = Path(os.path.abspath(url2pathname(urlsplit(artifact_uri).path)))  # noqa: PTH100
    if not folder.is_relative_to(workspace.mlflow_artifacts.absolute()):
        raise TrackingError(
            f"{artifact_uri}: the artifacts of this run are outside the workspace {workspace.root}; "
            "`l5tui doctor --repair` corrects MLflow's paths"
        )
    for relative, content in contents.items():
        path = folder / relative
        _make_folder(path.parent, workspace.mlruns.absolute())
        path.write_bytes(content)


def _make_folder(folder: Path, top: Path) -> None:
    """Make a folder below another one, which has to exist: the workspace may have been moved meanwhile."""
    if folder != top and not folder.is_dir():
        _make_folder(folder.parent, top)
        folder.mkdir(exist_ok=True)
