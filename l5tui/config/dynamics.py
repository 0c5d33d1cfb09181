"""``[dynamics]``: time constant, step, duration and integrator of the rates."""

from __future__ import annotations

from typing import Literal

from l5tui.config.section import Section, parameter

ROUNDING = 1e-9
"""Relative tolerance of the number of steps, so that 0.3 / 0.1 counts as three."""

COUNTLESS = 1e12
"""Upper bound of the number of steps: far more than can be run, and still an integer to print in messages."""


class Dynamics(Section):
    """Time constant, step, duration and integrator of the rate equation."""

    tau: float = parameter(
        0.1,
        "Time constant of the rates; dynamics.tau_ms gives it in milliseconds.",
        symbol="τ",
        unit="time",
        gt=0,
        le=1e6,
    )
    dt: float = parameter(
        0.01, "Time step, in the same unit as tau.", symbol="Δt", unit="time", alias="delta_t", gt=0, le=1e6
    )
    duration_tau: float = parameter(
        250.0, "Length of a simulation in units of tau.", unit="tau", alias="Ttau", gt=0, le=1e7
    )
    tau_ms: float = parameter(
        100.0,
        "The same time constant in milliseconds, for frequencies in Hz; a step then lasts dt / tau · tau_ms.",
        unit="ms",
        ge=0.001,
        le=1e6,
    )
    integrator: Literal["euler", "rk4"] = parameter(
        "euler", "Forward Euler, or the classical Runge-Kutta method of fourth order."
    )

    @property
    def step_seconds(self) -> float:
        """Length of a time step in seconds."""
        return self.dt / self.tau * self.tau_ms / 1000

    def steps_of(self, duration_tau: float) -> int:
        """Return the number of time steps of a duration in units of tau."""
        return int(min(duration_tau * self.tau / self.dt * (1 + ROUNDING), COUNTLESS))
