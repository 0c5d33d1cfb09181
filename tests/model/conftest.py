"""Engines to test: the tests with the fixture `engine` run with each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

import pytest

from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.engines import Engine, new_engine
from l5tui.model.reference_engine import ReferenceEngine


def reference(
    circuit: Circuit, experiment: Experiment, directions: Sequence[float], *, keep_factors: bool
) -> Engine:
    """The reference engine, which always keeps the factors."""
    return ReferenceEngine(circuit, experiment, directions)


ENGINES: dict[str, Callable[..., Engine]] = {"reference": reference, "compiled": new_engine}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each engine's name in turn, while simulate() and record() use that engine."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("l5tui.model.simulation", "l5tui.model.recording"):
            patch.setattr(import_module(module), "new_engine", ENGINES[request.param])
        yield str(request.param)
