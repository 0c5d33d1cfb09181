"""``l5tui check``: report whether a file can be run."""

from __future__ import annotations

import typer

from l5tui.cli.options import FileArgument, SetOption
from l5tui.config.checks import cross_check
from l5tui.config.experiment_warnings import experiment_notes, experiment_warnings
from l5tui.config.toml_file import read_experiment
from l5tui.runner.scaling import first_circuit
from l5tui.text import count, safe


def check(file: FileArgument, assignments: SetOption = None) -> None:
    """Check an experiment without running it: faults, warnings, notes.

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
    scaled = first_circuit(experiment)
    for note in (*experiment_notes(experiment), scaled.note):
        typer.echo(safe(f"note: {note}"))
    if experiment.tuning.space and experiment.targets:
        for fault in cross_check(experiment, "inference"):
            typer.echo(safe(f"note: infer refuses it: {fault}"))
    for warning in (*experiment_warnings(experiment), scaled.warning):
        if warning:
            typer.echo(safe(f"warning: {warning}"))
