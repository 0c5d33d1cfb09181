"""Rows of the catalogue read value by value: one that cannot be read is replaced and reported, and stops no listing.

SQLite checks no types, so that a row from a damaged or edited catalogue may hold anything in any column.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum as PythonEnum
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Boolean, Column, Enum, Integer, type_coerce
from sqlalchemy.sql.elements import ColumnElement, KeyedColumnElement
from sqlalchemy.types import NullType

from l5tui.store.columns import FiniteFloat, JsonText, UtcDateTime
from l5tui.store.run_id import EPOCH, is_run_id, moment_of

Convert: TypeAlias = Callable[[Any], Any]

Damage: TypeAlias = Mapping[str, str]
"""What is wrong with a row, by the name of the column; empty for a row that can be read."""

RAW = NullType()


class RowReader:
    """Reads rows of some columns of one table.

    Parameters
    ----------
    columns : sequence of column
        In the order of the values of a row; the first is the id of a run or a study.
    """

    def __init__(self, columns: Sequence[KeyedColumnElement[Any]]) -> None:
        self.selected: list[ColumnElement[Any]] = [
            type_coerce(column, RAW).label(column.name) for column in columns
        ]
        """What a query has to select."""
        self._columns = tuple(columns)
        self._converters = tuple(map(converter, columns))

    def read(self, row: Sequence[Any]) -> tuple[list[Any], Damage]:
        """Return the values of a row, and what is wrong with it.

        Parameters
        ----------
        row : sequence
            Values as SQLite stores them, of the columns and perhaps of more.
        """
        try:
            if not is_run_id(row[0]):
                raise ValueError
            return [convert(value) for convert, value in zip(self._converters, row, strict=False)], {}
        except (ValueError, TypeError, RecursionError):
            return self._read_damaged(row)

    def _read_damaged(self, row: Sequence[Any]) -> tuple[list[Any], Damage]:
        values: list[Any] = []
        damage: dict[str, str] = {} if is_run_id(row[0]) else {"id": "is not the id of a run or study"}
        for column, convert, value in zip(self._columns, self._converters, row, strict=False):
            try:
                values.append(convert(value))
            except (ValueError, TypeError, RecursionError) as error:
                damage[column.name] = str(error) if isinstance(error, ValueError) else "cannot be read"
                values.append(_substitute(column, str(row[0])))
        return values, damage


def converter(column: KeyedColumnElement[Any]) -> Convert:
    """Return the function that reads a column's values.

    It raises ValueError, with what is wrong in a few words, for a value that is none.
    """
    kind = column.type
    if isinstance(kind, UtcDateTime):
        read: Convert = _moment
    elif isinstance(kind, JsonText):
        read = _MAPPINGS.get(column.name, _any_mapping)
    elif isinstance(kind, FiniteFloat):
        return _number  # NULL is a number that is not defined
    elif isinstance(kind, Enum) and kind.enum_class is not None:
        read = _member_of(kind.enum_class)
    elif isinstance(kind, Boolean):
        read = _switch
    elif isinstance(kind, Integer):
        read = _whole
    else:
        read = _text
    if not is_nullable(column):
        return read
    return lambda value: None if value is None else read(value)


def is_nullable(column: KeyedColumnElement[Any]) -> bool:
    """Whether a column of a table may be NULL."""
    return isinstance(column, Column) and bool(column.nullable)


def _substitute(column: KeyedColumnElement[Any], row_id: str) -> Any:
    """Stand in for a value that cannot be read."""
    if is_nullable(column) and not isinstance(column.type, FiniteFloat):
        return None
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return moment_of(row_id) if is_run_id(row_id) else EPOCH
    if isinstance(kind, JsonText):
        return {}
    if isinstance(kind, FiniteFloat):
        return math.nan
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class("failed")
    if isinstance(kind, Boolean):
        return False
    return 0 if isinstance(kind, Integer) else ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is not text")  # noqa: TRY004
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise ValueError("is not a whole number")  # noqa: TRY004
    return value


def _switch(value: Any) -> bool:
    if value not in (0, 1):
        raise ValueError("is neither true nor false")
    return bool(value)


def _number(value: Any) -> float:
    if value is None:
        return math.nan
    if not isinstance(value, int | float):
        raise ValueError("is not a number")  # noqa: TRY004
    return float(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("is not a time") from None
    # Earlier versions wrote the end of some runs without its time zone, which is UTC everywhere.
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _member_of(statuses: type[PythonEnum]) -> Convert:
    known: dict[Any, Any] = {each.value: each for each in statuses}

    def read(value: Any) -> Any:
        try:
            return known[value]
        except (KeyError, TypeError):
            raise ValueError(f"is none of {', '.join(map(str, known))}") from None

    return read


def _any_mapping(value: Any) -> dict[str, Any]:
    return dict(_parsed(value))


def _numbers(value: Any) -> dict[str, float]:
    return dict(_numbers_in(value))


def _scalars(value: Any) -> dict[str, Any]:
    return dict(_scalars_in(value))


def _mappings(value: Any) -> dict[str, Any]:
    return dict(_mappings_in(value))


def _parsed(text: Any) -> dict[str, Any]:
    try:
        mapping = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(mapping, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004
    return mapping


# Thousands of runs share one set of versions, and reading it is the slowest part of listing them.
@lru_cache(maxsize=256)
def _scalars_in(text: Any) -> dict[str, Any]:
    return _checked(text, lambda value: value is None or isinstance(value, str | int | float), "values")


@lru_cache(maxsize=64)
def _numbers_in(text: Any) -> dict[str, float]:
    def is_number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    return _checked(text, is_number, "finite numbers")


@lru_cache(maxsize=64)
def _mappings_in(text: Any) -> dict[str, Any]:
    return _checked(text, _is_spread, "searched parameters")


def _is_spread(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    ends = (value.get("low"), value.get("high"))
    return isinstance(value.get("choices"), list) or all(isinstance(end, int | float) for end in ends)


def _checked(text: Any, holds: Callable[[Any], bool], what: str) -> dict[str, Any]:
    mapping = _parsed(text)
    if not all(map(holds, mapping.values())):
        raise ValueError(f"is not a JSON object of {what}")
    return mapping


_MAPPINGS: Mapping[str, Convert] = {
    "timings": _numbers,
    "metrics": _numbers,
    "versions": _scalars,
    "point": _scalars,
    "space": _mappings,
}
"""What the values of a column of JSON have to be, by the column's name."""
