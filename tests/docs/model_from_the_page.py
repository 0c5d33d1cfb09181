"""The model and its measures once more, in plain NumPy, from the words of docs/model.md alone.

It shares nothing with l5tui but the values of the experiment and the sampled circuits. A convention that cannot be
written here from the page is a fault of the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import simpson

from l5tui.config import Experiment

Array = NDArray[np.float64]
EXCITATORY, INHIBITORY = (0, 1), (2, 3)
TURNS: dict[str, tuple[int | None, ...]] = {
    "alternate_excitatory": (0, 1, None),
    "alternate_all": (0, 1, 2, 3, None),
}


@dataclass
class Start:
    """A sampled circuit: W(0), places, r(0) and the divisor."""

    weights: Array
    positions: Array
    rates: Array
    connected: NDArray[np.bool_]
    divisor: float


def populations(experiment: Experiment) -> NDArray[np.int64]:
    """Index of the population of each neuron."""
    return np.repeat(np.arange(4), experiment.network.sizes.in_order())


def transfer(x: Array, experiment: Experiment) -> Array:
    """f(x)."""
    network = experiment.network
    if network.transfer == "sigmoid":
        return 1 / (1 + np.exp(-x))
    if network.transfer == "tanh":
        return np.tanh(x)
    if network.gamma == 1:
        return np.minimum(np.maximum(x, 0.01), 500)
    return np.minimum(np.maximum(x, 0) ** network.gamma, 500)


def radians(experiment: Experiment) -> float:
    """ω, in radians a step."""
    hertz, dynamics = experiment.stimulus.temporal_frequency_hz, experiment.dynamics
    if hertz:
        return 2 * math.pi * hertz * dynamics.dt / dynamics.tau * dynamics.tau_ms / 1000
    return experiment.stimulus.temporal_frequency


def stimulus(experiment: Experiment, positions: Array, step: int) -> Array:
    """I(t), shape (direction, N)."""
    s, p = experiment.stimulus, populations(experiment)
    theta = np.array(s.directions)[:, None] * np.pi / 180
    a, b = positions.T
    amplitude = np.array(s.amplitude.in_order())[p]
    omega = radians(experiment)
    course = np.where(np.array(s.steady.in_order())[p], math.cos(omega), math.cos(omega * step))
    pattern = np.cos(
        s.spatial_frequency * a * np.cos(theta) + s.spatial_frequency * b * np.sin(theta) - s.spatial_phase
    )
    found: Array = amplitude * pattern * course + (amplitude if s.kind == "offset" else 0)
    return found


def next_rates(experiment: Experiment, r: Array, w: Array, i: Array) -> Array:
    """One step of the rates, shape (direction, N)."""
    h = experiment.dynamics.dt / experiment.dynamics.tau

    def slope(rates: Array) -> Array:
        recurrent: Array = np.einsum("dij,dj->di", w, rates)
        return -rates + transfer(recurrent + i, experiment)

    if experiment.dynamics.integrator == "euler":
        return r + h * slope(r)
    k1 = slope(r)
    k2 = slope(r + h / 2 * k1)
    k3 = slope(r + h / 2 * k2)
    k4 = slope(r + h * k3)
    return r + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def threshold(experiment: Experiment, window: Array, slid: Array) -> Array:
    """θ of the two rules that have one; `window` has the rates from the oldest to r(t+1)."""
    rule = experiment.plasticity
    tau, dt = rule.tau_threshold, experiment.dynamics.dt
    if rule.rule == "bcm":
        found: Array = (window**2).mean(axis=0)
        return found
    if rule.threshold_kernel == "exponential":
        return slid
    since = -dt * np.arange(len(window))[::-1, None, None]
    theta: Array = simpson(np.exp(since / tau) / tau * window**2, dx=dt, axis=0)
    return theta


def change(experiment: Experiment, r: Array, i: Array, w: Array, window: Array, slid: Array) -> Array:
    """D, shape (direction, N, N)."""
    rule = experiment.plasticity
    if rule.rule == "oja":
        post, pre = r, r + i - np.einsum("dij,dj->di", w, r)
    elif rule.rule == "covariance":
        post = pre = r - window.mean(axis=0)
    else:
        theta = np.maximum(threshold(experiment, window, slid), rule.threshold_floor)
        silent = theta < 1e-290
        post = np.where(silent, 0, r * (r - theta) / np.where(silent, 1, theta))
        pre = r if rule.presynaptic_term == "rate" else i
    sign = np.where(np.isin(populations(experiment), EXCITATORY), 1, -1)
    found: Array = post[:, :, None] * (pre * sign)[:, None, :]
    return found


def learning_pairs(experiment: Experiment, start: Start, step: int) -> Array:
    """M, shape (N, N)."""
    rule, p = experiment.plasticity, populations(experiment)
    learns = {"all": (0, 1, 2, 3), "excitatory": EXCITATORY, "inhibitory": INHIBITORY}[rule.neurons]
    rows = columns = np.isin(p, learns)
    if rule.schedule != "continuous":
        turns = TURNS[rule.schedule]
        turn = turns[step // rule.phase_steps % len(turns)]
        rows = rows & (p == turn) if turn is not None else np.zeros_like(rows)
    pairs = np.outer(rows, columns)
    return (pairs & start.connected if rule.synapses == "existing" else pairs).astype(float)


def simulate(experiment: Experiment, start: Start) -> tuple[Array, Array]:
    """Return r(0) … r(T), shape (T + 1, direction, N), and W(T), shape (direction, N, N)."""
    rule, dt = experiment.plasticity, experiment.dynamics.dt
    directions, sign = len(experiment.stimulus.directions), np.where(populations(experiment) < 2, 1, -1)
    length = int(-math.log(0.1) * rule.tau_threshold / dt)
    decay = math.exp(-dt / rule.tau_threshold)
    rates = [np.tile(start.rates, (directions, 1))]
    w = np.tile(start.weights, (directions, 1, 1))
    slid = rates[0] ** 2
    for step in range(experiment.steps):
        i = stimulus(experiment, start.positions, step)
        rates.append(next_rates(experiment, rates[-1], w, i))
        slid = decay * slid + (1 - decay) * rates[-1] ** 2
        if rule.rule == "none" or step < rule.onset_step:
            continue
        window = np.array(rates[-length:])
        d = change(experiment, rates[-1], i, w, window, slid)
        w = w + dt / rule.tau_learn * learning_pairs(experiment, start, step) * d
        if rule.dale:
            w = np.where(w * sign < 0, 0, w)
    return np.array(rates), w


def period(experiment: Experiment) -> float | None:
    """Period of the sampled stimulus in steps."""
    drifts = [
        size and not steady
        for size, steady in zip(
            experiment.network.sizes.in_order(), experiment.stimulus.steady.in_order(), strict=True
        )
    ]
    omega = radians(experiment)
    seen = abs(omega - 2 * math.pi * round(omega / (2 * math.pi)))
    return 2 * math.pi / seen if any(drifts) and seen > 1e-9 else None


def window_rates(experiment: Experiment, rates: Array, name: str) -> Array | None:
    """Mean rates before or after learning, shape (direction, N); None where there is no window."""
    onset, total, length = experiment.plasticity.onset_step, experiment.steps, period(experiment)
    stop, available = (onset, min(150, onset)) if name == "before" else (total, min(500, total - onset))
    if not available:
        return None
    count = available
    if length is not None:
        for steps in range(1, 151):
            periods = round(steps / length)
            if periods >= 1 and abs(steps / length - periods) <= 0.01:
                count = available // steps * steps or available
                break
    return np.array(rates[stop - count + 1 : stop + 1].mean(axis=0))


def is_in_equilibrium(experiment: Experiment, rates: Array) -> bool:
    """Whether no neuron's mean rates over the last two stretches of five periods differ by 0.05 or more."""
    length = period(experiment)
    steps = min(round(5 * length) if length else 125, experiment.steps // 2)
    last, before = rates[-steps:].mean(axis=0), rates[-2 * steps : -steps].mean(axis=0)
    return bool((abs(last - before) < 0.05).all())


def indices(directions: tuple[float, ...], r: Array) -> dict[str, Array]:
    """OS, DS, OS_p and the vector measures of each neuron, from mean rates of shape (direction, N)."""
    angles = list(directions)
    found: dict[str, list[float]] = {name: [] for name in ("OS", "DS", "OS_p", "OS_vector", "DS_vector")}
    theta = np.array(directions) * np.pi / 180
    for rate in r.T:
        best = angles[int(np.argmax(rate))]
        pref, opp, left, right = (rate[angles.index((best + turn) % 360)] for turn in (0, 180, 90, 270))
        orth, o = (left + right) / 2, (pref + opp) / 2
        defined = rate.max() >= 1e-4 and rate.min() >= 0
        values = [(o, orth), (pref, opp), (pref, orth)]
        for name, (x, y) in zip(("OS", "DS", "OS_p"), values, strict=True):
            found[name].append((x - y) / (x + y) if defined else math.nan)
        for name, turns in (("OS_vector", 2), ("DS_vector", 1)):
            length = abs((rate * np.exp(1j * turns * theta)).sum())
            found[name].append(length / rate.sum() if defined else math.nan)
    return {name: np.array(values) for name, values in found.items()}


def std(values: Any) -> float:
    """Standard deviation with the divisor n − 1 of what is defined; NaN for one value."""
    known = np.asarray(values, dtype=float).ravel()
    known = known[~np.isnan(known)]
    return float(known.std(ddof=1)) if len(known) > 1 else math.nan


def mean(values: Any) -> float:
    """Mean of what is defined."""
    known = np.asarray(values, dtype=float).ravel()
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else math.nan
