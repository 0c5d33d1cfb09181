"""Inferences as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.text import number, safe

if TYPE_CHECKING:
    from l5tui.tuning.inference.infer import InferenceReport


def print_inference(report: InferenceReport, console: Console) -> None:
    """Print how the inference stands, and each parameter's mean and 90 % interval."""
    from l5tui.tuning.inference.pictures import evidence_in_words

    record = report.study.record
    heading = f"{safe(record.name)}  {record.method}, study {record.id}  {record.status}"
    console.print(Text(heading, style="bold"), soft_wrap=True)
    if report.file is None:
        return
    found = report.read()
    style = "" if found["converged"] == "true" else "bold yellow"
    console.print(Text(safe(evidence_in_words(found)), style=style), soft_wrap=True)
    best = next((trial.point for trial in report.study.trials if trial.number == record.best_trial), {})
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("parameter", no_wrap=True)
    for title in ("mean", "std", "5 %", "95 %", "best trial"):
        table.add_column(title, justify="right", no_wrap=True)
    labels = parameter_labels(record.space)
    for path, row in found["summary"].iterrows():
        draws = found["data"].posterior[path].values
        low, high = (float(each) for each in _percentiles(draws))
        likely = best.get(str(path))
        cells = (float(row["mean"]), float(row["sd"]), low, high)
        shown = number(float(likely), 3) if isinstance(likely, int | float) else "n/a"
        table.add_row(labels.get(str(path), str(path)), *(number(cell, 3) for cell in cells), shown)
    console.print(table)
    console.print(Text(f"  file: {safe(str(report.file))}"), soft_wrap=True, highlight=False)


def print_evidence(reports: Sequence[InferenceReport], console: Console) -> None:
    """Print each learning rule's log evidence, the best first, and by how much the others fall short."""
    rows = []
    for report in reports:
        if report.file is not None:
            found = report.read()
            rule = found["experiment_toml"]
            values = float(found["log_evidence"]), float(found["log_evidence_sd"])
            rows.append((*values, found["converged"] == "true", _rule(rule), report.study.record.id))
    rows.sort(reverse=True)
    table = Table(title="Log evidence by learning rule", title_justify="left", box=None, pad_edge=False)
    for title in ("rule", "log evidence", "± std", "behind", "converged", "study"):
        table.add_column(
            title, justify="left" if title in ("rule", "converged", "study") else "right", no_wrap=True
        )
    for evidence, spread, converged, rule, study in rows:
        behind = number(rows[0][0] - evidence, 2)
        table.add_row(
            rule, number(evidence, 2), number(spread, 2), behind, "yes" if converged else "NO", study
        )
    console.print(table)


def _rule(toml: str) -> str:
    return validate_stored(parse_toml(toml)).plasticity.rule


def _percentiles(draws: object) -> tuple[float, float]:
    low, high = np.percentile(np.asarray(draws, dtype=float), (5, 95))
    return float(low), float(high)
