"""TOML text: read from a file that may be anything, and parsed into plain values."""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, Final

from l5tui.config.wording import one_line
from l5tui.errors import ConfigError, Fault

MAX_BYTES: Final = 1_000_000
"""An experiment takes a few kilobytes; more is a mistake, and would only take long to refuse."""

MAX_KEY_PARTS: Final = 32

_INHERITED: Final = re.compile(r"/dev/(stdin|fd/\d+)$|/proc/(self|\d+)/fd/\d+$")
"""Streams that were open already when the program began."""

_PLACE: Final = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_PART: Final = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
# Python's parser takes time that grows with the square of a dotted key's parts: minutes for a large file.
_LONG_KEY: Final = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}\.[ \t]*+){{{MAX_KEY_PARTS}}}")
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4300,}")
_MESSAGES: Final = {
    "Cannot overwrite a value": "a key is given twice",
    "Cannot mutate immutable namespace": "a table is extended that was closed before",
}


def printable(path: str | Path) -> str:
    """Return a path in a form that prints on one line."""
    return one_line(str(path), width=4096)


def read_text(path: Path) -> str:
    """Return the text of a TOML file.

    Raises
    ------
    ConfigError
        Where the file is missing, a folder, unreadable, too large, or not UTF-8 text.
    """
    source = printable(path)
    try:
        raw, size = _read_bytes(path)
    except FileNotFoundError:
        raise _failure(source, "no such file") from None
    except IsADirectoryError:
        raise _failure(source, "a folder, not a TOML file") from None
    except PermissionError:
        raise _failure(source, "no permission to read this file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _failure(source, f"cannot be read: {one_line(reason)}") from error
    if len(raw) > MAX_BYTES:
        found = f"a file of {size / 1e6:.1f} MB" if size > MAX_BYTES else "a file of more than 1 MB"
        raise ConfigError([Fault("", found, f"at most {MAX_BYTES // 1_000_000} MB")], source)
    if b"\0" in raw:
        raise ConfigError([Fault("", "a binary file", "TOML, which is text in UTF-8")], source)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x}, which is not UTF-8"
        raise ConfigError([Fault("", found, "TOML, which is text in UTF-8")], _at(source, line)) from None


def parse_toml(text: str, source: str = "") -> dict[str, Any]:
    """Return the values of a TOML document.

    Raises
    ------
    ConfigError
        Where the text is not TOML, with line and column.
    """
    if match := _LONG_KEY.search(text):
        raise _failure(_at(source, _line(text, match.start())), f"a key of more than {MAX_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, source) from None
    except RecursionError:
        raise _failure(source, "lists or tables nested too deeply") from None
    except ValueError:
        # Python refuses to read whole numbers of more than 4,300 digits.
        match = _LONG_NUMBER.search(text)
        line = _line(text, match.start()) if match else 1
        raise _failure(_at(source, line), "a number of more than 4300 digits") from None


def _read_bytes(path: Path) -> tuple[bytes, int]:
    """Return the content of a file, up to just over the limit, and the file's size."""
    with open(path, "rb", opener=_open_at_once) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            return file.read(MAX_BYTES + 1), status.st_size
        if not _INHERITED.match(str(path)):
            raise OSError(errno.EINVAL, "not a regular file")
        # What a shell passes on, as in `l5tui run <(program)`.
        os.set_blocking(file.fileno(), True)
        return file.read(MAX_BYTES + 1), 0


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting for the other end of a named pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _syntax_error(message: str, text: str, source: str) -> ConfigError:
    place = _PLACE.search(message)
    problem = message[: place.start()] if place else message
    problem = next((found for start, found in _MESSAGES.items() if problem.startswith(start)), problem)
    if match := re.match(r"Cannot declare \((.*?),?\) twice", problem):
        name = match[1].replace("'", "").replace(", ", ".")
        problem = f"the table [{name}] is given twice"
    if place and place["line"]:
        where = _at(source, f"{place['line']}:{place['column']}")
    else:
        where = _at(source, _line(text, len(text.rstrip())))
    return _failure(where, f"not TOML: {one_line(problem, 200)}")


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _at(source: str, line: int | str) -> str:
    return f"{source}:{line}" if source else f"line {line}"


def _failure(source: str, what: str) -> ConfigError:
    return ConfigError([Fault("", what, "")], source)
