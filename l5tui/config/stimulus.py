"""``[stimulus]``: the drifting grating."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from l5tui.config.section import PopulationValues, Section, parameter

TEMPORAL_FREQUENCY: Final = 50.0
"""Default of ``temporal_frequency``, in radians per step."""

Direction = Annotated[float, Field(ge=0, lt=360)]


class Amplitudes(PopulationValues):
    """Amplitude of the stimulus at each population."""

    CS: float = parameter(6.0, "Amplitude at CS neurons.", symbol="A_CS", unit="a.u.", ge=0, le=1e6)
    CC: float = parameter(5.0, "Amplitude at CC neurons.", symbol="A_CC", unit="a.u.", ge=0, le=1e6)
    PV: float = parameter(10.0, "Amplitude at PV neurons.", symbol="A_PV", unit="a.u.", ge=0, le=1e6)
    SST: float = parameter(5.0, "Amplitude at SST neurons.", symbol="A_SST", unit="a.u.", ge=0, le=1e6)


class Steady(PopulationValues):
    """Whether the input of each population is a steady grating (true) or a drifting one (false)."""

    CS: bool = parameter(False, "Steady input to CS neurons.")
    CC: bool = parameter(False, "Steady input to CC neurons.")
    PV: bool = parameter(False, "Steady input to PV neurons.")
    SST: bool = parameter(False, "Steady input to SST neurons.")


class Stimulus(Section):
    """A grating that drifts across the patch of cortex, in several directions."""

    amplitude: Amplitudes = parameter(Amplitudes, "Amplitude at each population.", symbol="A_p", unit="a.u.")
    steady: Steady = parameter(
        Steady, "Steady (true) or drifting (false) input, by population.", symbol="s_p", alias="steady_input"
    )
    spatial_frequency: float = parameter(
        10.0, "Spatial frequency.", symbol="K", unit="rad/patch radius", alias="spatialF", ge=0, le=1e6
    )
    temporal_frequency: float = parameter(
        TEMPORAL_FREQUENCY,
        "Temporal frequency; halving dt doubles the speed of the grating.",
        symbol="ω",
        unit="rad/step",
        alias="temporalF",
        ge=0,
        le=1e6,
    )
    temporal_frequency_hz: float = parameter(
        0.0,
        "Temporal frequency in Hz, in place of temporal_frequency: the speed of the grating does not depend on dt. 0: "
        "not used. A file that gives both is an error.",
        symbol="f",
        unit="Hz",
        ge=0,
        le=1e6,
    )
    spatial_phase: float = parameter(
        1.0, "Spatial phase.", symbol="φ", unit="rad", alias="spatialPhase", ge=-1e6, le=1e6
    )
    kind: Literal["signed", "offset"] = parameter(
        "signed", "signed: the grating; offset: the grating plus its amplitude, which is never negative."
    )
    directions: Annotated[tuple[Direction, ...], Field(strict=False)] = parameter(
        (0.0, 90.0, 180.0, 270.0),
        "Directions of motion; for each direction, the list also contains its opposite and both orthogonals.",
        symbol="θ_d",
        unit="degrees",
        alias="degree",
        min_length=4,
        max_length=360,
    )
