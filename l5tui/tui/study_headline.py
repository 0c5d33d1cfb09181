"""How a study stands, in one line, or in two where there is no room for it in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from l5tui.text import safe
from l5tui.tui.colours import STATUS_SIGNS, STATUS_STYLES
from l5tui.tui.study_words import amount_in_words, best_in_words, kind_of

if TYPE_CHECKING:
    from l5tui.tui.study_picture import StudyPicture
    from l5tui.tuning.insight import Insight
    from l5tui.tuning.study import StudyRecord

BETWEEN = " · "


def study_headline(picture: StudyPicture, insight: Insight | None, width: int) -> Text:
    """How a study stands: its status, what it is, how far it is and what it has found.

    Parameters
    ----------
    picture : StudyPicture
    insight : Insight or None
    width : int
        Room in cells.
    """
    record = picture.report.record
    status = str(record.status)
    sign = f"{STATUS_SIGNS.get(status, '?')} {status}"
    facts = [insight.short] if insight else []
    facts += [amount_in_words(record), best_in_words(record, picture.report.confirmed)]
    kind = kind_of(record)
    if record.best_trial is not None and kind == "search":
        later = (trial for trial in picture.report.trials if trial.number > record.best_trial)
        without = sum(trial.status.is_final for trial in later)
        if without:
            facts.append(f"no improvement in {without}")
    bad = sum(many for name, many in record.counts.items() if name in ("failed", "diverged"))
    facts.append(f"{bad} without a value" if bad else "")
    # What it is stands first where it is no search, which most are.
    facts = [*facts, record.method] if kind == "search" else [f"{record.method} {kind}", *facts]
    lines = _lines([sign, *(safe(part) for part in [*facts, _reason(record)] if part)], width)
    shown = [Text(line, no_wrap=True) for line in lines]
    shown[0].stylize(STATUS_STYLES.get(status, ""), 0, len(sign))
    for line in shown:
        line.truncate(max(width, 1), overflow="ellipsis")
    return Text("\n", no_wrap=True).join(shown)


def _lines(parts: list[str], width: int) -> list[str]:
    """One line, or two."""
    first, rest = [parts[0]], parts[1:]
    while rest and len(BETWEEN.join([*first, rest[0]])) <= width:
        first.append(rest.pop(0))
    return [BETWEEN.join(first), BETWEEN.join(rest)] if rest else [BETWEEN.join(first)]


def _reason(record: StudyRecord) -> str:
    """Why it is not running, where its status does not say that already."""
    reason: str = record.error or ""
    return reason if reason and reason != str(record.status) else ""
