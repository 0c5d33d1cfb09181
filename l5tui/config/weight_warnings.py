"""Warnings about the noise of single synapses, which is folded to the sign of the presynaptic population.

A synapse is |normal(m, σ_w)| with a block mean m = |normal(J, c_v·|J|)|; hence its expectation is that of a folded
normal variable of mean |J| and variance σ² = (c_v·J)² + σ_w²:

    E = σ √(2/π) exp(−J²/(2σ²)) + |J| erf(|J|/(σ √2))

which exceeds |J|, the more so the larger σ is. After Leone, Nelson & Nottingham 1961, Technometrics 3:543.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from l5tui.config.checks import in_degree
from l5tui.config.config_warning import ConfigWarning
from l5tui.config.populations import EXCITATORY, POPULATIONS

if TYPE_CHECKING:
    from l5tui.config.experiment import Experiment

NOTED_BIAS = 0.01
"""Relative bias from which `check` reports a block."""


def folded_mean(mean: float, std: float) -> float:
    """Return the expectation of |normal(mean, std)|.

    Parameters
    ----------
    mean : float
    std : float
        0 or more.
    """
    size = abs(mean)
    if std == 0:
        return size
    ratio = size / std
    return std * math.sqrt(2 / math.pi) * math.exp(-(ratio**2) / 2) + size * math.erf(ratio / math.sqrt(2))


def folding_bias(experiment: Experiment) -> Iterator[ConfigWarning]:
    """Report by how much folding raises the mean weight of each block, where it is 1 % or more."""
    for row, column, weight in _connected_blocks(experiment):
        spread = _spread_of_means(experiment, row, column) * abs(weight)
        mean = folded_mean(weight, math.hypot(spread, experiment.network.weight_noise))
        bias = mean / abs(weight) - 1
        if bias >= NOTED_BIAS:
            yield ConfigWarning(
                f"network.target_weights[{row}][{column}]",
                f"the mean weight of {POPULATIONS[row]} → {POPULATIONS[column]} is expected at "
                f"{math.copysign(mean, weight):.3g} mV instead of {weight:g} mV ({100 * bias:+.1f} %), because "
                "noise is folded to the sign of the presynaptic population",
                ("network.weight_noise", "network.initial_weight_cv"),
            )


def dominant_noise(experiment: Experiment) -> Iterator[ConfigWarning]:
    """Warn where noise is larger than most of the target weights, as for a table in V instead of mV."""
    noise = experiment.network.weight_noise
    sizes = [abs(weight) for _, _, weight in _connected_blocks(experiment)]
    smaller = sum(size < noise for size in sizes)
    if 2 * smaller > len(sizes):
        yield ConfigWarning(
            "network.weight_noise",
            f"{noise:g} mV is larger than {smaller} of the {len(sizes)} target weights, so that weights are mostly "
            "noise; target weights are in mV",
            ("network.target_weights",),
        )


def _connected_blocks(experiment: Experiment) -> Iterator[tuple[int, int, float]]:
    """Presynaptic row, postsynaptic column and target weight of each block with synapses of non-zero weight."""
    network = experiment.network
    sizes = network.sizes.in_order()
    for row, weights in enumerate(network.target_weights):
        for column, weight in enumerate(weights):
            degree = in_degree(network.connection_probability[row][column], sizes[row])
            if weight and degree and sizes[column]:
                yield row, column, weight


def _spread_of_means(experiment: Experiment, row: int, column: int) -> float:
    """Return standard deviation over mean of a block's initial mean weight: 0 if the block does not learn."""
    learning = experiment.plasticity.neurons
    excitatory = [POPULATIONS[index] in EXCITATORY for index in (row, column)]
    trained = learning == "all" or (all(excitatory) if learning == "excitatory" else not any(excitatory))
    return experiment.network.initial_weight_cv if trained else 0.0
