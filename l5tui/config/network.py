"""``[network]``: populations, connectivity, and the transfer function."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from l5tui.config.section import PopulationValues, Section, parameter

Probability = Annotated[float, Field(ge=0, le=1)]
Amplitude = Annotated[float, Field(ge=-1000, le=1000)]
Relaxed = Field(strict=False)

ProbabilityRow = Annotated[tuple[Probability, Probability, Probability, Probability], Relaxed]
ProbabilityTable = Annotated[tuple[ProbabilityRow, ProbabilityRow, ProbabilityRow, ProbabilityRow], Relaxed]
AmplitudeRow = Annotated[tuple[Amplitude, Amplitude, Amplitude, Amplitude], Relaxed]
AmplitudeTable = Annotated[tuple[AmplitudeRow, AmplitudeRow, AmplitudeRow, AmplitudeRow], Relaxed]


class Sizes(PopulationValues):
    """Number of neurons of each population; a population of size 0 is omitted."""

    CS: int = parameter(45, "Cortico-subcortical neurons.", unit="neurons", ge=0, le=20_000)
    CC: int = parameter(275, "Cortico-cortical neurons.", unit="neurons", ge=0, le=20_000)
    PV: int = parameter(46, "Parvalbumin neurons.", unit="neurons", ge=0, le=20_000)
    SST: int = parameter(34, "Somatostatin neurons.", unit="neurons", ge=0, le=20_000)


class Network(Section):
    """Populations, connection probabilities, target weights and the transfer function.

    Both tables have a row for each presynaptic population and a column for each postsynaptic one, as in the
    literature. Source of their defaults: Campagnola et al. 2022, Science 375, eabj5861.
    """

    sizes: Sizes = parameter(Sizes, "Neurons in each population.", symbol="N_p", alias="N", unit="neurons")
    connection_probability: ProbabilityTable = parameter(
        ((0.16, 0, 0.18, 0.23), (0.09, 0.06, 0.22, 0.26), (0.43, 0.38, 0.50, 0.14), (0.52, 0.13, 0.29, 0.10)),
        "Probability that a pair is connected; rows presynaptic, columns postsynaptic.",
        symbol="P",
        unit="1",
        alias="prob",
    )
    target_weights: AmplitudeTable = parameter(
        (
            (0.27, 0, 1.01, 0.05),
            (0.19, 0.24, 0.48, 0.09),
            (-0.32, -0.52, -0.47, -0.44),
            (-0.19, -0.11, -0.18, -0.19),
        ),
        "Measured postsynaptic potentials, the reference for learned weights; rows presynaptic, columns postsynaptic.",
        symbol="J",
        unit="mV",
        alias="w_target",
    )
    initial_weight_cv: float = parameter(
        0.25,
        "Coefficient of variation of the initial block means.",
        symbol="c_v",
        unit="1",
        ge=0,
        le=10,
    )
    weight_noise: float = parameter(
        0.03,
        "Standard deviation of the synapses of a block around its mean.",
        symbol="σ_w",
        unit="mV",
        alias="w_noise",
        ge=0,
        le=100,
    )
    transfer: Literal["supralinear", "sigmoid", "tanh"] = parameter(
        "supralinear", "Transfer function from input to rate.", symbol="f", alias="nonlinearity_rule"
    )
    gamma: float = parameter(
        1.0, "Exponent of the supralinear transfer function.", symbol="γ", unit="1", gt=0, le=10
    )
