"""Runs to draw, each read back from the file that it was stored in."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from l5tui.analysis.measures import measure
from l5tui.analysis.run_dataset import run_dataset
from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.recording import record
from l5tui.store.netcdf import open_run
from tests.run_files import write_run


def stored_run(folder: Path, experiment: Experiment) -> xr.Dataset:
    """Simulate an experiment, store it, and read it again."""
    recordings = [
        record(Circuit.sample(experiment, index), experiment, recording_plan(experiment))
        for index in range(experiment.simulation.realizations)
    ]
    dataset = run_dataset(
        recordings, measure(recordings, experiment), experiment, {"run_id": "20260102T030405-abcd"}
    )
    path = folder / "run.nc"
    write_run(path, dataset)
    return open_run(path)
