"""Descriptions of a run's trajectories, which may exceed memory, before the run begins."""

from __future__ import annotations

from dataclasses import dataclass

from l5tui.analysis.windows import recording_plan
from l5tui.config import Experiment

DIMENSIONS = {
    "rates": ("realization", "direction", "time", "neuron"),
    "weight_post": ("realization", "direction", "step", "neuron"),
    "weight_pre": ("realization", "direction", "step", "neuron"),
    "weights": ("realization", "direction", "time", "post_neuron", "pre_neuron"),
}
LONG_NAMES = {
    "rates": "rate, averaged over the steps",
    "weight_post": "postsynaptic factor of the change of W at each step, learning rate included",
    "weight_pre": "presynaptic factor of the change of W at each step",
    "weights": "weight after the last step of the average",
}
UNITS = {"rates": "a.u."}


@dataclass(frozen=True)
class TrajectoryVariable:
    """Variable of a run's dataset that grows during the run.

    Parameters
    ----------
    dims : tuple of str
        Names of the dimensions.
    shape : tuple of int
        Length of each dimension.
    dtype : str
        ``float32`` or ``float64``.
    attributes : dict of str to str
        ``long_name`` and ``units``.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    attributes: dict[str, str]

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        size = 8 if self.dtype == "float64" else 4
        for length in self.shape:
            size *= length
        return size


def trajectories(experiment: Experiment) -> dict[str, TrajectoryVariable]:
    """Return a description of every trajectory that an experiment records, by name.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the run.

    Returns
    -------
    dict of str to TrajectoryVariable
        Empty if the experiment records no trajectory.

    Examples
    --------
    >>> list(trajectories(Experiment()))
    ['rates']
    """
    neurons = sum(experiment.network.sizes.in_order())
    shapes = recording_plan(experiment).trajectory_shapes(
        len(experiment.stimulus.directions), experiment.steps, neurons
    )
    exact = ("weight_post", "weight_pre")
    return {
        name: TrajectoryVariable(
            dims=DIMENSIONS[name],
            shape=(experiment.simulation.realizations, *shape),
            dtype="float64" if name in exact else experiment.recording.dtype,
            attributes={"long_name": LONG_NAMES[name], "units": UNITS.get(name, "1")},
        )
        for name, shape in shapes.items()
    }
