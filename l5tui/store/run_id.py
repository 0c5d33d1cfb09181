"""Run ids: readable, unique, and in the order of creation when sorted as text."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

from l5tui.errors import IllegalIdError, StoreError

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, lower case; its characters ascend in ASCII, so text order is numeric order."""

MICROSECOND = timedelta(microseconds=1)
SECOND_FORMAT = "%Y%m%d-%H%M%S"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that cannot be read in a row whose id has none."""

PATTERN = re.compile(rf"(\d{{8}}-\d{{6}})-([{ALPHABET}]{{4}})([{ALPHABET}]{{2}})")


def make_run_id(moment: datetime) -> str:
    """Return the id of a run that begins at a given time.

    Parameters
    ----------
    moment : datetime
        With its time zone.

    Returns
    -------
    str
        ``YYYYMMDD-HHMMSS-xxxxxx``: UTC to the second, four characters for the microsecond and two random ones
        that keep ids of separate workspaces apart.

    Examples
    --------
    >>> make_run_id(datetime(2026, 3, 1, 12, 0, 5, 999_999, tzinfo=UTC))[:-2]
    '20260301-120005-yghz'
    """
    moment = moment.astimezone(UTC)
    microsecond = "".join(ALPHABET[moment.microsecond >> shift & 31] for shift in (15, 10, 5, 0))
    random = secrets.choice(ALPHABET) + secrets.choice(ALPHABET)
    return f"{moment:{SECOND_FORMAT}}-{microsecond}{random}"


def moment_of(run_id: str) -> datetime:
    """Return the time in a run id, in UTC.

    Raises
    ------
    ValueError
        Where it is not a run id.
    """
    match = PATTERN.fullmatch(run_id)
    if match is None:
        raise ValueError(f"{run_id!r} is not a run id")
    microsecond = 0
    for character in match[2]:
        microsecond = microsecond << 5 | ALPHABET.index(character)
    digits = match[1]
    parts = (digits[:4], digits[4:6], digits[6:8], digits[9:11], digits[11:13], digits[13:])
    year, month, day, hour, minute, second = map(int, parts)
    return datetime(year, month, day, hour, minute, second, microsecond, UTC)


def is_run_id(text: object) -> bool:
    """Whether a value is the id of a run or a study: of the pattern, and of a moment that exists."""
    try:
        moment_of(str(text))
    except ValueError:
        return False
    return isinstance(text, str)


def require_run_id(text: object) -> str:
    """Return an id that is one.

    Parameters
    ----------
    text : object
        What a row, a file or MLflow has as the id of a run or a study.

    Raises
    ------
    IllegalIdError
        If it is another text: such a text must never become a path or a pattern.
    """
    if not is_run_id(text):
        raise IllegalIdError(
            f"{str(text)[:60]!r} is not the id of a run or study (YYYYMMDD-HHMMSS-xxxxxx); "
            "`l5tui doctor --repair` gives its row a legal one"
        )
    return str(text)


def next_run_id(now: datetime, greatest: str | None) -> str:
    """Return an id above all existing ones, whatever the clock reads.

    Parameters
    ----------
    now : datetime
        What the clock says, with its time zone.
    greatest : str or None
        The greatest legal id so far. Where the clock is not past it, the id is one microsecond after it.
    """
    if greatest is not None:
        try:
            now = max(now, moment_of(greatest) + MICROSECOND)
        except OverflowError as error:
            raise StoreError(f"no id is greater than {greatest}, of the latest representable time") from error
    return make_run_id(now)
