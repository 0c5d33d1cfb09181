"""How much two runs of an experiment differ, compared with what the experiment itself makes of rounding errors."""

from __future__ import annotations

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.engine import CompiledEngine
from l5tui.model.reference_engine import ReferenceEngine

PERTURBATION = 1e-13
"""Relative change of W(0) and r(0)."""

MARGIN = 30.0
"""How many times the effect of the perturbation the engines may differ: rounding errors come at every step."""


def rates_of(engine: CompiledEngine | ReferenceEngine, steps: int) -> FloatArray:
    """Return the rates of all steps, shape (direction, step, N); NaN from a divergence on."""
    taken = engine.advance(steps).rates
    missing = ((0, 0), (0, steps - taken.shape[1]), (0, 0))
    return np.pad(taken, missing, constant_values=np.nan)


def perturbed(circuit: Circuit, number: int) -> Circuit:
    """Return a circuit whose weights and initial rates differ in the 13th digit."""
    random = np.random.default_rng(number)
    return Circuit(
        circuit.weights * (1 + PERTURBATION * random.standard_normal(circuit.weights.shape)),
        circuit.positions,
        circuit.initial_rates * (1 + PERTURBATION * random.standard_normal(circuit.neurons)),
        circuit.synapses,
    )


def largest_excess(experiment: Experiment, perturbations: int = 3) -> float:
    """Return the engines' largest difference over its bound, at any step; 1 or less where they agree.

    The bound at a step is what perturbed starts have made in the reference engine by then, times `MARGIN`, and
    1e-11 of the largest rate.

    Parameters
    ----------
    experiment : Experiment
    perturbations : int
    """
    circuit, steps = Circuit.sample(experiment), experiment.steps
    directions = experiment.stimulus.directions
    plain = rates_of(ReferenceEngine(circuit, experiment, directions), steps)
    compiled = rates_of(CompiledEngine(circuit, experiment, directions), steps)

    def apart(other: FloatArray) -> FloatArray:
        """Largest difference up to each step; infinite where only one has diverged."""
        gap = np.abs(other - plain)
        gap[np.isnan(other) & np.isnan(plain)] = 0.0
        gap[np.isnan(gap)] = np.inf
        return np.maximum.accumulate(gap.max(axis=(0, 2)))

    own = np.max(
        [
            apart(rates_of(ReferenceEngine(perturbed(circuit, number), experiment, directions), steps))
            for number in range(perturbations)
        ],
        axis=0,
    )
    bound = MARGIN * own + 1e-11 * np.nanmax(np.abs(plain))
    difference = apart(compiled)
    known = np.isfinite(bound)
    return float((difference[known] / bound[known]).max())
