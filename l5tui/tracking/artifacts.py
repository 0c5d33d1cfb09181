"""Files of MLflow's runs, written to where MLflow keeps them: a copy made elsewhere first would outlive a kill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname


def write_artifacts(artifact_uri: str, contents: Mapping[PurePosixPath, bytes]) -> None:
    """Put files into a run's folder, in place of those of the same names.

    Parameters
    ----------
    artifact_uri : str
        The folder's ``file:`` address, as MLflow gives it with the run.
    contents : mapping of PurePosixPath to bytes
        By their paths inside the folder.
    """
    folder = Path(url2pathname(urlsplit(artifact_uri).path))
    for relative, content in contents.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
