"""The model once more, as its equations read: one direction, one number at a time, nothing clever.

An independent check on the engines, kept free of their code: it shares nothing with them but the experiment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import simpson

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit

Array = NDArray[np.float64]
EXCITATORY = ("CS", "CC")
TURNS = {
    "continuous": ("everyone",),
    "alternate_excitatory": ("CS", "CC", "rest"),
    "alternate_all": ("CS", "CC", "PV", "SST", "rest"),
}


@dataclass
class PlainLoop:
    """A simulation of one direction; ``rates[t]`` and ``weights[t]`` are r(t) and W(t)."""

    experiment: Experiment
    circuit: Circuit
    direction: float
    rates: list[Array] = field(default_factory=list)
    weights: list[Array] = field(default_factory=list)

    def run(self) -> PlainLoop:
        """Take every step."""
        sizes = self.experiment.network.sizes
        self.names = ["CS"] * sizes.CS + ["CC"] * sizes.CC + ["PV"] * sizes.PV + ["SST"] * sizes.SST
        self.rates = [self.circuit.initial_rates.copy()]
        self.weights = [self.circuit.weights.copy()]
        self.slid = self.rates[0] ** 2
        for step in range(self.experiment.steps):
            self.rates.append(self._next_rates(step))
            self._slide()
            self.weights.append(self._next_weights(step))
        return self

    def stimulus(self, neuron: int, step: int) -> float:
        """I_i(t)."""
        stimulus = self.experiment.stimulus
        amplitude = float(getattr(stimulus.amplitude, self.names[neuron]))
        a, b = self.circuit.positions[neuron]
        angle = self.direction * math.pi / 180
        frequency, omega = stimulus.spatial_frequency, stimulus.temporal_frequency
        pattern = math.cos(
            frequency * a * math.cos(angle) + frequency * b * math.sin(angle) - stimulus.spatial_phase
        )
        steady = getattr(stimulus.steady, self.names[neuron])
        signed = amplitude * pattern * math.cos(omega if steady else omega * step)
        return signed + amplitude if stimulus.kind == "offset" else signed

    def transfer(self, x: float) -> float:
        """f(x)."""
        network = self.experiment.network
        if network.transfer == "sigmoid":
            return 1 / (1 + math.exp(-x))
        if network.transfer == "tanh":
            return math.tanh(x)
        if network.gamma == 1:
            return min(max(x, 0.01), 500.0)
        return float(min(max(x, 0.0) ** network.gamma, 500.0))

    def _slope(self, rates: Array, step: int) -> Array:
        slope = np.empty_like(rates)
        for post in range(len(rates)):
            recurrent = sum(self.weights[step][post, pre] * rates[pre] for pre in range(len(rates)))
            slope[post] = -rates[post] + self.transfer(recurrent + self.stimulus(post, step))
        return slope

    def _next_rates(self, step: int) -> Array:
        rates = self.rates[step]
        h = self.experiment.dynamics.dt / self.experiment.dynamics.tau
        k1 = self._slope(rates, step)
        if self.experiment.dynamics.integrator == "euler":
            return rates + h * k1
        k2 = self._slope(rates + h * k1 / 2, step)
        k3 = self._slope(rates + h * k2 / 2, step)
        k4 = self._slope(rates + h * k3, step)
        return rates + h * (k1 / 6 + k2 / 3 + k3 / 3 + k4 / 6)

    def _slide(self) -> None:
        """τ_θ dθ/dt = r² − θ over one step, with r held at its new value."""
        forgotten = math.exp(-self.experiment.dynamics.dt / self.experiment.plasticity.tau_threshold)
        self.slid = forgotten * self.slid + (1 - forgotten) * self.rates[-1] ** 2

    def _recent(self, neuron: int) -> list[float]:
        n_w = int(-math.log(0.1) * self.experiment.plasticity.tau_threshold / self.experiment.dynamics.dt)
        return [float(rates[neuron]) for rates in self.rates[-n_w:]]

    def threshold(self, neuron: int) -> float:
        """θ of one neuron."""
        plasticity, dt = self.experiment.plasticity, self.experiment.dynamics.dt
        recent = self._recent(neuron)
        if plasticity.rule == "bcm":
            return sum(rate**2 for rate in recent) / len(recent)
        if plasticity.threshold_kernel == "exponential":
            return float(self.slid[neuron])
        lags = [len(recent) - 1 - index for index in range(len(recent))]
        tau = plasticity.tau_threshold
        decayed = [math.exp(-lag * dt / tau) * rate**2 for lag, rate in zip(lags, recent, strict=True)]
        return float(simpson(decayed, dx=dt)) / tau

    def drift(self, step: int) -> Array:
        """D(post, pre) of every pair, the sign of inhibitory columns included."""
        plasticity, neurons = self.experiment.plasticity, range(len(self.names))
        slip = self.experiment.variant == "original" and plasticity.rule == "bcm"
        drift = np.zeros((len(neurons), len(neurons)))
        posts = [self._postsynaptic(neuron, step) for neuron in neurons]
        pres = [self._presynaptic(neuron, step) for neuron in neurons]
        for post in neurons:
            for pre in neurons:
                sign = 1 if self.names[pre] in EXCITATORY or slip else -1
                drift[post, pre] = sign * posts[post] * pres[pre]
        return drift

    def _postsynaptic(self, neuron: int, step: int) -> float:
        rule, r = self.experiment.plasticity.rule, float(self.rates[step + 1][neuron])
        if rule == "none":
            return 0.0
        if rule == "oja":
            return r
        if rule == "covariance":
            return r - sum(self._recent(neuron)) / len(self._recent(neuron))
        theta = self.threshold(neuron)
        return r * (r - theta) / theta if theta else 0.0

    def _presynaptic(self, neuron: int, step: int) -> float:
        rule, r = self.experiment.plasticity.rule, float(self.rates[step + 1][neuron])
        if rule == "oja":
            row = self.weights[step][neuron]
            explained = sum(row[pre] * self.rates[step + 1][pre] for pre in range(len(row)))
            return float(r + self.stimulus(neuron, step) - explained)
        if rule == "covariance":
            return self._postsynaptic(neuron, step)
        if self.experiment.plasticity.presynaptic_term == "rate":
            return r
        return self.stimulus(neuron, step)

    def learns(self, post: int, pre: int, step: int) -> bool:
        """M(t) at one pair."""
        plasticity = self.experiment.plasticity
        original = self.experiment.variant == "original"
        turns = TURNS[plasticity.schedule]
        turn = turns[(step // plasticity.phase_steps) % len(turns)]
        if plasticity.rule == "none" or step < plasticity.onset_step or turn == "rest":
            return False
        if plasticity.synapses == "existing" and not self.circuit.synapses[post, pre]:
            return False
        excitatory = [self.names[neuron] in EXCITATORY for neuron in (post, pre)]
        if plasticity.neurons == "excitatory" and not all(excitatory):
            return False
        if plasticity.neurons == "inhibitory":
            inhibitory = sum(name not in EXCITATORY for name in self.names)
            row = post >= inhibitory if original else not excitatory[0]
            if excitatory[1] or not row:
                return False
        if turn == "everyone" or (original and turn in ("PV", "SST")):
            return True
        return self.names[post] == turn

    def _next_weights(self, step: int) -> Array:
        plasticity = self.experiment.plasticity
        rate = self.experiment.dynamics.dt / plasticity.tau_learn
        weights, drift = self.weights[step].copy(), self.drift(step)
        for post in range(len(weights)):
            for pre in range(len(weights)):
                if not self.learns(post, pre, step):
                    continue
                weights[post, pre] += rate * drift[post, pre]
                if plasticity.dale:
                    stop = max if self.names[pre] in EXCITATORY else min
                    weights[post, pre] = stop(weights[post, pre], 0.0)
        return weights
