"""Compiling ahead of time, so that the wait can be announced and is not taken for the simulation's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.codes import is_compiled
from l5tui.model.compiled.engine import CompiledEngine
from l5tui.model.compiled.low_rank import advance_low_rank
from l5tui.model.compiled.plastic import advance_plastic
from l5tui.model.weight_form import is_low_rank

SIZES = (1, 1, 1, 1)


def needs_compiling(experiment: Experiment) -> bool:
    """Return whether the engine of an experiment must still be compiled on this machine.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    bool
    """
    if not is_compiled(experiment):
        return False
    kernel: Any = advance_low_rank if is_low_rank(experiment) else advance_plastic
    module = kernel.py_func.__module__.rpartition(".")[2]
    folder = Path(kernel.stats.cache_path)
    return not any(folder.glob(f"{module}.{kernel.py_func.__name__}-*.nbi"))


def warm_up(experiment: Experiment) -> None:
    """Compile the engine of an experiment by simulating one step of the smallest network.

    Parameters
    ----------
    experiment : Experiment
    """
    smallest = experiment.model_dump()
    smallest["network"].update(sizes=SIZES, connection_probability=[[0.0] * 4] * 4)
    smallest["plasticity"].update(onset_step=0)
    neurons = sum(SIZES)
    circuit = Circuit(np.zeros((neurons, neurons)), np.zeros((neurons, 2)), np.ones(neurons))
    engine = CompiledEngine(circuit, Experiment.model_validate(smallest), [0.0])
    engine.advance(2)
    engine.block_moments(0)
