"""Behaviour common to all engines: steps, cancellation, divergence."""

from __future__ import annotations

import pytest

from l5tui.model.circuit import Circuit
from l5tui.model.engines import Engine, new_engine
from l5tui.model.reference_engine import ReferenceEngine
from tests.experiments import small_experiment

RULES = ("none", "sliding_bcm", "oja", "covariance")


def engines(rule: str) -> list[Engine]:
    """Both engines of an experiment."""
    experiment = small_experiment(plasticity={"rule": rule})
    circuit = Circuit.sample(experiment)
    compiled = new_engine(circuit, experiment, [0.0, 90.0], keep_factors=False)
    return [compiled, ReferenceEngine(circuit, experiment, [0.0, 90.0])]


@pytest.mark.parametrize("rule", RULES)
def test_it_takes_the_requested_number_of_steps(rule: str) -> None:
    for engine in engines(rule):
        first, second, none = engine.advance(5), engine.advance(3), engine.advance(0)
        assert engine.step == 8
        assert (first.first, second.first, none.first) == (0, 5, 8)
        assert [chunk.rates.shape[1] for chunk in (first, second, none)] == [5, 3, 0]


@pytest.mark.parametrize("rule", RULES)
def test_it_stops_at_the_requested_step(rule: str) -> None:
    for engine in engines(rule):
        assert engine.advance(5, lambda: True).rates.shape[1] == 0
        assert engine.step == 0


def test_the_compiled_engine_takes_many_steps_between_looks() -> None:
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return False

    experiment = small_experiment(plasticity={"rule": "none"})
    engine = new_engine(Circuit.sample(experiment), experiment, [0.0], keep_factors=False)
    engine.advance(4000, stop)
    assert calls < 120
