"""``[plasticity]``: the learning rule, the plastic weights and the schedule."""

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
        "First step with learning.",
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
        "All populations learn at once, or in turns: CS, CC, none; or CS, CC, PV, SST, none.",
        alias="phase_list",
    )
    phase_steps: int = parameter(
        10, "Duration of each turn of an alternating schedule.", unit="steps", ge=1, le=10**9
    )
    synapses: Literal["all_pairs", "existing"] = parameter(
        "all_pairs",
        "all_pairs: the weights of all pairs learn, connected or not; existing: only those of sampled synapses.",
    )
    dale: bool = parameter(False, "Dale's law: a weight that would change its sign is set to zero.")
    threshold_kernel: Literal["truncated", "exponential"] = parameter(
        "truncated",
        "Kernel of the sliding threshold: truncated after 90 % of its weight, or exponential without a cut.",
    )
    threshold_floor: float = parameter(
        0.0,
        "Lower bound of the threshold of both BCM rules: θ is replaced by max(θ, floor).",
        unit="rate²",
        ge=0,
        le=1e12,
    )
    presynaptic_term: Literal["stimulus", "rate"] = parameter(
        "stimulus", "Presynaptic factor of both BCM rules."
    )
