"""The best peer: the same model in JAX, with the same low rank and the same pass over the weights.

Double precision, one `scan` over the steps, compiled once; one realization, four directions, one core. Prints JSON:
seconds for sliding_bcm and oja, the best of some repetitions, and the largest difference to our own rates.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from l5tui.config import Experiment
from l5tui.config.checks import window_length
from l5tui.model.circuit import Circuit
from l5tui.model.grating import moving_grating
from l5tui.model.layout import Layout
from l5tui.model.simulation import simulate

REPETITIONS = 5
CHUNK = 100
jax.config.update("jax_enable_x64", True)


def rate_step(rates: Any, drive: Any, step: float, recurrent: Any) -> Any:
    return rates + step * (jnp.clip(recurrent + drive, 0.01, 500.0) - rates)


@partial(jax.jit, static_argnames=("window", "steps", "onset"))
def sliding_bcm(
    weights: Any,
    rates: Any,
    pattern: Any,
    signs: Any,
    omega: float,
    *,
    window: int,
    steps: int,
    onset: int,
    decay: float,
    scale: float,
    rate: float,
    step: float,
) -> Any:
    """Low rank, with the two decaying sums, as ours.

    XLA copies a ring buffer that is carried through a scan at every step; in chunks, the squares that leave the
    window are read from those of earlier chunks instead.
    """
    pre = pattern * signs
    even_leaves = window % 2 == 0
    first_square = rates**2

    def one(carry: Any, given: Any) -> Any:
        r, g, even, odd, second, third = carry
        t, leaves, oldest = given
        course = jnp.cos(omega * t)
        recurrent = r @ weights.T + g * jnp.sum(pre * r, axis=1, keepdims=True)
        r = rate_step(r, pattern * course, step, recurrent)
        square = r * r
        leaving = decay**window * leaves
        even, odd = square + decay * odd, decay * even
        even, odd = (even - leaving, odd) if even_leaves else (even, odd - leaving)
        count = jnp.minimum(t + 2, window)
        last = decay ** (count - 1) / 3 * jnp.where(t + 2 <= window, first_square, oldest)
        for_odd = 2 / 3 * even + 4 / 3 * odd - square / 3 - last
        for_even = (
            4 / 3 * even + 2 / 3 * odd - 11 / 12 * square + decay / 3 * second - decay**2 / 12 * third - last
        )
        theta = scale * jnp.where(count % 2 == 1, for_odd, for_even)
        g = g + jnp.where(t >= onset, rate, 0.0) * course * r * (r - theta) / theta
        return (r, g, even, odd, square, second), (r, square)

    def chunk(carry: Any, t: Any) -> Any:
        state, squares = carry
        state, (rates_of, new) = lax.scan(one, state, (t, squares[:CHUNK], squares[1 : CHUNK + 1]))
        return (state, jnp.concatenate([squares[CHUNK:], new])), rates_of

    zero = jnp.zeros_like(rates)
    start = (rates, zero, first_square, zero, first_square, zero)
    squares = jnp.zeros((window, *rates.shape)).at[-1].set(first_square)
    times = jnp.arange(steps).reshape(-1, CHUNK)
    return lax.scan(chunk, (start, squares), times)[1].reshape(steps, *rates.shape)


@partial(jax.jit, static_argnames=("steps", "onset"))
def oja(
    weights: Any,
    rates: Any,
    pattern: Any,
    signs: Any,
    omega: float,
    *,
    steps: int,
    onset: int,
    rate: float,
    step: float,
) -> Any:
    """One pass over the weights of each direction a step: the update and the next product together."""

    def one(carry: Any, t: Any) -> Any:
        r, w, h = carry
        drive = pattern * jnp.cos(omega * t)
        r = rate_step(r, drive, step, h)
        v = jnp.einsum("dij,dj->di", w, r)
        post, pre = jnp.where(t >= onset, rate, 0.0) * r, signs * (r + drive - v)
        w = w + post[:, :, None] * pre[:, None, :]
        h = v + post * jnp.sum(pre * r, axis=1, keepdims=True)
        return (r, w, h), r

    w = jnp.broadcast_to(weights, (len(rates), *weights.shape))
    return lax.scan(one, (rates, w, rates @ weights.T), jnp.arange(steps))[1]


def best_of(run: Callable[[], Any]) -> tuple[float, Any]:
    """Shortest time of some repetitions, after one that compiles; and the result."""
    result = jax.block_until_ready(run())
    times = []
    for _ in range(REPETITIONS):
        begun = time.perf_counter()
        jax.block_until_ready(run())
        times.append(time.perf_counter() - begun)
    return min(times), result


def main() -> None:
    found: dict[str, dict[str, float]] = {}
    for rule, peer in (("sliding_bcm", sliding_bcm), ("oja", oja)):
        experiment = Experiment.model_validate({"plasticity": {"rule": rule}})
        plasticity, dynamics = experiment.plasticity, experiment.dynamics
        circuit = Circuit.sample(experiment)
        grating = moving_grating(experiment, circuit.positions, experiment.stimulus.directions)
        given = {
            "steps": experiment.steps,
            "onset": plasticity.onset_step,
            "rate": dynamics.dt / plasticity.tau_learn,
            "step": dynamics.dt / dynamics.tau,
        }
        if rule == "sliding_bcm":
            given["window"] = window_length(plasticity.tau_threshold, dynamics.dt)
            given["scale"] = dynamics.dt / plasticity.tau_threshold
            given["decay"] = float(np.exp(-given["scale"]))
        arrays = (
            jnp.array(circuit.weights),
            jnp.tile(jnp.array(circuit.initial_rates), (4, 1)),
            jnp.array(grating.pattern),
            jnp.array(Layout(experiment.network.sizes.in_order()).signs),
        )
        seconds, rates = best_of(lambda: peer(*arrays, grating.temporal_frequency, **given))  # noqa: B023
        ours = simulate(circuit, experiment).rates
        difference = float(np.abs(np.moveaxis(np.asarray(rates), 0, 1) - ours).max() / np.abs(ours).max())
        found[rule] = {"seconds": seconds, "difference": difference}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
