"""Running one circuit, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from l5tui.config import Experiment
from l5tui.model.chunk import Chunk
from l5tui.model.circuit import Circuit
from l5tui.model.engines import Engine, new_engine
from l5tui.model.outcome import Cancelled, Completed, Outcome
from l5tui.model.trajectory import Trajectory
from l5tui.model.weight_change import WeightChange

CHUNK_STEPS = 64
"""Steps between two reports of progress."""


def simulate(
    circuit: Circuit,
    experiment: Experiment,
    directions: Sequence[float] | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Trajectory:
    """Simulate a circuit and return all rates.

    Parameters
    ----------
    circuit : Circuit
    experiment : Experiment
    directions : sequence of float, optional
        Directions of motion in degrees; by default the experiment's.
    progress : callable, optional
        Called with the number of steps taken and the total, at the start, at intervals, and at the end.
    cancelled : callable, optional
        Called before every step; the simulation stops if it returns True.

    Returns
    -------
    Trajectory

    Raises
    ------
    ValueError
        If the circuit does not match the experiment.

    Examples
    --------
    >>> experiment = Experiment.model_validate({"network": {"sizes": [9, 22, 7, 6]}})
    >>> trajectory = simulate(Circuit.sample(experiment), experiment, directions=[90.0])
    >>> trajectory.rates.shape
    (1, 2500, 44)
    """
    shown = experiment.stimulus.directions if directions is None else directions
    engine = new_engine(circuit, experiment, shown, keep_factors=True)
    total = experiment.steps
    stop = cancelled or (lambda: False)
    report = progress or (lambda done, of: None)
    chunks: list[Chunk] = []
    report(0, total)
    while engine.step < total:
        wanted = min(CHUNK_STEPS, total - engine.step)
        chunk = engine.advance(wanted, stop)
        chunks.append(chunk)
        report(engine.step, total)
        if chunk.rates.shape[1] < wanted:
            break
    return Trajectory(
        rates=np.concatenate([chunk.rates for chunk in chunks], axis=1),
        directions=engine.directions,
        outcome=outcome_of(engine, total),
        circuit=circuit,
        post=np.concatenate([chunk.post for chunk in chunks], axis=1),
        pre=np.concatenate([chunk.pre for chunk in chunks], axis=1),
        change=WeightChange(circuit, experiment),
        final_weights=np.stack([engine.weights(index) for index in range(len(engine.directions))]),
    )


def outcome_of(engine: Engine, total: int) -> Outcome:
    """Return how a simulation ended.

    Parameters
    ----------
    engine : Engine
    total : int
        Steps of the whole simulation.

    Returns
    -------
    Completed, Cancelled or Diverged
    """
    if engine.diverged:
        return engine.diverged
    return Completed() if engine.step == total else Cancelled(engine.step)
