"""Running the realizations of an experiment, as many at a time as there are workers."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeAlias

from threadpoolctl import threadpool_limits

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.cancellation import StoppedError
from l5tui.model.circuit import Circuit
from l5tui.model.outcome import Cancelled
from l5tui.model.recording import Recording, Stream, record
from l5tui.runner.events import Observer, Progress, Snapshot
from l5tui.runner.live import LiveView
from l5tui.runner.pause import Pause
from l5tui.runner.processors import processor_count

Piece: TypeAlias = tuple[int, str, int, FloatArray]

QUEUED_PIECES = 64
REPORT_SECONDS = 0.1
"""Time between two reports of progress, and between two looks whether to stop."""
SNAPSHOT_SECONDS = 0.2
"""Time between two snapshots of the realizations."""
WAIT_SECONDS = 0.01
LEAVE_SECONDS = 0.3
"""Time that realizations have to end in when a run is cancelled."""
THREADS = "realization"
"""What the names of the threads that simulate begin with."""

log = logging.getLogger(__name__)


class RunCancelledError(Exception):
    """The run was stopped on request; says how far it had got."""


class Put(Protocol):
    """Where trajectories are kept; called by the thread that started the run only."""

    def __call__(self, realization: int, name: str, start: int, values: FloatArray) -> None:
        """Take a piece of one realization's trajectory, shape (direction, n, …)."""


def record_realizations(
    experiment: Experiment,
    observe: Observer,
    cancelled: Callable[[], bool],
    put: Put | None = None,
    pause: Pause | None = None,
) -> list[Recording]:
    """Sample and simulate every realization, on threads: the engine runs without the interpreter's lock.

    Trajectories go through a queue to `put`, as NetCDF can be written by one thread only; a full queue makes the
    simulations wait, so that no trajectory piles up in memory. Without `put` they are kept in memory.

    A realization's numbers depend on nothing but the experiment and its own index, and linear algebra runs on
    one thread, so that the same file gives the same bits, whatever the number of workers.

    While they are held by `pause`, progress is reported as ever, which shows that the run is alive.

    Raises
    ------
    RunCancelledError
        Where `cancelled` said so.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        return _Pool(experiment, observe, cancelled, put, pause or Pause()).run()


def worker_count(experiment: Experiment) -> int:
    """Realizations that run at the same time."""
    wanted = experiment.simulation.workers or processor_count()
    return min(wanted, experiment.simulation.realizations)


class _Pool:
    """The realizations of one run on their threads."""

    def __init__(
        self,
        experiment: Experiment,
        observe: Observer,
        cancelled: Callable[[], bool],
        put: Put | None,
        pause: Pause,
    ) -> None:
        self._experiment = experiment
        self._plan = recording_plan(experiment)
        self._observe = observe
        self._cancelled = cancelled
        self._pause = pause
        self._paused_before = pause.seconds
        self._put = put
        self._pieces: queue.Queue[Piece] = queue.Queue(QUEUED_PIECES)
        self._stop = threading.Event()
        self._steps = [0] * experiment.simulation.realizations
        self._live = LiveView(experiment)
        self._begun = time.perf_counter()

    def run(self) -> list[Recording]:
        """Every realization's recording, in order."""
        threads = ThreadPoolExecutor(worker_count(self._experiment), thread_name_prefix=THREADS)
        futures = [threads.submit(self._record, index) for index in range(len(self._steps))]
        try:
            self._watch(futures)
            return [future.result() for future in futures]
        finally:
            self._stop.set()
            threads.shutdown(wait=False, cancel_futures=True)
            if wait(futures, LEAVE_SECONDS).not_done:
                # A call into LAPACK or NumPy cannot be interrupted; the thread ends after it.
                log.warning("cancelled: a realization of a large network ends in the background")
            else:
                threads.shutdown(wait=True)

    def _watch(self, futures: list[Future[Recording]]) -> None:
        """Write pieces and report progress until all have ended, one has failed, or the run is to stop."""
        reported = shown = 0.0
        while True:
            ended = all(future.done() for future in futures)
            if any(future.done() and future.exception() for future in futures):
                return
            written = self._write_piece()
            if ended and not written:
                self._emit(futures, self._live.rest())
                return
            if time.perf_counter() - reported >= REPORT_SECONDS:
                reported = time.perf_counter()
                snapshots: Iterable[Snapshot] = ()
                if reported - shown >= SNAPSHOT_SECONDS:
                    shown, snapshots = reported, self._live.snapshots()
                self._emit(futures, snapshots)
                if self._cancelled():
                    raise self._cancellation(futures)

    def _emit(self, futures: list[Future[Recording]], snapshots: Iterable[Snapshot]) -> None:
        self._observe(self._progress(futures))
        for snapshot in snapshots:
            self._observe(snapshot)

    def _write_piece(self) -> bool:
        """Write the next piece, or wait a short time for one; return whether there was one."""
        try:
            piece = self._pieces.get(timeout=REPORT_SECONDS if self._pause.is_held else WAIT_SECONDS)
        except queue.Empty:
            return False
        assert self._put is not None
        self._put(*piece)
        return True

    def _cancellation(self, futures: list[Future[Recording]]) -> RunCancelledError:
        done = sum(future.done() for future in futures)
        taken, total = sum(self._steps), len(futures) * self._experiment.steps
        return RunCancelledError(
            f"cancelled after {taken} of {total} steps, with {done} of {len(futures)} realizations done"
        )

    def _progress(self, futures: list[Future[Recording]]) -> Progress:
        done = sum(future.done() for future in futures)
        total = len(futures) * self._experiment.steps
        held = self._pause.seconds - self._paused_before
        elapsed = time.perf_counter() - self._begun - held
        return Progress(done, len(futures), sum(self._steps), total, elapsed, self._pause.is_held)

    def _record(self, index: int) -> Recording:
        def report(taken: int, total: int) -> None:
            self._steps[index] = taken

        try:
            circuit = Circuit.sample(self._experiment, index, self._stop.is_set)
        except StoppedError:
            raise RunCancelledError(f"cancelled while realization {index + 1} was sampled") from None
        recording = record(
            circuit,
            self._experiment,
            self._plan,
            stream=self._stream_of(index) if self._put else None,
            progress=report,
            cancelled=self._is_to_stop,
            watch=self._live.watch(index, circuit.target_weights),
        )
        if isinstance(recording.outcome, Cancelled):
            raise RunCancelledError(f"{recording.outcome} of realization {index + 1}")
        self._steps[index] = self._experiment.steps
        return recording

    def _is_to_stop(self) -> bool:
        """Return whether to stop; threads call it before every step, and wait in it during a pause."""
        if self._pause.is_held:
            self._pause.wait(self._stop.is_set)
        return self._stop.is_set()

    def _stream_of(self, index: int) -> Stream:
        def stream(name: str, start: int, values: FloatArray) -> None:
            # The queue is full while the disk is slower than the simulation.
            while not self._stop.is_set():
                try:
                    self._pieces.put((index, name, start, values), timeout=REPORT_SECONDS)
                except queue.Full:
                    continue
                return

        return stream
