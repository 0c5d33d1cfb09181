"""Integrators of the rate equation τ dr/dt = −r + f(W r + I), with W and I held over a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from l5tui.model.arrays import FloatArray

Slope: TypeAlias = Callable[[FloatArray], FloatArray]
"""τ dr/dt as a function of r."""


def euler(rates: FloatArray, slope: Slope, step: float) -> FloatArray:
    """Take one step of the forward Euler method.

    Parameters
    ----------
    rates : ndarray, shape (direction, N)
        r(t).
    slope : callable
        τ dr/dt as a function of r.
    step : float
        Δt/τ.

    Returns
    -------
    ndarray, shape (direction, N)
        r(t+1).
    """
    return rates + step * slope(rates)


def rk4(rates: FloatArray, slope: Slope, step: float) -> FloatArray:
    """Take one step of the classical fourth-order Runge-Kutta method.

    Parameters
    ----------
    rates : ndarray, shape (direction, N)
        r(t).
    slope : callable
        τ dr/dt as a function of r.
    step : float
        Δt/τ.

    Returns
    -------
    ndarray, shape (direction, N)
        r(t+1).
    """
    k1 = slope(rates)
    k2 = slope(rates + step / 2 * k1)
    k3 = slope(rates + step / 2 * k2)
    k4 = slope(rates + step * k3)
    return rates + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


INTEGRATORS = {"euler": euler, "rk4": rk4}
