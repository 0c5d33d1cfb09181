"""Keys and tables of an experiment, each validated on its own."""

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
    """All keys of an experiment, without the conditions that concern several keys.

    `l5tui.config.experiment.Experiment` adds these conditions. The modules that check them, the schema and the faults
    use this class, so that `Experiment` can import them.
    """

    name: str = parameter("unnamed", "Name of the experiment.", min_length=1, max_length=200)
    notes: str = parameter("", "Free text.", max_length=20_000)
    tags: Annotated[tuple[Tag, ...], Field(strict=False)] = parameter(
        (), "Tags for searching.", max_length=50
    )
    seed: int = parameter(42, "Seed of all randomness.", ge=0, lt=2**63)
    variant: Literal["original", "corrected"] = parameter(
        "corrected",
        "original: with the errors of the research code, to reproduce its numbers; corrected: without them.",
    )
    targets: dict[str, Target] = parameter(
        dict, "Experimental targets for measures of a run, by the name of the measure."
    )
    network: Network = parameter(Network, "Populations, connectivity and transfer function.")
    dynamics: Dynamics = parameter(Dynamics, "Time constant, step, duration and integrator.")
    plasticity: Plasticity = parameter(Plasticity, "Learning rule and schedule.")
    stimulus: Stimulus = parameter(Stimulus, "Drifting grating.")
    simulation: Simulation = parameter(Simulation, "Independent circuits.")
    loss: Loss = parameter(Loss, "Form of the loss.")
    recording: Recording = parameter(Recording, "Recorded rates, weights and figures.")
    tuning: Tuning = parameter(Tuning, "Parameter search.")

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
