"""Reads the golden numbers; the README beside this file says what they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.model.circuit import Circuit

FOLDER = Path(__file__).parent
STIMULUS_STEPS = (0, 1, 7, -1)
"""Steps whose stimulus is stored; the last is T − 1."""


@dataclass(frozen=True)
class GoldenCase:
    """One experiment of the original code, with the numbers that came out of it."""

    name: str
    circuit_file: str
    numbers_file: str
    configuration: dict[str, Any]
    direction: float
    steps: int
    stride: int
    window: int

    @property
    def experiment(self) -> Experiment:
        """The experiment, in the original variant."""
        return Experiment.model_validate(self.configuration)

    @property
    def circuit(self) -> Circuit:
        """The circuit that the original code was given."""
        return Circuit(**_arrays(self.circuit_file))

    def numbers(self, array: str) -> FloatArray:
        """One of the arrays that the original code computed."""
        return _arrays(self.numbers_file)[f"{self.name}/{array}"]


def golden_cases() -> list[GoldenCase]:
    """All 53 cases, the small ones first."""
    with (FOLDER / "cases.json").open(encoding="utf-8") as file:
        return [
            GoldenCase(
                name=case["name"],
                circuit_file=case["circuit"],
                numbers_file=case["numbers"],
                configuration=case["experiment"],
                direction=case["direction"],
                steps=case["steps"],
                stride=case["stride"],
                window=case["window"],
            )
            for case in json.load(file)
        ]


@cache
def _arrays(file: str) -> dict[str, FloatArray]:
    with np.load(FOLDER / file, allow_pickle=False) as stored:
        return dict(stored)
