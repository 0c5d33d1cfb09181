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
