"""Weights of a stored run at any step for which its file contains them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from l5tui.analysis.trajectories import trajectories
from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import StoreError
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.grating import moving_grating
from l5tui.model.trajectory import replay
from l5tui.model.weight_change import WeightChange, presynaptic_signs
from l5tui.store.netcdf import open_run, read_part


def weights_at(path: str | Path, realization: int, direction: float, time: int) -> FloatArray:
    """W after a number of steps, ``[post, pre]``, from a run's file.

    A file with ``recording.weights = "factors"`` gives W at every step, exact up to rounding; a file with ``"full"``
    at the end of each recorded mean; any file at the beginning and at the end, in the precision of
    ``recording.dtype``.

    Parameters
    ----------
    path : str or Path
        The NetCDF file.
    realization : int
        From 0.
    direction : float
        Direction of motion in degrees, one of the experiment's.
    time : int
        Number of steps: 0 for W(0).

    Returns
    -------
    ndarray, shape (N, N)

    Raises
    ------
    StoreError
        If the file does not contain W at this step; the message lists the steps that it contains.

    Examples
    --------
    >>> import l5tui
    >>> run = l5tui.open_run("last")
    >>> weights = l5tui.weights_at(run.file, realization=0, direction=90, time=0)
    >>> weights.shape == 2 * (sum(run.experiment.network.sizes.in_order()),)
    True
    """
    file = Path(path)
    run = open_run(file, ["steps", "direction", "last_step", "positions"])
    directions = [float(angle) for angle in run["direction"].values]
    _require(realization in range(run.sizes["realization"]), file, f"realization {realization}")
    _require(float(direction) in directions, file, f"direction {direction:g}; it has {directions}")
    column = directions.index(float(direction))
    steps = int(run["steps"][realization])
    _require(0 <= time <= steps, file, f"step {time}; it has 0 to {steps}")
    if time == 0:
        return _read(file, "initial_weights", realization)
    experiment = _experiment_of(file)
    kept = trajectories(experiment)
    if "weight_post" in kept:
        circuit = Circuit(
            _read(file, "initial_weights", realization),
            run["positions"].values[realization],
            np.zeros(run.sizes["neuron"]),
        )
        post = _read(file, "weight_post", realization, column, slice(0, time))
        if "weight_pre" in kept:
            pre = _read(file, "weight_pre", realization, column, slice(0, time))
        else:
            grating = moving_grating(experiment, circuit.positions, [float(direction)])
            signs = presynaptic_signs(experiment)
            pre = np.stack([grating.at(step)[0] * signs for step in range(time)])
        return replay(circuit.weights, post, pre, WeightChange(circuit, experiment))
    if time == steps:
        return _read(file, "final_weights", realization, column)
    ends = [int(step) for step in run["last_step"].values]
    _require(
        "weights" in kept and time in ends, file, f'W({time}); recording.weights = "factors" keeps every step'
    )
    return _read(file, "weights", realization, column, ends.index(time))


def _require(holds: bool, file: Path, what: str) -> None:
    if not holds:
        raise StoreError(f"{file} does not contain {what}")


def _read(file: Path, name: str, *index: int | slice) -> FloatArray:
    return read_part(file, name, *index).astype(np.float64)


def _experiment_of(file: Path) -> Experiment:
    return validate_stored(parse_toml(str(open_run(file, ["steps"]).attrs["experiment_toml"])))
