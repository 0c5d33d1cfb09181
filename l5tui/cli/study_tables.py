"""Studies as tables on a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from l5tui.text import count, number, safe

if TYPE_CHECKING:
    from l5tui.tuning.confirmed import Candidate
    from l5tui.tuning.study import StudyRecord, StudyReport, TrialRecord

BEST_TRIALS = 10
TRIAL_TITLES = ("trial", "fresh", "95 %", "n", "in search", "rmse", "ΔOS", "ΔDS", "seconds")
NOT_SEARCHES = ("vbmc", "abc", "saltelli", "local")


def print_studies(found: Sequence[StudyRecord], confirmed: Mapping[str, Candidate], console: Console) -> None:
    """Print a line a study.

    Parameters
    ----------
    found : sequence of StudyRecord
    confirmed : mapping of str to Candidate
        The best in fresh circuits of each study that is confirmed.
    console : Console
    """
    from l5tui.tuning.report import realizations_of, unequal_studies

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for title in ("study", "status", "trials", "best", "n", "in\nsearch", "R", "objective", "name"):
        # Names are cut before numbers are.
        is_name = title in ("objective", "name")
        right = title in ("trials", "best", "n", "in\nsearch", "R")
        table.add_column(title, justify="right" if right else "left", no_wrap=not is_name)
    for record in found:
        trials = f"{record.ended_trials}/{record.trials}"
        realizations = str(realizations_of(record) or "")
        best = confirmed.get(record.id)
        table.add_row(
            safe(record.id),
            record.shown_status,
            trials,
            best.short if best else "" if record.method in NOT_SEARCHES else "not confirmed",
            str(best.n) if best else "",
            number(record.best_value, 4),
            realizations,
            *(
                Text(safe(each), no_wrap=True, overflow="ellipsis")
                for each in (record.objective, record.name)
            ),
        )
    console.print(table)
    if caveat := unequal_studies(found):
        console.print(Text(f"R: {caveat}"), highlight=False)
    for record in found:
        if record.damage:
            console.print(Text(safe(f"{record.id}: {record.shown_error}")), highlight=False, soft_wrap=True)


def print_study(report: StudyReport, console: Console) -> None:
    """Print a study: how it stands, its best trials, and the best point in full."""
    record = report.record
    from l5tui.tuning.report import realizations_of

    text = ", ".join(f"{many} {status}" for status, many in sorted(record.counts.items()))
    console.print(
        Text(f"{safe(record.name)}  study {record.id}  {record.shown_status}", style="bold"), soft_wrap=True
    )
    for warning in report.warnings:
        console.print(f"  {safe(warning)}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    aim = "largest" if record.maximize else "smallest"
    console.print(
        f"{record.method} search for the {aim} {record.objective}; {count(record.ended_trials, 'trial')} of "
        f"{record.trials}: {text or 'none yet'}",
        highlight=False,
        soft_wrap=True,
    )
    if realizations := realizations_of(record):
        console.print(f"  each trial: {count(realizations, 'realization')}", highlight=False)
    for reason in dict.fromkeys(trial.error for trial in report.trials if trial.error):
        console.print(f"  {safe(str(reason))}", style="yellow", markup=False, soft_wrap=True)
        break
    best = _best_first(report)
    if not best:
        return
    if report.record.method not in NOT_SEARCHES:
        for words in filter(None, (report.best_in_words, report.difference_in_words)):
            console.print(words, markup=False, highlight=False, soft_wrap=True)
    _print_best(next(trial for trial in best if trial.number == report.best_trial), report, console)
    table = _table(
        *TRIAL_TITLES,
        right=TRIAL_TITLES,
    )
    for trial in best[:BEST_TRIALS]:
        terms = [trial.metrics.get(f"loss/{name}", float("nan")) for name in ("rmse", "delta_OS", "delta_DS")]
        table.add_row(
            str(trial.number),
            *_fresh(report, trial),
            number(trial.value, 4),
            *(number(each, 3) for each in terms),
            number(trial.seconds, 2),
        )
    console.print(table)


def _fresh(report: StudyReport, trial: TrialRecord) -> tuple[str, str, str]:
    """Return a trial's mean objective in fresh circuits, its 95 % interval and the number of sets."""
    found = {each.trial: each for each in report.confirmation.candidates} if report.confirmation else {}
    if trial.number not in found:
        return "", "", ""
    each = found[trial.number]
    return number(each.mean, 4), f"{number(each.low, 3)} to {number(each.high, 3)}", str(each.n)


def _best_first(report: StudyReport) -> list[TrialRecord]:
    """Trials with a value: those with a value in fresh circuits first, the best of them at the top."""
    valued = [trial for trial in report.trials if trial.value == trial.value]
    in_search = sorted(valued, key=lambda trial: trial.value, reverse=report.record.maximize)
    candidates = report.confirmation.candidates if report.confirmation else ()
    confirmed = [each.trial for each in candidates if math.isfinite(each.mean)]
    last = len(confirmed)
    return sorted(
        in_search, key=lambda trial: confirmed.index(trial.number) if trial.number in confirmed else last
    )


def _print_best(best: TrialRecord, report: StudyReport, console: Console) -> None:
    table = _table(
        "parameter", f"best, trial {best.number}", "searched", right=(f"best, trial {best.number}",)
    )
    values = report.parameters(best)
    for path, spread in report.record.space.items():
        names = [f"{path} / {spread['times']}", path] if spread.get("times") else [path]
        for name, searched in zip(names, (_spread(spread), ""), strict=False):
            if name in values:
                value = values[name]
                table.add_row(name, number(value, 4) if isinstance(value, float) else str(value), searched)
    console.print(table)


def _spread(spread: Mapping[str, Any]) -> str:
    if "choices" in spread:
        return ", ".join(str(choice) for choice in spread["choices"])
    text = f"{spread['low']:g} to {spread['high']:g}"
    return f"{text}, log" if spread.get("log") else text


def _table(*titles: str, right: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, justify="right" if title in right else "left", no_wrap=True)
    return table
