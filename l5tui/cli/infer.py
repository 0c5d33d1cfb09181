"""``l5tui infer``: the posterior of parameters, given targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from l5tui.cli.option_faults import at_least, read_with_options, require, workers_assignment
from l5tui.cli.options import ForceOption, JsonOption, SetOption, WorkspaceOption
from l5tui.cli.study_lines import leave, refuse_both, study_observer, write_end
from l5tui.cli.tune import ProgressOption, StudyFile, WorkersOption
from l5tui.config.toml_file import read_experiment
from l5tui.errors import ConfigError, Fault
from l5tui.runner.logs import log_to
from l5tui.runner.output import write_files
from l5tui.runner.report import number_or_none
from l5tui.text import safe
from l5tui.tuning.defaults import BUDGET, budget_faults
from l5tui.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from l5tui.tuning.inference.infer import InferenceReport


def infer(
    file: StudyFile = None,
    method: Annotated[
        Literal["vbmc", "abc"],
        typer.Option(
            help="vbmc: variational, with a Gaussian process of the likelihood (PyVBMC); "
            "abc: particles, without a likelihood."
        ),
    ] = "vbmc",
    budget: Annotated[int, typer.Option(metavar="N", help="Maximum number of simulated points.")] = BUDGET,
    resume: Annotated[
        str | None, typer.Option(metavar="STUDY", help="Resume an inference, by its id or `last`.")
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(metavar="RULE,…", help="Infer with each learning rule, and compare their evidence."),
    ] = None,
    workers: WorkersOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Draw the figures into this folder.")
    ] = None,
    assignments: SetOption = None,
    as_json: JsonOption = False,
    progress: ProgressOption = "bar",
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Infer the posterior of the parameters in [tuning.space] given [targets].

    Every simulated point is stored as a trial of a study; the posterior is a NetCDF file for ArviZ in store/inference/.

    Example: l5tui infer experiments/targets_v1_l5.toml --budget 300
    """
    if (file is None) == (resume is None):
        raise typer.BadParameter("a file, or an inference to resume by --resume; not both", param_hint="FILE")
    if file is None and (assignments or rules or workers is not None):
        raise typer.BadParameter(
            "only with a file; a resumed inference keeps its settings", param_hint="--set"
        )
    refuse_both(as_json, progress)
    as_lines = progress == "jsonl"
    place = find_workspace(workspace)
    changes = [*(assignments or []), *workers_assignment(workers)]
    wanted = [f"plasticity.rule={rule.strip()}" for rule in rules.split(",")] if rules else [None]
    if file is not None:
        # Faults of the last rule are reported before the first is simulated.
        faults = at_least(0, workers=workers)
        _check(file, [[*changes, *([each] if each else [])] for each in wanted], budget, faults)
    else:
        require(at_least(1, budget=budget))
    reports, now = [], place
    for each in wanted:
        report = _infer(
            file, [*changes, *([each] if each else [])], method, budget, resume, now, as_lines, force
        )
        reports.append(report)
        now = report.study.workspace
        if as_lines:
            write_end(report.study)
        elif not as_json:
            _print(report)
        if out is not None and report.file is not None:
            _draw(report, out)
        if report.study.record.status != "completed":
            break
    if as_json:
        results = [_as_dict(report) for report in reports]
        typer.echo(json.dumps(results if rules else results[0], indent=2, allow_nan=False))
    elif rules and not as_lines:
        from l5tui.cli.inference_tables import print_evidence

        print_evidence(reports, Console())
    leave(reports[-1].study, "infer", place, is_silent=as_lines)


def _check(file: Path, overrides: list[list[str]], budget: int, others: list[Fault]) -> None:
    """Raise every fault of the file under each list of overrides, of the budget and of other options."""
    faults: dict[Fault, None] = {}
    sources: set[str] = set()
    for changes in overrides:
        try:
            read_with_options(
                file, changes, "inference", lambda parameters: [*budget_faults(parameters, budget), *others]
            )
        except ConfigError as error:
            faults.update(dict.fromkeys(error.faults))
            sources.add(error.source)
    if faults:
        raise ConfigError([*faults], sources.pop() if len(sources) == 1 else str(file))


def _infer(
    file: Path | None,
    changes: list[str],
    method: Any,
    budget: int,
    resume: str | None,
    place: Workspace,
    as_lines: bool,
    force: bool,
) -> InferenceReport:
    from l5tui.tuning.inference.infer import resume_inference, run_inference

    log_to(place)
    with study_observer(as_lines) as observe:
        if resume is not None:
            return resume_inference(resume, place, observe=observe, force=force)
        assert file is not None
        read = read_experiment(file, changes, "inference")
        return run_inference(
            read.experiment,
            read.text,
            place,
            method=method,
            budget=budget,
            source=str(file),
            observe=observe,
            force=force,
        )


def _print(report: InferenceReport) -> None:
    from l5tui.cli.inference_tables import print_inference

    print_inference(report, Console())


def _draw(report: InferenceReport, folder: Path) -> None:
    from l5tui.tuning.inference.pictures import inference_pictures

    study = report.study.record.id
    pictures = {f"{study}-{name}.png": picture for name, picture in inference_pictures(report).items()}
    for path in write_files(folder, pictures):
        typer.echo(f"wrote {safe(str(path))}", err=True)


def _as_dict(report: InferenceReport) -> dict[str, Any]:
    from l5tui.analysis.parameter_axis import parameter_labels
    from l5tui.tuning.report import study_listing

    results: dict[str, Any] = {**study_listing(report.study.record), "warnings": list(report.study.warnings)}
    if report.file is None:
        return {**results, "file": None}
    found = report.read()
    rows = found["summary"].to_dict("index")
    labels = parameter_labels(report.study.record.space)
    return {
        **results,
        "file": str(report.file),
        "log_evidence": number_or_none(float(found["log_evidence"])),
        "log_evidence_sd": number_or_none(float(found["log_evidence_sd"])),
        "converged": found["converged"] == "true",
        "message": found["message"],
        "posterior": {
            str(path): {
                **{name: number_or_none(float(value)) for name, value in row.items()},
                "name": labels.get(str(path), str(path)),
            }
            for path, row in rows.items()
        },
    }
