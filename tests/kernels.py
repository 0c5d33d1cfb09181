"""Compile the kernels of the model in one process, before tests that run at the same time each compile them.

``python -m tests.kernels`` returns quickly where they are cached.
"""

from __future__ import annotations

from l5tui.config import Experiment
from l5tui.model.compiled.warm_up import needs_compiling, warm_up


def compile_kernels() -> None:
    """Compile the kernels of both forms of the weights: low-rank and whole."""
    for rule in ("none", "oja"):
        experiment = Experiment.model_validate({"plasticity": {"rule": rule}})
        if needs_compiling(experiment):
            warm_up(experiment)


if __name__ == "__main__":
    compile_kernels()
