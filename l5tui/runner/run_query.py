"""What a person types to find runs: ``rule:oja tag:paper loss<3 status:failed words``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from l5tui.config.wording import quoted
from l5tui.errors import ConfigError, Fault
from l5tui.store.listing import RunListing

Test: TypeAlias = Callable[[RunListing, str], bool]

_TERM: Final = re.compile(r"(?P<negated>-)?(?P<key>[a-z]+)(?P<sign>:|<=|>=|<|>|=)(?P<value>.*)")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:t(\d{2})(?::(\d{2}))?)?)?)?", re.ASCII)
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    ":": operator.eq,
}
TEXTS: Final = ("rule", "status", "name", "variant", "id", "hash", "error", "notes", "tag")
NUMBERS: Final = ("loss", "seed")
DATES: Final = ("created",)


class RunQuery:
    """A text, and which runs it finds; all of its terms have to hold.

    Parameters
    ----------
    text : str
        Terms between blanks. ``key:value`` finds runs whose text begins with the value, ``key<number`` and
        the like compare, a day as ``created>2026-01-31``, in local time; ``-`` before a term negates it. Anything
        else is a word that is looked for everywhere. A term without a value yet finds all.

    Attributes
    ----------
    faults : tuple of Fault
        Terms that are malformed, which find all.
    """

    def __init__(self, text: str) -> None:
        self._tests: list[Test] = []
        faults: list[Fault] = []
        for term in text.lower().split():
            try:
                test = _test(term)
            except ConfigError as error:
                faults += error.faults
            else:
                self._tests += [test] if test else []
        self.faults = tuple(faults)

    def require_valid(self) -> None:
        """Check that every term has a meaning.

        Raises
        ------
        ConfigError
            With a fault for each term that has none.
        """
        if self.faults:
            raise ConfigError(self.faults, "query")

    def matches(self, run: RunListing, searched: str) -> bool:
        """Whether it finds a run.

        Parameters
        ----------
        run : RunListing
        searched : str
            As `searched_text` gives it, made once for all queries.
        """
        return all(test(run, searched) for test in self._tests)

    def find(self, runs: Sequence[RunListing], searched: Sequence[str]) -> list[int]:
        """Return the indices of the runs that match."""
        if not self._tests:
            return list(range(len(runs)))
        return [index for index, run in enumerate(runs) if self.matches(run, searched[index])]


def searched_text(run: RunListing) -> str:
    """Return the text in which words are searched."""
    texts = (run.id, run.name, run.status, run.rule, run.notes, run.error or "", *run.tags)
    return "\n".join(texts).lower()


def _test(term: str) -> Test | None:
    found = _TERM.fullmatch(term)
    test: Test | None
    if found and found["key"] in TEXTS and found["sign"] in ":=":
        test = _text_test(found["key"], found["value"])
    elif found and found["key"] in TEXTS:
        raise _malformed(term, f"{found['key']}:text, as only numbers and dates can be compared")
    elif found and found["key"] in NUMBERS + DATES:
        test = _comparison(found["key"], found["sign"], found["value"])
    else:
        word = term.removeprefix("-") if len(term) > 1 else term
        return (
            (lambda run, searched: word not in searched)
            if word != term
            else (lambda run, searched: word in searched)
        )
    if test is None or not found["negated"]:
        return test
    positive = test
    return lambda run, searched: not positive(run, searched)


def _text_test(key: str, value: str) -> Test | None:
    if not value:
        return None
    if key == "tag":
        return lambda run, _: any(tag.lower().startswith(value) for tag in run.tags)
    if key in ("name", "notes", "error"):
        return lambda run, _: value in str(getattr(run, key) or "").lower()
    return lambda run, _: str(getattr(run, key)).lower().startswith(value)


def _comparison(key: str, sign: str, value: str) -> Test | None:
    if not value:
        return None
    if key in DATES:
        return _date_test(key, sign, value)
    try:
        wanted = float(value)
    except ValueError:
        raise _malformed(f"{key}{sign}{value}", f"a number, such as {key}{sign}3") from None
    if not math.isfinite(wanted):
        raise _malformed(f"{key}{sign}{value}", f"a finite number, such as {key}{sign}3")
    holds = _COMPARISONS[sign]

    def test(run: RunListing, _: str) -> bool:
        have = getattr(run, key)
        return have is not None and holds(have, wanted)

    return test


def _date_test(key: str, sign: str, value: str) -> Test:
    """Compare a moment with a year, month, day, hour or minute of local time, each as long as it lasts."""
    interval = local_interval(value)
    if interval is None:
        allowed = f"a date as YYYY-MM-DD, such as {key}{sign}2026-11-28, or YYYY, YYYY-MM, YYYY-MM-DDTHH:MM"
        raise _malformed(f"{key}{sign}{value}", allowed)
    first, after = interval

    def test(run: RunListing, _: str) -> bool:
        # As runs are shown: by the clock on the wall, whatever its distance from UTC was then.
        moment = datetime.fromisoformat(getattr(run, key)).astimezone().replace(tzinfo=None)
        return {
            "<": moment < first,
            ">=": moment >= first,
            ">": moment >= after,
            "<=": moment < after,
            "=": first <= moment < after,
            ":": first <= moment < after,
        }[sign]

    return test


def local_interval(text: str) -> tuple[datetime, datetime] | None:
    """Return the first moment of a stretch of local time, and the first one after it, without time zones.

    Parameters
    ----------
    text : str
        ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, ``YYYY-MM-DDTHH`` or ``YYYY-MM-DDTHH:MM``; a hyphen at the end counts
        for nothing, as one types it on the way to the next part.

    Returns
    -------
    tuple of datetime, or None
        None if there is no such date.
    """
    found = _DATE.fullmatch(text.rstrip("-t:"))
    if found is None:
        return None
    parts = [int(part) for part in found.groups() if part is not None]
    year, month, day, hour, minute = (*parts, *(1, 1, 0, 0)[len(parts) - 1 :])
    try:
        first = datetime(year, month, day, hour, minute)
        if len(parts) == 1:
            after = first.replace(year=year + 1)
        elif len(parts) == 2:
            after = (first + timedelta(days=31)).replace(day=1)
        else:
            after = first + (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1))[len(parts) - 3]
        return first, after
    except (ValueError, OverflowError):
        return None


def _malformed(term: str, allowed: str) -> ConfigError:
    return ConfigError([Fault("", quoted(term), allowed)])
