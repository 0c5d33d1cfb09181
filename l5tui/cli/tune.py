"""``l5tui tune`` and ``l5tui sweep``: search for parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from l5tui.cli.option_faults import at_least, read_with_options, require, workers_assignment
from l5tui.cli.options import ForceOption, JsonOption, SetOption, WorkspaceOption
from l5tui.cli.run import run
from l5tui.cli.study_lines import leave, refuse_both, study_observer, write_end
from l5tui.cli.study_tables import print_study
from l5tui.config.toml_file import ReadExperiment, write_experiment
from l5tui.runner.logs import log_to
from l5tui.runner.run_paths import best_file
from l5tui.text import safe
from l5tui.tuning.scheduler_address import scheduler_faults
from l5tui.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from l5tui.tuning.study import StudyReport

Form = Literal["jsonl", "json", "tables"]

StudyFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="TOML file of an experiment with a [tuning.space].")
]
TrialsOption = Annotated[int | None, typer.Option(metavar="N", help="Total number of trials.")]
WorkersOption = Annotated[
    int | None, typer.Option(metavar="N", help="Trials that run at the same time; 0: one for each core.")
]
ResumeOption = Annotated[
    str | None, typer.Option(metavar="STUDY", help="Resume a study, by its id or `last`.")
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Run trials on a Dask cluster, e.g. tcp://host:8786."),
]
ProgressOption = Annotated[
    Literal["bar", "jsonl"],
    typer.Option(help="Progress: a bar on standard error, or JSON lines on standard output."),
]


def tune(
    file: StudyFile = None,
    trials: TrialsOption = None,
    workers: WorkersOption = None,
    resume: ResumeOption = None,
    best: Annotated[
        str | None,
        typer.Option(metavar="STUDY", help="Write a study's best experiment, and run it with all figures."),
    ] = None,
    scheduler: SchedulerOption = None,
    assignments: SetOption = None,
    as_json: JsonOption = False,
    progress: ProgressOption = "bar",
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Search for parameters; every trial is stored, and a study can be resumed.

    After Ctrl+C no more trials start and running trials end; a second Ctrl+C stops at once.

    Example: l5tui tune experiments/tuning.toml --trials 100
    """
    form = _form(as_json, progress)
    place = find_workspace(workspace)
    if best is not None:
        if file is not None or resume is not None or form == "jsonl":
            raise typer.BadParameter("alone, without a file, --resume and --progress", param_hint="--best")
        _run_best(best, place, as_json, force)
        return
    if file is None and resume is None:
        raise typer.BadParameter("a file, or a study to resume by --resume", param_hint="FILE")
    if file is None and assignments:
        raise typer.BadParameter("only with a file; a resumed study keeps its settings", param_hint="--set")
    source = _read(file, trials, workers, assignments, resume, scheduler)
    _search(source, str(file or ""), place, resume, trials, workers, scheduler, form, force)


def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML file of an experiment.")],
    trials: TrialsOption = None,
    workers: WorkersOption = None,
    resume: ResumeOption = None,
    scheduler: SchedulerOption = None,
    assignments: SetOption = None,
    as_json: JsonOption = False,
    progress: ProgressOption = "bar",
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run a grid search: evenly spaced values of each parameter, at most --trials points.

    Example: l5tui sweep experiments/sweep.toml
    """
    form = _form(as_json, progress)
    place = find_workspace(workspace)
    chosen = ["tuning.method=grid", *(assignments or [])]
    source = _read(file, trials, workers, chosen, resume, scheduler)
    _search(source, str(file), place, resume, trials, workers, scheduler, form, force)


def _form(as_json: bool, progress: str) -> Form:
    refuse_both(as_json, progress)
    return "jsonl" if progress == "jsonl" else "json" if as_json else "tables"


def _read(
    file: Path | None,
    trials: int | None,
    workers: int | None,
    assignments: list[str] | None,
    resume: str | None,
    scheduler: str | None,
) -> ReadExperiment | None:
    """Read the experiment; raises its faults together with those of the options."""
    faults = [
        *at_least(1, trials=trials),
        *at_least(0, workers=workers),
        *(scheduler_faults(scheduler) if scheduler is not None else []),
    ]
    if file is None:
        require(faults)
        return None
    changes = [*(assignments or [])]
    # Of a study that is resumed these are not the file's, which must be as it was.
    if resume is None:
        changes += workers_assignment(workers)
        changes += [f"tuning.trials={trials}"] if trials is not None and trials >= 1 else []
    return read_with_options(file, changes, "search", lambda parameters: faults)


def _search(
    source: ReadExperiment | None,
    file: str,
    place: Workspace,
    resume: str | None,
    trials: int | None,
    workers: int | None,
    scheduler: str | None,
    form: Form,
    force: bool,
) -> None:
    from l5tui.tuning.study import resume_study, run_study

    log_to(place)
    with study_observer(form == "jsonl") as observe:
        if resume is None:
            assert source is not None
            report = run_study(
                source.experiment,
                source.text,
                place,
                source=file,
                scheduler=scheduler,
                observe=observe,
                force=force,
            )
        else:
            report = resume_study(
                resume,
                place,
                experiment=source.experiment if source else None,
                source=file,
                trials=trials,
                workers=workers,
                scheduler=scheduler,
                observe=observe,
                force=force,
            )
    _print(report, form)
    leave(report, "tune", place, is_silent=form == "jsonl")


def _print(report: StudyReport, form: Form) -> None:
    if form == "jsonl":
        write_end(report)
        return
    if form == "json":
        typer.echo(report.as_json())
    else:
        print_study(report, Console())
    study = report.record
    if study.status != "stopped" and study.best_trial is not None:
        typer.echo(f"`l5tui tune --best {study.id}` writes the best experiment and runs it", err=True)


def _run_best(reference: str, place: Workspace, as_json: bool, force: bool) -> None:
    """Write the best experiment of a study and run it in full."""
    from l5tui.tuning.study import best_experiment, show_study

    report = show_study(place, reference)
    path = best_file(place, report.record.id)
    write_experiment(path, best_experiment(report))
    typer.echo(f"wrote {safe(str(path))}: {report.best_in_words}", err=True)
    options: dict[str, Any] = {"headless": True, "as_json": as_json, "force": force, "workspace": place.root}
    run(path, assignments=["recording.figures=all"], **options)
