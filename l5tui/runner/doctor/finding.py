"""One thing that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong; named in the JSON."""

    FOLDER = "folder"
    DISK = "disk"
    CATALOGUE_DAMAGED = "catalogue-damaged"
    CATALOGUE_OLDER = "catalogue-older"
    CATALOGUE_UNUSABLE = "catalogue-unusable"
    STALE_RUN = "stale-run"
    STALE_STUDY = "stale-study"
    LEFTOVER = "leftover"
    FILE_MISSING = "file-missing"
    FILE_ALTERED = "file-altered"
    FILE_UNREADABLE = "file-unreadable"
    ROW_DISAGREES = "row-disagrees"
    ROW_ILLEGAL = "row-illegal"
    ROW_DAMAGED = "row-damaged"
    STUDY_ILLEGAL = "study-illegal"
    STUDY_DAMAGED = "study-damaged"
    TRIAL_DISAGREES = "trial-disagrees"
    ROW_MISSING = "row-missing"
    LABELS_UNCOPIED = "labels-uncopied"
    FILE_FOREIGN = "file-foreign"
    MLFLOW_DAMAGED = "mlflow-damaged"
    MLFLOW_OLDER = "mlflow-older"
    MLFLOW_NEWER = "mlflow-newer"
    MLFLOW_MOVED = "mlflow-moved"
    MLFLOW_MISSING = "mlflow-missing"
    MLFLOW_DISAGREES = "mlflow-disagrees"
    MLFLOW_UNFINISHED = "mlflow-unfinished"
    MLFLOW_UNKNOWN = "mlflow-unknown"


MENDABLE = {
    Kind.CATALOGUE_DAMAGED: "it is renamed, and a new one is built from its readable rows and from the runs' files",
    Kind.CATALOGUE_OLDER: "it is backed up in its folder and migrated",
    Kind.STALE_RUN: "it is completed if its file is whole, else closed as failed",
    Kind.STALE_STUDY: "it is closed as stopped, to be resumed",
    Kind.LEFTOVER: "it is removed",
    Kind.ROW_DISAGREES: "the row is rewritten from the file; the catalogue is backed up in its folder",
    Kind.ROW_ILLEGAL: "the row gets the id of its file, else a new one; the catalogue is backed up in its folder",
    Kind.ROW_DAMAGED: "values that MLflow has are restored; all others are reported and cleared",
    Kind.STUDY_ILLEGAL: "the study gets a new id; the catalogue is backed up in its folder",
    Kind.STUDY_DAMAGED: "values that MLflow has are restored; all others are reported and cleared",
    Kind.TRIAL_DISAGREES: "values that MLflow has are restored; all others are reported",
    Kind.ROW_MISSING: "the row is written from the file",
    Kind.LABELS_UNCOPIED: "a copy of them is written to store/labels",
    Kind.MLFLOW_DAMAGED: "it is renamed, and every run is recorded in a new one",
    Kind.MLFLOW_OLDER: "it is backed up in its folder and upgraded, as by the next run",
    Kind.MLFLOW_MOVED: "MLflow's paths are set to the present folder of the workspace",
    Kind.MLFLOW_MISSING: "it is recorded in MLflow again",
    Kind.MLFLOW_DISAGREES: "the status in MLflow is corrected",
    Kind.MLFLOW_UNFINISHED: "it is marked as deleted in MLflow, which can restore it",
}
"""What `repair` does about each kind that it can mend."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Parameters
    ----------
    kind : Kind
    where : str
        A path relative to the workspace, or what has no path: ``run ID``, ``MLflow run ID``.
    what : str
        What is wrong there.
    remedy : str
        What a person can do; empty where `repair` mends it.
    subject : str
        Id or name that `repair` needs.
    columns : tuple of str
        Columns of the row that are wrong.
    """

    kind: Kind
    where: str
    what: str
    remedy: str = ""
    subject: str = ""
    columns: tuple[str, ...] = ()

    @property
    def is_mendable(self) -> bool:
        """Whether `repair` can do something about it."""
        return self.kind in MENDABLE

    def as_line(self) -> str:
        """One line: where, what, and what to do."""
        remedy = self.remedy or f"with --repair {MENDABLE[self.kind]}"
        return f"{self.where}: {self.what}; {remedy}"
