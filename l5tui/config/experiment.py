"""The whole experiment: one frozen tree, everything that a run depends on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

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


class Experiment(Section):
    """A complete, checked description of one experiment.

    Examples
    --------
    >>> Experiment.model_validate({"plasticity": {"rule": "oja"}}).plasticity.rule
    'oja'
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

    @model_validator(mode="after")
    def _cross_checks(self, info: ValidationInfo) -> Self:
        from l5tui.config.checks import cross_check

        context = info.context or {}
        if context.get("stored"):
            return self
        if faults := cross_check(self, context.get("use", "run")):
            # In this order: pydantic fills in placeholders also within what it has filled in before.
            told = {"faults": faults, "told": "; ".join(str(fault) for fault in faults)}
            raise PydanticCustomError("cross_checks", "{told}", told)
        return self

    @classmethod
    def load(cls, path: str | Path, overrides: Sequence[str] = ()) -> Experiment:
        """Read an experiment from a TOML file.

        Parameters
        ----------
        path : str or Path
            The file. An experiment that does not name itself takes the file's name.
        overrides : sequence of str
            ``section.key=value`` assignments that win over the file.

        Raises
        ------
        ConfigError
            With every fault of the file.
        """
        from l5tui.config.toml_file import read_experiment

        return read_experiment(Path(path), overrides).experiment

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

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved configuration: equal for files that mean the same run."""
        from l5tui.config.identity import experiment_hash

        return experiment_hash(self)
