"""How keys and values are shown in one line that is safe to print on a terminal."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any, Final

WIDTH: Final = 60
"""Characters that a shown value or key may take."""

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_.-]+")
_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def one_line(text: str, width: int = WIDTH) -> str:
    """Text without line breaks, escape sequences or anything else that a terminal would act on.

    Parameters
    ----------
    text : str
    width : int
        Characters after which it is cut, with an ellipsis.
    """
    # Cut before the escapes as well: the text may be as large as a file.
    safe = "".join(c if c.isprintable() else _escaped(c) for c in text[: width + 1])
    return safe if len(safe) <= width else f"{safe[: width - 1]}…"


def quoted(text: str, width: int = WIDTH) -> str:
    """Text in quotes, on one line, as TOML would write it; cut to `width` characters."""
    inside = one_line("".join(_ESCAPES.get(c, c) for c in text[:width]), width - 2)
    return f'"{inside}"'


def dotted(parts: Iterable[str | int]) -> str:
    """Format the path of a key, such as ``network.target_weights[0][1]``; odd keys in quotes."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + (one_line(part) if _PLAIN_KEY.fullmatch(part) else quoted(part))
    return path


def overlap(key: str, other: str) -> bool:
    """Whether two dotted paths are one, or one lies inside the other."""
    short, long = sorted((key, other), key=len)
    return long.startswith(short) and long[len(short) : len(short) + 1] in ("", ".", "[")


def shown(value: Any) -> str:
    """Format a value of the right kind: text in quotes, a number in figures."""
    return quoted(value) if isinstance(value, str) else shown_with_kind(value, number="")


def shown_with_kind(value: Any, number: str = "the number ") -> str:
    """Format a value with its kind in words, for a message about a wrong kind."""
    match value:
        case str():
            return f"text {quoted(value, WIDTH - 5)}"
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > 128:
            return f"a whole number of about {int(value.bit_length() * 0.30103) + 1} digits"
        case int() | float():
            return f"{number}{value!r}"
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return "a table"
        case datetime.datetime():
            return f"the date and time {value.isoformat()}"
        case datetime.date():
            return f"the date {value.isoformat()}"
        case datetime.time():
            return f"the time {value.isoformat()}"
        case None:
            return "nothing"
        case _:
            return f"a Python {one_line(type(value).__name__)}"


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
