"""Without learning, nothing is learned: the measures must not say otherwise."""

from __future__ import annotations

import numpy as np

from l5tui.analysis.measures import measure
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.windows import recording_plan
from l5tui.config import POPULATIONS, Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit
from l5tui.model.recording import record


def change_without_learning(variant: str) -> dict[str, FloatArray]:
    """Change of OS and DS from before to after, by population, of the default experiment without a rule."""
    experiment = Experiment.model_validate(
        {"variant": variant, "plasticity": {"rule": "none"}, "simulation": {"realizations": 2}}
    )
    recordings = [
        record(Circuit.sample(experiment, index), experiment, recording_plan(experiment))
        for index in range(2)
    ]
    before, after = measure(recordings, experiment).selectivity[:, :, 0]
    return {name: (after - before)[MEASURES.index(name)] for name in ("OS", "DS")}


def test_selectivity_does_not_change_without_learning() -> None:
    change = change_without_learning("corrected")

    assert np.abs(change["OS"]).max() < 0.003
    assert np.abs(change["DS"]).max() < 0.003


def test_slip_6_original_sees_a_change_where_there_is_none() -> None:
    """Its `before` is the transient of the first 50 steps."""
    change = change_without_learning("original")
    cc = POPULATIONS.index("CC")

    assert change["OS"][cc] > 0.1
    assert change["DS"][cc] > 0.1
