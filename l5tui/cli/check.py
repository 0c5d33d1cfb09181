"""``l5tui check``: say whether a file can be run."""

from __future__ import annotations

import typer

from l5tui.cli.options import FileArgument, SetOption
from l5tui.cli.text import safe
from l5tui.config.toml_file import read_experiment


def check(file: FileArgument, assignments: SetOption = None) -> None:
    """Check an experiment without running it: every fault on a line of its own.

    Example: l5tui check experiments/default.toml
    """
    experiment = read_experiment(file, assignments or []).experiment
    neurons = sum(experiment.network.sizes.in_order())
    simulation = experiment.simulation
    typer.echo(
        f"{safe(str(file))}: good. {neurons} neurons, rule {experiment.plasticity.rule}, "
        f"{simulation.realizations} realizations × {len(experiment.stimulus.directions)} directions × "
        f"{experiment.dynamics.steps} steps, hash {experiment.hash[:12]}"
    )
