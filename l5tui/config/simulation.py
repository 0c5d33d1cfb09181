"""``[simulation]``: number of circuits, parallelism, and the end of a run."""

from __future__ import annotations

from typing import Literal

from l5tui.config.section import Section, parameter


class Simulation(Section):
    """Independent realizations of the circuit."""

    realizations: int = parameter(
        5,
        "Number of circuits that are sampled and simulated.",
        symbol="R",
        unit="circuits",
        alias="sim_number",
        ge=1,
        le=10_000,
    )
    workers: int = parameter(
        0,
        "Realizations that run at the same time; 0: one for each core. Results do not depend on it.",
        unit="threads",
        ge=0,
        le=1024,
    )
    until: Literal["end", "converged"] = parameter(
        "end",
        "end: after dynamics.duration_tau; converged: when every neuron's mean rate over a period has settled.",
    )
    tolerance: float = parameter(
        1e-3,
        "A neuron has settled if its mean rate changes by less than this from one period to the next; five such "
        "periods of all neurons end a run with simulation.until = converged.",
        unit="a.u.",
        gt=0,
        le=1e3,
    )
    max_duration_tau: float = parameter(
        2500.0,
        "Maximum duration of a run with simulation.until = converged, in units of tau.",
        unit="tau",
        gt=0,
        le=1e7,
    )
