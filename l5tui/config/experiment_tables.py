"""The keys and tables of an experiment, each of them valid by itself."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from l5tui.config.dynamics import Dynamics
from l5tui.config.loss import Loss
from l5tui.config.network import Network
from l5tui.config.plasticity import Plasticity
from l5tui.config.recording import Recording
from l5tui.config.section import Section, parameter
from l5tui.config.simulation import Simulation
from l5tui.config.stimulus import Stimulus
from l5tui.config.targets import Target
from l5tui.config.tuning import Tuning

Tag = Annotated[str, Field(min_length=1, max_length=100)]


class ExperimentTables(Section):
    """Everything that a run depends on, before the keys are compared with each other.

    `l5tui.config.experiment.Experiment` is the same with that comparison. What the comparison, the schema and the
    faults are made of takes this class, so that `Experiment` can call them.
    """

    name: str = parameter("unnamed", "Name of the experiment.", min_length=1, max_length=200)
    notes: str = parameter("", "Anything worth remembering.", max_length=20_000)
    tags: Annotated[tuple[Tag, ...], Field(strict=False)] = parameter(
        (), "Words to find it by.", max_length=50
    )
    seed: int = parameter(42, "Seed of all randomness.", ge=0, lt=2**63)
    variant: Literal["original", "corrected"] = parameter(
        "corrected", "With the research code's slips, to reproduce its numbers, or without."
    )
    targets: dict[str, Target] = parameter(
        dict, "What measures of a run should be, by their names, as far as experiments tell."
    )
    network: Network = parameter(Network, "Populations, wiring and transfer function.")
    dynamics: Dynamics = parameter(Dynamics, "How rates move in time.")
    plasticity: Plasticity = parameter(Plasticity, "How weights learn.")
    stimulus: Stimulus = parameter(Stimulus, "The moving grating.")
    simulation: Simulation = parameter(Simulation, "Realizations.")
    loss: Loss = parameter(Loss, "What tuning minimizes.")
    recording: Recording = parameter(Recording, "What is kept.")
    tuning: Tuning = parameter(Tuning, "How parameters are searched.")

    @property
    def steps(self) -> int:
        """Number of time steps T, at most, of one simulation."""
        simulation = self.simulation
        converges = simulation.until == "converged"
        return self.dynamics.steps_of(
            simulation.max_duration_tau if converges else self.dynamics.duration_tau
        )

    @property
    def radians_per_step(self) -> float:
        """Temporal frequency ω of the stimulus, in radians per step, whichever key gives it."""
        hertz = self.stimulus.temporal_frequency_hz
        if hertz > 0:
            return 2 * math.pi * hertz * self.dynamics.step_seconds
        return self.stimulus.temporal_frequency

    @property
    def loss_form(self) -> Literal["signed", "absolute", "targets"]:
        """The form of the loss, with ``auto`` resolved by the variant."""
        if self.loss.form != "auto":
            return self.loss.form
        return "absolute" if self.variant == "original" else "signed"
