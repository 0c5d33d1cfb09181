"""Whether the catalogue may have changed, without opening it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 1.0
"""Between two looks of a screen of studies."""
TICKS_UNTIL_ANYWAY = 5
"""Looks after which it counts as changed: a process that dies changes nothing."""


class CatalogueWatch:
    """Looks at the size and time of the catalogue's files.

    Parameters
    ----------
    catalog : callable
        Returns the path of the catalogue, which may be moved.
    """

    def __init__(self, catalog: Callable[[], Path]) -> None:
        self._catalog = catalog
        self._seen: object = None
        self._ticks = 0

    def changed(self) -> bool:
        """Whether to read the catalogue again."""
        catalog = self._catalog()
        seen = (catalog, _mark(catalog), _mark(catalog.with_name(f"{catalog.name}-wal")))
        self._ticks += 1
        if seen == self._seen and self._ticks < TICKS_UNTIL_ANYWAY:
            return False
        self._seen, self._ticks = seen, 0
        return True


def _mark(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
