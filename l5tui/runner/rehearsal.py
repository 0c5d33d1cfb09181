"""Warm-up run: load lazy dependencies and compiled kernels before the first real run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from l5tui.analysis.trajectories import trajectories
from l5tui.config.toml_file import parse_experiment
from l5tui.store.run_file import RunFile

SMALL = """
[network]
sizes = {CS = 4, CC = 8, PV = 4, SST = 4}
[dynamics]
duration_tau = 60.0
[simulation]
realizations = 2
"""


def rehearse() -> None:
    """Simulate, measure and write a file that is thrown away.

    Importing is not enough: xarray looks for the kinds of arrays there are when it makes its first variable, and
    for a lock when it opens its first file, which together take half a second.
    """
    from l5tui.analysis.measures import measure
    from l5tui.analysis.run_dataset import run_dataset
    from l5tui.runner.realizations import record_realizations

    experiment = parse_experiment(SMALL, "rehearsal").experiment
    with TemporaryDirectory(prefix="l5tui-") as folder:
        file = RunFile(Path(folder) / "rehearsal.nc", trajectories(experiment))
        recordings = record_realizations(experiment, lambda event: None, lambda: False, file.put)
        file.finish(run_dataset(recordings, measure(recordings, experiment), experiment, {}))
