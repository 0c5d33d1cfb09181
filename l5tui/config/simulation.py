"""``[simulation]``: how many circuits are drawn and run."""

from __future__ import annotations

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
