"""``[simulation]``: how many circuits are drawn and run."""

from __future__ import annotations

from typing import Literal

from l5tui.config.section import Section, parameter


class Simulation(Section):
    """Independent realizations of the circuit."""

    realizations: int = parameter(
        5,
        "Circuits that are sampled and run.",
        symbol="R",
        unit="circuits",
        alias="sim_number",
        ge=1,
        le=10_000,
    )
    workers: int = parameter(
        0,
        "Realizations that run at the same time; 0 is one for each core. The numbers do not depend on it.",
        unit="threads",
        ge=0,
        le=1024,
    )
    until: Literal["end", "converged"] = parameter(
        "end",
        "Run for dynamics.duration_tau, or until every neuron's mean rate over a stimulus period has settled.",
    )
    tolerance: float = parameter(
        1e-3,
        "Change of a neuron's mean rate from one period to the next below which it has settled; five such "
        "periods end a run with simulation.until = converged.",
        unit="a.u.",
        gt=0,
        le=1e3,
    )
    max_duration_tau: float = parameter(
        2500.0, "Longest run with simulation.until = converged, in units of tau.", unit="tau", gt=0, le=1e7
    )
