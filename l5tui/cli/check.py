"""``l5tui check``: say whether a file can be run."""

from __future__ import annotations

import typer

from l5tui.cli.options import FileArgument, SetOption
from l5tui.config.toml_file import read_experiment
from l5tui.text import count, safe


def check(file: FileArgument, assignments: SetOption = None) -> None:
    """Check an experiment without running it, and tell every fault.

    Example: l5tui check experiments/default.toml
    """
    experiment = read_experiment(file, assignments or []).experiment
    network, simulation = experiment.network, experiment.simulation
    work = (
        count(simulation.realizations, "realization"),
        count(len(experiment.stimulus.directions), "direction"),
        count(experiment.steps, "step"),
    )
    typer.echo(
        f"{safe(str(file))}: good. {count(sum(network.sizes.in_order()), 'neuron')}, "
        f"rule {experiment.plasticity.rule}, {' × '.join(work)}, hash {experiment.hash[:12]}"
    )
