"""Engines to test; a faster one is a line in `ENGINES`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from l5tui.model.engine import Engine

ENGINES: dict[str, type[Engine]] = {"reference": Engine}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[type[Engine]]:
    """Each engine in turn, put where simulate() and record() look for it."""
    chosen = ENGINES[request.param]
    with pytest.MonkeyPatch.context() as patch:
        for module in ("l5tui.model.simulate", "l5tui.model.recording"):
            patch.setattr(import_module(module), "Engine", chosen)
        yield chosen
