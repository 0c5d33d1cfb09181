"""Running one experiment: simulate, measure, store, and show to MLflow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from l5tui.analysis.tables import RunTables, run_tables
from l5tui.config import Experiment
from l5tui.errors import StoreError, TrackingError
from l5tui.runner.events import Event, Observer, PhaseStarted, Progress, RunStarted, Warned
from l5tui.runner.provenance import Provenance, provenance
from l5tui.runner.realizations import RunCancelledError, record_realizations
from l5tui.runner.report import RunReport
from l5tui.store.catalog import Catalog
from l5tui.store.records import NewRun, RunRecord, RunStatus
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import xarray as xr

    from l5tui.model.recording import Recording

HEARTBEAT_SECONDS = 5.0
log = logging.getLogger(__name__)


def run_experiment(
    experiment: Experiment,
    toml: str,
    workspace: Workspace,
    *,
    observe: Observer = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RunReport:
    """Run an experiment and keep it.

    Whatever happens, the run's row in the catalogue says so: it turns completed only after its file is in
    place, and a run that fails or is cancelled leaves no file.

    Parameters
    ----------
    experiment : Experiment
    toml : str
        TOML text that gives the experiment; kept with the run.
    workspace : Workspace
    observe : callable, optional
        Told of every event.
    cancelled : callable, optional
        Asked before every step whether to stop. KeyboardInterrupt stops a run as well.

    Returns
    -------
    RunReport
        Status completed, diverged, cancelled or failed.

    Raises
    ------
    StoreError
        Where the catalogue cannot be used, so that nothing can be kept.
    """
    return _Run(experiment, toml, workspace, observe).execute(cancelled)


class _Run:
    """One run on its way through its phases."""

    def __init__(self, experiment: Experiment, toml: str, workspace: Workspace, observe: Observer) -> None:
        self._experiment = experiment
        self._toml = toml
        self._workspace = workspace
        self._tell = observe
        self._timings: dict[str, float] = {}
        self._warnings: list[str] = []
        self._beat = time.monotonic()
        self._provenance = provenance()
        self._catalog = Catalog.open(workspace)
        self._catalog.close_stale()
        self._id = self._catalog.start(_new_run(experiment, toml, self._provenance)).id

    def execute(self, cancelled: Callable[[], bool]) -> RunReport:
        """Go through the phases; end the row truthfully."""
        try:
            self._observe(RunStarted(self._id, self._experiment.name))
            with self._phase("simulate"):
                recordings = record_realizations(self._experiment, self._observe, cancelled)
            with self._phase("measure"):
                dataset = self._measured(recordings)
            record = self._store(dataset, recordings)
        except (KeyboardInterrupt, RunCancelledError) as stop:
            return self._ended(RunStatus.CANCELLED, str(stop) or "interrupted")
        except StoreError as error:
            return self._ended(RunStatus.FAILED, str(error))
        except Exception as error:
            log.exception("run %s failed", self._id)
            return self._ended(RunStatus.FAILED, f"{type(error).__name__}: {error}")
        self._track(record, dataset)
        return self._report(run_tables(dataset))

    def _measured(self, recordings: list[Recording]) -> xr.Dataset:
        import json

        from l5tui.analysis.measures import measure
        from l5tui.analysis.run_dataset import run_dataset

        attributes = {
            "run_id": self._id,
            "source": f"l5tui {self._provenance.versions['l5tui']}",
            "experiment_toml": self._toml,
            "versions": json.dumps(self._provenance.versions),
            "host": self._provenance.host,
            "git_commit": self._provenance.git_commit or "",
            "git_dirty": json.dumps(self._provenance.git_dirty),
            "created": self._catalog.find(self._id).created.isoformat(),
            "status": str(_status_of(recordings)),
        }
        return run_dataset(recordings, measure(recordings, self._experiment), self._experiment, attributes)

    def _store(self, dataset: xr.Dataset, recordings: list[Recording]) -> RunRecord:
        from l5tui.store.netcdf import write_run

        path = self._workspace.runs / f"{self._id}.nc"
        with self._phase("store"):
            digest = write_run(path, dataset)
        try:
            return self._catalog.complete(
                self._id,
                status=_status_of(recordings),
                file=self._workspace.relative(path),
                sha256=digest,
                tables=run_tables(dataset),
                timings=self._timings,
                error=_divergence(recordings),
            )
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _track(self, record: RunRecord, dataset: xr.Dataset) -> None:
        """Show the run to MLflow; the run stands, whatever comes of it."""
        try:
            with self._phase("track"):
                from l5tui.runner.tracked import tracked_run
                from l5tui.tracking.run_recorder import record_run

                tables = run_tables(dataset)
                run = tracked_run(record, self._experiment, self._workspace, tables, dataset)
                self._catalog.note_mlflow(self._id, record_run(self._workspace, run))
        except TrackingError as error:
            self._warn(f"not in MLflow: {error}")
        except KeyboardInterrupt:
            self._warn("interrupted while MLflow was told; the run itself is complete")
        except Exception as error:
            log.exception("run %s could not be shown to MLflow", self._id)
            self._warn(f"not in MLflow: {type(error).__name__}: {error}")

    def _ended(self, status: RunStatus, error: str) -> RunReport:
        self._catalog.end(self._id, status=status, error=error)
        return self._report(None)

    def _report(self, tables: RunTables | None) -> RunReport:
        record = replace(self._catalog.find(self._id), timings=self._timings)
        return RunReport(record, tables, self._workspace, tuple(self._warnings))

    def _observe(self, event: Event) -> None:
        if isinstance(event, Progress) and time.monotonic() - self._beat > HEARTBEAT_SECONDS:
            self._beat = time.monotonic()
            self._catalog.beat(self._id)
        self._tell(event)

    def _warn(self, text: str) -> None:
        log.warning("run %s: %s", self._id, text)
        self._warnings.append(text)
        self._observe(Warned(text))

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self._observe(PhaseStarted(name))
        begun = time.perf_counter()
        yield
        self._timings[name] = time.perf_counter() - begun


def _new_run(experiment: Experiment, toml: str, made_by: Provenance) -> NewRun:
    return NewRun(
        name=experiment.name,
        seed=experiment.seed,
        hash=experiment.hash,
        toml=toml,
        variant=experiment.variant,
        rule=experiment.plasticity.rule,
        notes=experiment.notes,
        tags=experiment.tags,
        host=made_by.host,
        pid=made_by.pid,
        process_started=made_by.process_started,
        git_commit=made_by.git_commit,
        git_dirty=made_by.git_dirty,
        versions=made_by.versions,
    )


def _status_of(recordings: list[Recording]) -> RunStatus:
    return RunStatus.COMPLETED if all(r.completed for r in recordings) else RunStatus.DIVERGED


def _divergence(recordings: list[Recording]) -> str | None:
    """Which realizations diverged, and where the first one did."""
    diverged = [(index, r.outcome) for index, r in enumerate(recordings, 1) if not r.completed]
    if not diverged:
        return None
    index, outcome = diverged[0]
    return f"{len(diverged)} of {len(recordings)} realizations diverged; in realization {index} {outcome}"
