"""``[plasticity]``: which weights learn, by which rule, and when."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from l5tui.config.rules import is_rule, rule_names
from l5tui.config.section import NameOf, Section, parameter

RuleName: TypeAlias = Annotated[str, NameOf(rule_names, is_rule)]


class Plasticity(Section):
    """The learning rule and its schedule."""

    rule: RuleName = parameter("sliding_bcm", "Learning rule.", alias="learning_rule")
    tau_learn: float = parameter(
        1997.467, "Time constant of learning.", symbol="τ_w", unit="time", gt=0, le=1e12
    )
    tau_threshold: float = parameter(
        2.7922382927606537,
        "Time constant of the sliding threshold and of the window of recent rates.",
        symbol="τ_θ",
        unit="time",
        gt=0,
        le=1e12,
    )
    onset_step: int = parameter(
        500,
        "First step that learns.",
        symbol="t_on",
        unit="steps",
        alias="number_steps_before_learning",
        ge=0,
        le=10**12,
    )
    neurons: Literal["all", "excitatory", "inhibitory"] = parameter(
        "all", "Populations whose mutual synapses learn."
    )
    schedule: Literal["continuous", "alternate_excitatory", "alternate_all"] = parameter(
        "continuous",
        "Learn always, or in turns: CS, CC, rest; or CS, CC, PV, SST, rest.",
        alias="phase_list",
    )
    phase_steps: int = parameter(
        10, "Length of one turn of an alternating schedule.", unit="steps", ge=1, le=10**9
    )
    synapses: Literal["all_pairs", "existing"] = parameter(
        "all_pairs", "Every pair learns, connected or not; or the sampled synapses only."
    )
    dale: bool = parameter(False, "Keep every weight's sign (Dale's law): a weight stops at zero.")
    threshold_kernel: Literal["truncated", "exponential"] = parameter(
        "truncated", "Memory of the sliding threshold: cut after 90 % of its weight, or whole."
    )
    threshold_floor: float = parameter(
        0.0,
        "Least threshold of both BCM rules: θ is replaced by max(θ, floor).",
        unit="rate²",
        ge=0,
        le=1e12,
    )
    presynaptic_term: Literal["stimulus", "rate"] = parameter(
        "stimulus", "Presynaptic factor of both BCM rules."
    )
