"""All checks of a workspace, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from l5tui.runner.doctor.catalogue import check_catalogue
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.files import Files, check_files
from l5tui.runner.doctor.finding import Finding
from l5tui.runner.doctor.leftovers import check_leftovers
from l5tui.runner.doctor.mlflow import check_mlflow, recorded_runs_of
from l5tui.runner.doctor.place import check_place
from l5tui.runner.doctor.studies import check_ids, check_studies
from l5tui.runner.doctor.versions import missing_extras, versions
from l5tui.runner.network import network_warning
from l5tui.store.inspection import CatalogueState, inspect
from l5tui.workspace import Workspace

WITH_ROWS = (CatalogueState.GOOD, CatalogueState.OLDER, CatalogueState.MISSING, CatalogueState.EMPTY)

FileProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Examination:
    """What was found in a workspace.

    Parameters
    ----------
    workspace : Workspace
    runs, studies, files : int
        How many were looked at.
    findings : tuple of Finding
    versions : mapping of str to str
    missing_extras : list of str
    notes : tuple of str
        What is not wrong, and worth knowing.
    """

    workspace: Workspace
    runs: int
    studies: int
    files: int
    findings: tuple[Finding, ...]
    versions: dict[str, str] = field(default_factory=versions)
    missing_extras: list[str] = field(default_factory=missing_extras)
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the examination as a JSON object."""
        return {
            "workspace": str(self.workspace.root),
            "versions": self.versions,
            "missing_extras": self.missing_extras,
            "runs": self.runs,
            "studies": self.studies,
            "files": self.files,
            "notes": list(self.notes),
            "findings": [
                {
                    "kind": str(each.kind),
                    "where": each.where,
                    "what": each.what,
                    "remedy": each.remedy or None,
                    "mendable": each.is_mendable,
                }
                for each in self.findings
            ],
        }


def examine(
    workspace: Workspace, progress: FileProgress = lambda done, total: None, files: Files | None = None
) -> Examination:
    """Look for what is wrong in a workspace; nothing is changed.

    Parameters
    ----------
    workspace : Workspace
    progress : callable, optional
        Called with the number of files examined so far and their total.
    files : Files, optional
        What an earlier examination has read.
    """
    with ExitStack() as stack:
        files = files or Files(workspace, stack.enter_context(FileReader()))
        inspected = inspect(workspace.catalog)
        findings = [*check_place(workspace), *check_catalogue(workspace, inspected), *check_ids(inspected)]
        if inspected.state in WITH_ROWS:
            findings += check_files(workspace, inspected, files, progress, recorded_runs_of(workspace))
            findings += check_studies(workspace, inspected)
        findings += check_leftovers(workspace)
        if inspected.state in WITH_ROWS:
            findings += check_mlflow(workspace, inspected)
        return Examination(
            workspace,
            len(inspected.runs),
            len(inspected.studies),
            len(files.found()),
            tuple(findings),
            notes=tuple(filter(None, [network_warning(workspace)])),
        )
