"""Who shows a run to MLflow once it is stored: this process, or one that has meanwhile loaded MLflow."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from l5tui.errors import UnknownRunError
from l5tui.tracking.mlflow_database import ensure_database, open_client
from l5tui.workspace import Workspace

LATER = "L5TUI_MLFLOW_LATER"
"""Environment variable that leaves runs and studies to the next command that records, unless it is empty."""

log = logging.getLogger(__name__)


def is_deferred() -> bool:
    """Return whether the environment leaves recording to the next command that records."""
    return bool(os.environ.get(LATER))


class MlflowRecorder(Protocol):
    """Shows stored runs of one workspace to MLflow."""

    def record(
        self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None] = lambda: None
    ) -> None:
        """Show a run that has ended to MLflow, note that in the catalogue, and catch up on earlier ones.

        Parameters
        ----------
        run_id : str
        timings : mapping of str to float
            Seconds of the phases so far; how long MLflow took is added to them.
        catching_up : callable, optional
            Called before earlier runs that MLflow lacks are recorded.

        Raises
        ------
        TrackingError
            Where MLflow could not record the run.
        """


class OwnRecorder:
    """Records in this process; where MLflow is not loaded yet, that takes seconds first.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def prepare(self) -> None:
        """Do what is slow the first time; makes no database, as there may be nothing to record."""
        from l5tui.store.catalog import Catalog

        try:
            Catalog.open(self._workspace).untracked(1)
            if self._workspace.mlflow_database.exists():
                # MLflow itself tries a database that it cannot open again and again, for minutes.
                ensure_database(self._workspace)
                with open_client(self._workspace) as client:
                    client.search_experiments(max_results=1)
        except Exception:
            log.info("MLflow could not be prepared", exc_info=True)

    def record(
        self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None] = lambda: None
    ) -> None:
        """See `MlflowRecorder.record`."""
        begun = time.perf_counter()
        from l5tui.runner.catch_up import catch_up, record_stored
        from l5tui.store.catalog import Catalog

        catalog = Catalog.open(self._workspace)
        # Loading MLflow takes seconds, in which a signal is heard at once; recording is short, and whole.
        ensure_database(self._workspace)
        with open_client(self._workspace):
            pass
        try:
            record_stored(
                self._workspace,
                catalog,
                catalog.find(run_id),
                lambda: {**timings, "track": time.perf_counter() - begun},
            )
        except UnknownRunError:
            log.info("run %s has been deleted and is not recorded in MLflow", run_id)
        try:
            catch_up(self._workspace, catalog, catching_up)
        except Exception:
            log.exception("earlier runs could not be recorded in MLflow")


class LaterRecorder:
    """Leave stored runs to the next command that records in MLflow, which also records the runs that it lacks."""

    def record(
        self, run_id: str, timings: Mapping[str, float], catching_up: Callable[[], None] = lambda: None
    ) -> None:
        """Return at once; see `MlflowRecorder.record`."""


def default_recorder(workspace: Workspace) -> MlflowRecorder:
    """Return the recorder of a run that is given none: this process, unless recording is deferred."""
    return LaterRecorder() if is_deferred() else OwnRecorder(workspace)
