"""Read a run's file by every reader of l5tui while its user has the file open too.

Each combination of reader and of the user's handle runs in a fork of this process, in which all is imported. Prints
one JSON value: the exit code of each fork, negative for a signal.

    python readers.py WORKSPACE RUN_ID OTHER_RUN_ID
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import xarray as xr

import l5tui
from l5tui.config import Experiment
from l5tui.runner.course import rate_course
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.history import show_run
from l5tui.runner.run_tuning import run_tuning
from l5tui.store.file_comparison import first_difference
from l5tui.tui.netcdf_thread import netcdf_thread
from l5tui.workspace import Workspace

PRELOADED = (
    "l5tui.figures.gallery",
    "l5tui.analysis.run_dataset",
    "pandas",
    "matplotlib.backends.backend_agg",
)
HANDLES: dict[str, Callable[[Path], Any]] = {
    "xarray": lambda path: xr.open_dataset(path, decode_times=False, cache=False),
    "xarray-h5netcdf": lambda path: xr.open_dataset(path, decode_times=False, engine="h5netcdf", cache=False),
    "netCDF4": netCDF4.Dataset,
    "h5py": h5py.File,
}
THREADS, READS = 2, 3


class Readers:
    """Everything in l5tui that opens a run's file.

    Parameters
    ----------
    workspace : Workspace
    run_id, other : str
        A run, and one of the same experiment.
    """

    def __init__(self, workspace: Workspace, run_id: str, other: str) -> None:
        self.workspace = workspace
        self.run = l5tui.open_run(run_id, workspace=workspace)
        self.other = l5tui.open_run(other, workspace=workspace)
        self.own: Any = None

    def weights_at(self) -> None:
        """Public function of the README."""
        weights = l5tui.weights_at(self.run.file, realization=0, direction=90, time=150)
        assert weights.shape == (44, 44)

    def open_run(self) -> None:
        """A notebook's run: a variable, and all of them."""
        assert self.run.rates.sizes["realization"] == 2
        assert "outcome" in self.run.dataset

    def figures(self) -> None:
        """A figure of a run."""
        assert self.run.figure("tuning").axes

    def compare(self) -> None:
        """The comparison, bit by bit, of ``l5tui rerun --verify``."""
        same, difference = first_difference(self.run.file, self.other.file)
        assert same or difference

    def doctor(self) -> None:
        """What `l5tui doctor` reads in a process of its own."""
        with FileReader(patience_s=60.0) as reader:
            assert reader.read(self.run.file)["attributes"]["run_id"] == self.run.id

    def app(self) -> None:
        """Charts of the app, in its thread for files."""
        record = show_run(self.workspace, self.run.id).record
        for chart in (rate_course, run_tuning):
            assert netcdf_thread.submit(chart, self.workspace, record).result(60)

    def threads(self) -> None:
        """Several threads at the same time."""
        faults: list[BaseException] = []

        def read() -> None:
            try:
                for _ in range(READS):
                    self.weights_at()
            except BaseException as error:
                faults.append(error)

        running = [threading.Thread(target=read) for _ in range(THREADS)]
        for each in running:
            each.start()
        while any(each.is_alive() for each in running):
            if self.own is not None:
                check(self.own)
        assert not faults, faults


NAMES = ("weights_at", "open_run", "figures", "compare", "doctor", "app", "threads")
SLOW = ("figures", "doctor", "threads")
"""Read once with the user's handle."""

EVERY_HANDLE = ("weights_at",)
"""Read with each kind of handle; the others with the first alone, which saves seconds."""


def check(own: Any) -> None:
    """Read numbers and text by the user's handle."""
    assert np.isfinite(np.asarray(own["initial_weights"][0])).all()
    assert len(np.asarray(own["population"][:])) == 4


def use(readers: Readers, name: str, handle: str) -> None:
    """Read with the user's handle open, used in between, closed, and left to the garbage collector."""
    read, path = getattr(readers, name), readers.run.file
    with HANDLES[handle](path) as readers.own:
        for _ in range(1 if name in SLOW else 3):
            check(readers.own)
            read()
        check(readers.own)
    if name in SLOW:
        return
    readers.own = None
    read()
    readers.own = HANDLES[handle](path)
    read()
    readers.own = None
    gc.collect()
    read()


def main() -> None:
    """Fork for each combination."""
    for name in PRELOADED:
        importlib.import_module(name)
    Experiment()
    workspace = Workspace(Path(sys.argv[1]))
    readers = Readers(workspace, *sys.argv[2:])
    # What is here before the forks is no garbage, and looking for it takes long in each.
    gc.collect()
    gc.freeze()
    codes = {}
    for name in NAMES:
        for handle in list(HANDLES)[: None if name in EVERY_HANDLE else 1]:
            if pid := os.fork():
                codes[f"{name} {handle}"] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                continue
            code = 1
            try:
                use(readers, name, handle)
                code = 0
            finally:
                if code:
                    sys.excepthook(*sys.exc_info())
                os._exit(code)
    sys.stdout.write(json.dumps(codes))


if __name__ == "__main__":
    main()
