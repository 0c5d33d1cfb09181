"""Running one experiment: simulate, measure, store, and show to MLflow."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from l5tui.analysis.measures import measure
from l5tui.analysis.tables import RunTables, run_tables
from l5tui.analysis.trajectories import trajectories
from l5tui.config import Experiment
from l5tui.config.experiment_warnings import experiment_warnings
from l5tui.errors import StoreError, TrackingError, UnknownRunError, one_line
from l5tui.model.compiled.codes import is_compiled
from l5tui.runner.anchor import Anchor
from l5tui.runner.commit import Commit
from l5tui.runner.engine_settings import require_engine_settings
from l5tui.runner.events import (
    Event,
    Forecasted,
    Observer,
    PhaseStarted,
    Progress,
    RunStarted,
    RunStored,
    Warned,
)
from l5tui.runner.forecast import forecast, require_disk
from l5tui.runner.interruptible import interruptible_put, run_interruptible
from l5tui.runner.logs import concerning
from l5tui.runner.memory import require_memory
from l5tui.runner.mlflow_recorder import MlflowRecorder, OwnRecorder, default_recorder
from l5tui.runner.opening import open_catalog
from l5tui.runner.pause import Pause
from l5tui.runner.provenance import new_run, provenance
from l5tui.runner.realizations import THREADS, RunCancelledError, record_realizations
from l5tui.runner.report import RunReport
from l5tui.runner.run_attributes import run_attributes
from l5tui.runner.run_outcome import divergence, status_of
from l5tui.runner.scaling import scaling_warning
from l5tui.runner.shield import shielded
from l5tui.store import retry
from l5tui.store.id_paths import run_file
from l5tui.store.netcdf import clear_partial_files
from l5tui.store.records import RunRecord, RunStatus
from l5tui.store.run_file import RunFile
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import xarray as xr

    from l5tui.model.recording import Recording

HEARTBEAT_SECONDS = 5.0

log = logging.getLogger(__name__)

CUT_SHORT = "interrupted while the run was recorded in MLflow; the run itself is complete"


def run_experiment(
    experiment: Experiment,
    toml: str,
    workspace: Workspace,
    *,
    observe: Observer = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    recorder: MlflowRecorder | None = None,
    group_id: str | None = None,
    pause: Pause | None = None,
    force: bool = False,
) -> RunReport:
    """Run an experiment and store it.

    The run's row in the catalogue turns completed only after its file is in place, and a run that fails or is
    cancelled leaves no file. A file that is in place is never removed: while the catalogue is locked its row is tried
    again for `l5tui.store.retry.RETRY_SECONDS`, and written by a later command from the file if that is in vain.

    Parameters
    ----------
    experiment : Experiment
    toml : str
        TOML text that gives the experiment; kept with the run.
    workspace : Workspace
    observe : callable, optional
        Called with every event.
    cancelled : callable, optional
        Called before every step and before the run is completed; the run is cancelled if it returns True.
        KeyboardInterrupt cancels a run as well.
    recorder : MlflowRecorder, optional
        Who shows the run to MLflow; this process unless said otherwise.
    group_id : str, optional
        What the run shares with others that belong together.
    pause : Pause, optional
        Holds the simulation up; the run stays alive to others, and its timings leave the time out.
    force : bool, optional
        Start even if the forecast of memory is over what is free.

    Returns
    -------
    RunReport
        Status completed, diverged, cancelled or failed.

    Raises
    ------
    StoreError
        Where the catalogue cannot be used or the disk has no room, so that nothing can be kept.
    MemoryShortageError
        If the run needs more memory than is free.
    UnrecordedRunError
        Where the run is complete, its file is in place, and its row could not be written.
    KeyboardInterrupt
        Where it comes before the run has a row.
    """
    require_engine_settings(experiment)
    require_memory(forecast(experiment), force=force)
    recorder = recorder or default_recorder(workspace)
    pause = pause or Pause()
    return _Run(experiment, toml, workspace, observe, cancelled, recorder, group_id, pause).execute()


class _Run:
    """One run on its way through its phases."""

    def __init__(
        self,
        experiment: Experiment,
        toml: str,
        workspace: Workspace,
        observe: Observer,
        cancelled: Callable[[], bool],
        recorder: MlflowRecorder,
        group_id: str | None,
        pause: Pause,
    ) -> None:
        self._experiment = experiment
        self._toml = toml
        self._workspace = workspace
        self._notify = observe
        self._cancelled = cancelled
        self._recorder = recorder
        self._group_id = group_id
        self._pause = pause
        self._timings: dict[str, float] = {}
        self._warnings: list[str] = []
        self._beat = time.monotonic()
        self._anchor = Anchor(workspace)
        self._provenance = provenance(experiment)
        self._workspace = self._anchor.workspace()
        self._is_moved = self._workspace != workspace
        self._catalog = open_catalog(self._workspace)
        self._record: RunRecord | None = None
        self._file: RunFile | None = None

    def execute(self) -> RunReport:
        """Run the phases, and set the final status of the row."""
        with concerning() as self._concern, closing(self._anchor):
            return self._execute()

    def _execute(self) -> RunReport:
        try:
            record = self._start()
            self._compile()
            recordings = self._simulate(record)
            if warning := scaling_warning([recording.circuit for recording in recordings]):
                self._warn(warning)
            with self._phase("measure"):
                dataset = run_interruptible(
                    partial(self._measured, record, recordings), self._cancelled, "the run was measured"
                )
            tables = run_tables(dataset)
            record = self._store(record, recordings, dataset, tables)
            del recordings, dataset
            took = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self._timings.items())
            log.info("%s; %s", record.status, took)
            self._track(record, tables)
            return self._report(record, tables)
        except (KeyboardInterrupt, RunCancelledError) as stop:
            return self._stopped(str(stop) or "interrupted")
        except Exception as error:
            return self._failed(error)

    def _start(self) -> RunRecord:
        expected = forecast(self._experiment)
        require_disk(expected, self._workspace)
        if expected.is_large:
            self._observe(Forecasted(expected))
        clear_partial_files(self._workspace.runs)
        self._follow()
        with shielded():
            self._record = self._catalog.start(
                new_run(self._experiment, self._toml, self._provenance, self._group_id)
            )
        self._concern(self._record.id)
        log.info("begun, %r, seed %d", self._record.name, self._record.seed)
        self._observe(RunStarted(self._record.id, self._record.name))
        for warning in experiment_warnings(self._experiment):
            self._warn(str(warning))
        return self._record

    def _compile(self) -> None:
        """Have the engine ready: loading it takes a second, and a thread that does cannot be interrupted."""
        from l5tui.model.compiled.warm_up import needs_compiling, warm_up

        self._heed("before the simulation")
        if needs_compiling(self._experiment):
            with self._phase("compile"):
                warm_up(self._experiment)
        elif is_compiled(self._experiment):
            warm_up(self._experiment)

    def _simulate(self, record: RunRecord) -> list[Recording]:
        with self._phase("simulate"), shielded() as signalled:
            self._follow()
            self._file = RunFile(run_file(self._workspace, record.id), trajectories(self._experiment))
            _load_meanwhile("l5tui.analysis.run_dataset", "xarray.backends.netCDF4_")
            held = self._pause.seconds
            recordings = record_realizations(
                self._experiment,
                self._observe,
                lambda: signalled() or self._cancelled(),
                interruptible_put(self._file.put, self._cancelled),
                self._pause,
            )
        self._timings["simulate"] -= self._pause.seconds - held
        return recordings

    def _measured(self, record: RunRecord, recordings: list[Recording]) -> xr.Dataset:
        from l5tui.analysis.run_dataset import run_dataset

        attributes = run_attributes(
            record, self._experiment, self._toml, self._provenance, recordings, self._timings, self._warnings
        )
        return run_dataset(recordings, measure(recordings, self._experiment), self._experiment, attributes)

    def _store(
        self, record: RunRecord, recordings: list[Recording], dataset: xr.Dataset, tables: RunTables
    ) -> RunRecord:
        assert self._file is not None
        write = partial(self._file.write, dataset)
        self._follow()
        with self._phase("store"):
            digest = run_interruptible(write, self._cancelled, "the file was written")
        self._follow()
        with shielded() as signalled:
            self._heed("before the run was completed")
            self._record = self._commit(record).complete(
                self._file,
                lambda: signalled() or self._cancelled(),
                status=status_of(recordings),
                sha256=digest,
                tables=tables,
                timings=self._timings,
                error=divergence(recordings),
            )
        return self._record

    def _commit(self, record: RunRecord) -> Commit:
        return Commit(self._workspace, self._catalog, record, self._warn)

    def _track(self, record: RunRecord, tables: RunTables) -> None:
        """Show the run, and earlier ones that MLflow missed, to MLflow; the run stands, whatever comes of it."""
        try:
            self._observe(RunStored(self._report(record, tables).as_dict()))
            self._observe(PhaseStarted("track"))
            # Another one would record in the old place.
            recorder = OwnRecorder(self._workspace) if self._is_moved else self._recorder
            recorder.record(record.id, self._timings, lambda: self._observe(PhaseStarted("catch_up")))
        except TrackingError as error:
            self._warn(f"not in MLflow: {error}")
        except KeyboardInterrupt:
            self._warn(CUT_SHORT)
        except Exception as error:
            log.exception("run %s could not be recorded in MLflow", record.id)
            self._warn(CUT_SHORT if self._cancelled() else f"not in MLflow: {one_line(error)}")

    def _heed(self, when: str) -> None:
        """Raise if the run was cancelled.

        A KeyboardInterrupt may be lost: inside a destructor, which Python only reports, or while importing.
        """
        if self._cancelled():
            raise RunCancelledError(f"cancelled {when}")

    def _stopped(self, why: str) -> RunReport:
        """End a run that was cancelled, in any phase."""
        if self._record is None:
            raise KeyboardInterrupt(why)
        if self._record.status.is_final:
            self._warn("interrupted; the run itself is complete")
            return self._report(self._record, self._catalog.tables(self._record.id))
        self._commit(self._record).require_no_file(StoreError(why))
        return self._ended(self._record, RunStatus.CANCELLED, why)

    def _failed(self, error: Exception) -> RunReport:
        """End a run that went wrong; the log has the traceback."""
        if self._record is None or self._record.status.is_final:
            raise error
        self._commit(self._record).require_no_file(error)
        if self._cancelled():
            # An interrupt amid an import or a call into C comes out as whatever error it caused there.
            log.warning(
                "run %s raised an error while it was being cancelled", self._record.id, exc_info=error
            )
            return self._stopped("interrupted")
        log.error("run %s failed", self._record.id, exc_info=error)
        why = str(error) if isinstance(error, StoreError) else one_line(error)
        return self._ended(self._record, RunStatus.FAILED, why)

    def _ended(self, record: RunRecord, status: RunStatus, error: str) -> RunReport:
        self._follow()
        with shielded():
            if self._file is not None:
                self._file.discard()
            self._record = self._commit(record).end(status, error)
        log.info("run %s: %s: %s", record.id, status, error)
        return self._report(self._record, None)

    def _report(self, record: RunRecord, tables: RunTables | None) -> RunReport:
        try:
            record = self._catalog.find(record.id)
        except UnknownRunError:
            if (gone := f"run {record.id} has been deleted by another process") not in self._warnings:
                self._warn(gone)
        return RunReport(record, tables, self._workspace, tuple(self._warnings))

    def _observe(self, event: Event) -> None:
        if isinstance(event, Progress) and time.monotonic() - self._beat > HEARTBEAT_SECONDS:
            self._beat = time.monotonic()
            self._show_alive()
        self._notify(event)

    def _follow(self) -> None:
        """Continue where the workspace is now, if it was moved."""
        if (now := self._anchor.workspace()).root == self._workspace.root:
            return
        self._workspace, self._is_moved = now, True
        self._catalog = open_catalog(now)
        if self._file is not None:
            assert self._record is not None
            self._file.move(run_file(now, self._record.id))
        self._warn(f"the workspace was moved to {now.root}; the run is stored there")

    def _show_alive(self) -> None:
        assert self._record is not None
        self._follow()
        if self._file is not None:
            self._file.touch()
        try:
            self._catalog.waiting(retry.ATTEMPT_SECONDS).beat(self._record.id)
        except StoreError as error:
            # The catalogue may be free again by the time that the run has something to keep.
            log.warning("run %s: no heartbeat: %s", self._record.id, error)

    def _warn(self, text: str) -> None:
        log.warning("run %s: %s", self._record.id if self._record else "", text)
        self._warnings.append(text)
        self._observe(Warned(text))

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self._observe(PhaseStarted(name))
        begun = time.perf_counter()
        yield
        self._timings[name] = time.perf_counter() - begun
        log.debug("%s took %.3f s", name, self._timings[name])


def _load_meanwhile(*modules: str) -> None:
    """Import what is needed after the simulation, while this thread has nothing to do.

    The interpreter waits for the thread before it exits: C libraries that load while it ends may crash it. After a
    cancel the command line recognizes the thread by its name and does not wait.
    """
    name = f"{THREADS}-imports"
    threading.Thread(target=lambda: [import_module(module) for module in modules], name=name).start()
