"""What a person types to find runs: ``rule:oja tag:paper loss<3 status:failed words``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from l5tui.store.listing import RunListing

Test: TypeAlias = Callable[[RunListing, str], bool]

_TERM: Final = re.compile(r"(?P<negated>-)?(?P<key>[a-z]+)(?P<sign>:|<=|>=|<|>|=)(?P<value>.*)")
TEXTS: Final = ("rule", "status", "name", "variant", "id", "hash", "error", "notes", "tag")
NUMBERS: Final = ("loss", "seed")
DATES: Final = ("created",)


class RunQuery:
    """A text, and which runs it finds; all of its terms have to hold.

    Parameters
    ----------
    text : str
        Terms between blanks. ``key:value`` finds runs whose text begins with the value, ``key<number`` and
        the like compare, a day as ``created>2026-01-31``; ``-`` before a term turns it round. Anything else is
        a word that is looked for everywhere. A term whose value has not been typed yet finds all.
    """

    def __init__(self, text: str) -> None:
        self._tests = [test for term in text.lower().split() if (test := _test(term))]

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
        """Indices of the runs that it finds."""
        if not self._tests:
            return list(range(len(runs)))
        return [index for index, run in enumerate(runs) if self.matches(run, searched[index])]


def searched_text(run: RunListing) -> str:
    """What words are looked for in."""
    told = (run.id, run.name, run.status, run.rule, run.notes, run.error or "", *run.tags)
    return "\n".join(told).lower()


def _test(term: str) -> Test | None:
    found = _TERM.fullmatch(term)
    test: Test | None
    if found and found["key"] in TEXTS and found["sign"] in ":=":
        test = _text_test(found["key"], found["value"])
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
    wanted: float | str
    if key in DATES:
        wanted = value
    else:
        try:
            wanted = float(value)
        except ValueError:
            return None
    compare: dict[str, Callable[[float | str, float | str], bool]] = {
        "<": lambda a, b: a < b,  # type: ignore[operator]
        ">": lambda a, b: a > b,  # type: ignore[operator]
        "<=": lambda a, b: a <= b,  # type: ignore[operator]
        ">=": lambda a, b: a >= b,  # type: ignore[operator]
        "=": lambda a, b: a == b,
        ":": lambda a, b: a == b,
    }
    holds = compare[sign]

    def test(run: RunListing, _: str) -> bool:
        have = getattr(run, key)
        if key in DATES:
            # A day is as long as what was typed of it.
            have = have[: len(value)]
        return have is not None and holds(have, wanted)

    return test if value else None
