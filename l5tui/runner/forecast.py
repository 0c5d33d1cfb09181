"""What a run will take in time, memory and disk, before it begins."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass

from l5tui.analysis.trajectories import trajectories
from l5tui.analysis.windows import recording_bins
from l5tui.config import Experiment
from l5tui.errors import StoreError
from l5tui.model.compiled.codes import is_compiled
from l5tui.model.weight_form import is_low_rank
from l5tui.runner.processors import processor_count
from l5tui.text import amount
from l5tui.workspace import Workspace

LARGE_BYTES = 1_000_000_000
LONG_SECONDS = 60.0

PROCESS_BYTES = 330_000_000
"""Of the interpreter with all that it imports, before anything is simulated."""

STEP_S = 8e-6
"""One step of four directions, whatever the size."""
NEURON_S = 2e-8
"""A neuron's response in four directions."""
SYNAPSE_S = 2e-10
"""A synapse's part of the product, in four directions."""
LOW_RANK_S = 3e-8
"""A neuron's part of a step that learns, where W is W(0) plus outer products."""
CACHED_PAIR_S = 7e-10
"""A pair of neurons' part of a step that learns, in four directions, while the weights fit the processor's cache."""
PAIR_S = 2.3e-9
"""The same where they do not."""
PLASTIC_SYNAPSE_S = 7e-9
"""The same of a synapse where only those that exist learn."""
REFERENCE = 6.0
"""How many times longer a pair's part takes where the rule has no compiled form."""
CACHE_BYTES = 16_000_000
EIGENVALUE_S = 8e-10
"""Of the cube of the size, for all eigenvalues of a matrix; above `ITERATIVE_SIZE` only the square counts."""
ITERATIVE_SIZE = 500
OTHER_S = 3.0
"""Imports, measures, writing, drawing and MLflow."""


@dataclass(frozen=True)
class Forecast:
    """What a run will take, within a factor of two or three: machines differ.

    Parameters
    ----------
    seconds : float
        For the whole command, compiled code warm.
    memory : int
        Most that the process will hold, in bytes.
    disk : int
        Size of the run's file, in bytes, before compression.
    """

    seconds: float
    memory: int
    disk: int

    @property
    def is_large(self) -> bool:
        """Whether a person should know before it begins: more than a minute or a gigabyte."""
        return self.seconds > LONG_SECONDS or max(self.memory, self.disk) > LARGE_BYTES


def forecast(experiment: Experiment) -> Forecast:
    """Return the expected time, memory and file size of a run.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Forecast
        Time from costs of a step that were measured on one machine; memory and disk from the arrays' sizes.
    """
    return Forecast(_seconds(experiment), _memory(experiment), _disk(experiment))


def require_disk(expected: Forecast, workspace: Workspace) -> None:
    """Refuse a run whose file would not fit on the disk.

    Raises
    ------
    StoreError
        Where less is free than the file needs.
    """
    folder = next(each for each in (workspace.runs, *workspace.runs.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    if expected.disk > free:
        raise StoreError(
            f"{workspace.runs}: the run needs {amount(expected.disk)} of disk space, {amount(free)} are free; record "
            'less (recording.rates, recording.every, recording.weights = "blocks"), or free disk space'
        )


def _neurons(experiment: Experiment) -> int:
    return sum(experiment.network.sizes.in_order())


def _synapses(experiment: Experiment) -> float:
    sizes = experiment.network.sizes.in_order()
    rows = zip(experiment.network.connection_probability, sizes, strict=True)
    total: float = sum(
        p * before * after for row, before in rows for p, after in zip(row, sizes, strict=True)
    )
    return total


def _seconds(experiment: Experiment) -> float:
    plasticity, simulation = experiment.plasticity, experiment.simulation
    workers = min(simulation.workers or processor_count(), simulation.realizations, processor_count())
    directions = len(experiment.stimulus.directions)
    neurons, synapses = _neurons(experiment), _synapses(experiment)
    resting = STEP_S + NEURON_S * neurons + SYNAPSE_S * synapses
    learned_steps = max(experiment.steps - plasticity.onset_step, 0) if plasticity.rule != "none" else 0
    seconds: float = experiment.steps * resting + learned_steps * _learning_seconds(experiment)
    matrices = directions + 1 if experiment.recording.abscissa != "none" else 0
    if experiment.recording.abscissa == "all":
        matrices *= _bins(experiment)
    spectrum = EIGENVALUE_S * neurons * neurons * min(neurons, ITERATIVE_SIZE)
    rounds = math.ceil(simulation.realizations / workers)
    return OTHER_S + rounds * (seconds * math.ceil(directions / 4) + matrices * spectrum)


def _learning_seconds(experiment: Experiment) -> float:
    """Of the learning of one step in four directions."""
    neurons = _neurons(experiment)
    if not is_compiled(experiment):
        return REFERENCE * PAIR_S * neurons * neurons
    if is_low_rank(experiment):
        return LOW_RANK_S * neurons
    if experiment.plasticity.synapses == "existing":
        return PLASTIC_SYNAPSE_S * _synapses(experiment)
    pair = CACHED_PAIR_S if 32 * neurons**2 < CACHE_BYTES else PAIR_S
    return pair * neurons * neurons


def _bins(experiment: Experiment) -> int:
    return len(recording_bins(experiment))


def _matrices(experiment: Experiment) -> tuple[int, int]:
    """Elements of all realizations' W(0), and of all their last W."""
    one = experiment.simulation.realizations * _neurons(experiment) ** 2
    return one, one * len(experiment.stimulus.directions)


def _memory(experiment: Experiment) -> int:
    initial, final = _matrices(experiment)
    itemsize = 4 if experiment.recording.dtype == "float32" else 8
    # The engine's own, the recordings', and the dataset that is made of them.
    return PROCESS_BYTES + 2 * 8 * initial + (2 * 8 + itemsize) * final


def _disk(experiment: Experiment) -> int:
    initial, final = _matrices(experiment)
    itemsize = 4 if experiment.recording.dtype == "float32" else 8
    return 8 * initial + itemsize * final + sum(each.nbytes for each in trajectories(experiment).values())
