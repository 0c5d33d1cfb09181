"""Reads runs' files in a process of its own: what a bad file does to the NetCDF library happens here alone.

Takes paths on standard input, one as JSON a line, and answers each with one line of JSON: ``read`` with what the
catalogue keeps of such a run, or ``fault`` with what is wrong. Attributes are passed on as data; nothing in a file is
evaluated.
"""

from __future__ import annotations

import json
import math
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from l5tui.analysis.tables import run_tables
from l5tui.store.netcdf import open_run, store_errors
from l5tui.store.netcdf_reader import open_netcdf

MEMORY_BYTES = 3_000_000_000
"""Address space of the process, libraries included."""

LONGEST_ATTRIBUTE = 2_000_000
MOST_OUTCOMES = 100_000

TABLES = ("selectivity", "block_weights", "loss_terms")


def main() -> None:
    """Answer until standard input is closed."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print must not be taken for an answer.
    os.dup2(2, 1)
    _limit_memory()

    def answer_to(request: dict[str, Any]) -> dict[str, Any]:
        path = Path(request["path"])
        try:
            dataset = open_run(path, [*TABLES, "outcome"], optional=["cells"])
            tables = run_tables(dataset)
            if request["whole"]:
                _read_everything(path)
        except MemoryError:
            return {"fault": "needs more memory than the file of a run may"}
        except Exception as error:
            return {"fault": _one_line(error, path)}
        return {
            "read": {
                "attributes": {str(name): _plain(value) for name, value in dataset.attrs.items()},
                "outcomes": [str(each) for each in dataset["outcome"].values.ravel()[:MOST_OUTCOMES]],
                "selectivity": [_row(row) for row in (*tables.selectivity, *tables.cells)],
                "weight": [_row(row) for row in tables.weights],
                "summary": [[str(name), _number(value)] for name, value in tables.summary.items()],
                "loss_term": [[str(name), _number(value)] for name, value in tables.loss_terms.items()],
                "loss": _number(tables.loss),
            }
        }

    for line in sys.stdin:
        answers.write(json.dumps(answer_to(json.loads(line)), allow_nan=False) + "\n")
        answers.flush()


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read_everything(path: Path) -> None:
    """Read every value once: what is damaged in the middle of a file shows only then."""
    with store_errors(path, "read"), open_netcdf(path) as file:
        for name in file.names:
            _, shape = file.layout(name)
            for index in range(shape[0] if shape else 0):
                file.values(name, index)


def _plain(value: Any) -> str | int | float | None:
    if isinstance(value, str):
        return value[:LONGEST_ATTRIBUTE]
    if hasattr(value, "item") and getattr(value, "size", 0) == 1:
        value = value.item()
    if isinstance(value, int):
        return value
    return _number(value) if isinstance(value, float) else None


def _row(row: Any) -> list[str | float | None]:
    """Return the names of a value, then the value."""
    *names, value = vars(row).values()
    return [*map(str, names), _number(value)]


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _one_line(error: Exception, path: Path) -> str:
    text = " ".join(f"{error or type(error).__name__}".split())
    return text.removeprefix(f"{path} ")[:300]


if __name__ == "__main__":
    main()
