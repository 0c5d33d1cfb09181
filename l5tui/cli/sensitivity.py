"""``l5tui sensitivity``: which parameters move what is measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from l5tui.cli.option_faults import at_least, read_with_options, workers_assignment
from l5tui.cli.options import ForceOption, JsonOption, SetOption, WorkspaceOption
from l5tui.cli.study_lines import leave, refuse_both, study_observer, write_end
from l5tui.cli.tune import ProgressOption, StudyFile, WorkersOption
from l5tui.config.toml_file import ReadExperiment
from l5tui.runner.logs import log_to
from l5tui.runner.report import number_or_none
from l5tui.text import safe
from l5tui.tuning.defaults import SAMPLES, samples_faults
from l5tui.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from l5tui.tuning.sensitivity import SensitivityReport

FigureFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Draw the figure into this folder.")
]


def sensitivity(
    file: StudyFile = None,
    samples: Annotated[
        int,
        typer.Option(metavar="N", help="Base samples, a power of two; N × (parameters + 2) trials are run."),
    ] = SAMPLES,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="STUDY",
            help="Show the indices of a sensitivity study, or compute slopes around the best point of another study.",
        ),
    ] = None,
    workers: WorkersOption = None,
    out: FigureFolder = None,
    assignments: SetOption = None,
    as_json: JsonOption = False,
    progress: ProgressOption = "bar",
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Compute Sobol' indices of the loss, OS, DS and rates for [tuning.space].

    The trials form a study; `l5tui tune --resume` resumes a stopped one.

    Example: l5tui sensitivity experiments/targets_v1_l5.toml --samples 32
    """
    if (file is None) == (study is None):
        raise typer.BadParameter("a file, or a study by --study; not both", param_hint="FILE")
    if study is not None and (assignments or workers is not None):
        raise typer.BadParameter("only with a file", param_hint="--set, --workers")
    refuse_both(as_json, progress)
    as_lines = progress == "jsonl"
    place = find_workspace(workspace)
    report = _analysis(file, samples, study, workers, assignments, place, as_lines, force)
    if as_lines:
        write_end(report.study)
    elif as_json:
        typer.echo(_as_json(report))
    elif report.found is not None:
        from l5tui.cli.sensitivity_tables import print_sensitivity

        print_sensitivity(report, Console())
    if out is not None and report.found is not None:
        from l5tui.tuning.sensitivity import draw_sensitivity

        typer.echo(f"wrote {safe(str(draw_sensitivity(report, out)))}", err=True)
    leave(report.study, "tune", place, is_silent=as_lines)


def _analysis(
    file: Path | None,
    samples: int,
    study: str | None,
    workers: int | None,
    assignments: list[str] | None,
    place: Workspace,
    as_lines: bool,
    force: bool,
) -> SensitivityReport:
    from l5tui.tuning.sensitivity import run_sensitivity, study_sensitivity

    read = _read(file, samples, workers, assignments) if file is not None else None
    log_to(place)
    with study_observer(as_lines) as observe:
        if study is not None:
            return study_sensitivity(study, place, observe=observe, force=force)
        assert read is not None
        return run_sensitivity(
            read.experiment, read.text, samples, place, source=str(file), observe=observe, force=force
        )


def _read(file: Path, samples: int, workers: int | None, assignments: list[str] | None) -> ReadExperiment:
    faults = [*samples_faults(samples), *at_least(0, workers=workers)]
    changes = [*(assignments or []), *workers_assignment(workers)]
    return read_with_options(file, changes, "search", lambda parameters: faults)


def _as_json(report: SensitivityReport) -> str:
    from l5tui.tuning.report import study_listing

    rows = report.found.rows() if report.found is not None else []
    indices = [{name: number_or_none(value) for name, value in row.items()} for row in rows]
    return json.dumps(
        {**study_listing(report.study.record), "sensitivity": indices}, indent=2, allow_nan=False
    )
