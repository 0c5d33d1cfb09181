"""Column types that SQLite does not have."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Float, String, Text
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment as ISO text in UTC, always 32 characters, so that text order is time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuse a moment without a time zone: it would mean another one elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """With its time zone."""
        return None if value is None else datetime.fromisoformat(value)


class FiniteFloat(TypeDecorator[float]):
    """A number; what is not finite is stored as NULL and comes back as NaN."""

    impl = Float
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Return a plain float, NumPy's scalars included."""
        return float(value) if value is not None and math.isfinite(value) else None

    def process_result_value(self, value: float | None, dialect: Dialect) -> float:
        """NaN for NULL."""
        return math.nan if value is None else value


class JsonText(TypeDecorator[dict[str, Any]]):
    """A mapping as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:
        """Return standard JSON: numbers must be finite."""
        return None if value is None else json.dumps(dict(value), ensure_ascii=False, allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """Return a new mapping each time."""
        return None if value is None else dict(_parsed(value))


@lru_cache(maxsize=256)
def _parsed(text: str) -> dict[str, Any]:
    # Thousands of runs share one set of versions, and reading it is the slowest part of listing them.
    mapping: dict[str, Any] = json.loads(text)
    return mapping
