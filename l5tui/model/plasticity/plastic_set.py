"""Which weights learn, and at which steps: the mask M of the weight equation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l5tui.config import EXCITATORY, POPULATIONS, Experiment
from l5tui.model.arrays import BoolArray
from l5tui.model.layout import Layout

INHIBITORY = tuple(name for name in POPULATIONS if name not in EXCITATORY)

TURNS: dict[str, tuple[str | None, ...]] = {
    "alternate_excitatory": ("CS", "CC", None),
    "alternate_all": ("CS", "CC", "PV", "SST", None),
}
"""Population that learns in each phase of a schedule; None is rest."""


@dataclass(frozen=True, eq=False)
class PlasticSet:
    """Rows and columns of W that may learn, in each phase.

    Parameters
    ----------
    rows : tuple of (ndarray of bool, shape (N,)) or None
        Postsynaptic neurons that learn in each phase; None is a rest phase.
    columns : ndarray of bool, shape (N,)
        Presynaptic neurons whose synapses learn.
    phase_steps : int
        Steps that a phase lasts.
    onset_step : int
        First step that learns.
    """

    rows: tuple[BoolArray | None, ...]
    columns: BoolArray
    phase_steps: int
    onset_step: int

    def learning_rows(self, step: int) -> BoolArray | None:
        """Return the postsynaptic neurons that learn at a step; None if none does.

        Parameters
        ----------
        step : int

        Returns
        -------
        ndarray of bool, shape (N,), or None
        """
        if step < self.onset_step:
            return None
        return self.rows[step // self.phase_steps % len(self.rows)]


def plastic_set(experiment: Experiment) -> PlasticSet:
    """Return the plastic rows and columns of an experiment.

    The original variant has the slips of the research code.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    PlasticSet
    """
    plasticity = experiment.plasticity
    original = experiment.variant == "original"
    layout = Layout(experiment.network.sizes.in_order())
    rows = columns = np.ones(layout.neurons, dtype=bool)
    if plasticity.neurons == "excitatory":
        rows = columns = layout.members(tuple(EXCITATORY))
    elif plasticity.neurons == "inhibitory":
        rows = columns = layout.members(INHIBITORY)
        if original:
            # It counted the inhibitory neurons and let rows learn from that number on.
            rows = np.arange(layout.neurons) >= columns.sum()

    def rows_of(turn: str | None) -> BoolArray | None:
        if turn is None:
            return None
        if original and turn in INHIBITORY:
            return rows
        return rows & layout.members((turn,))

    turns = TURNS.get(plasticity.schedule)
    phases = (rows,) if turns is None else tuple(rows_of(turn) for turn in turns)
    return PlasticSet(phases, columns, plasticity.phase_steps, plasticity.onset_step)
