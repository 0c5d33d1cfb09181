"""How much memory a run may take: what is free on the machine, and what the limits of its control groups leave."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from l5tui.errors import MemoryShortageError
from l5tui.runner.control_groups import CONTROL_GROUPS, MEMBERSHIP, control_groups_of
from l5tui.runner.forecast import Forecast
from l5tui.text import amount

MEMINFO = Path("/proc/meminfo")

VARIABLE = "L5TUI_MEMINFO"
"""Environment variable with the path of a file to read in the place of `MEMINFO`."""


def free_memory(
    meminfo: Path | None = None, membership: Path = MEMBERSHIP, control_groups: Path = CONTROL_GROUPS
) -> int | None:
    """Return the memory, in bytes, that this process can still take; None where the system does not say.

    Parameters
    ----------
    meminfo : Path, optional
        File with ``MemAvailable``; by default the one that the environment variable `VARIABLE` names, else `MEMINFO`.
    membership, control_groups : Path, optional
        As in `l5tui.runner.control_groups.control_groups_of`.

    Returns
    -------
    int or None
        The smallest of what is available on the machine and what each control group leaves; pages of files that a
        group can drop count as free.
    """
    found = [
        *_machine(meminfo or Path(os.environ.get(VARIABLE) or MEMINFO)),
        *_groups(membership, control_groups),
    ]
    return max(0, min(found)) if found else None


def require_memory(expected: Forecast, processes: int = 1, *, force: bool = False) -> None:
    """Refuse what is forecast to need more memory than is free.

    Parameters
    ----------
    expected : Forecast
        Of one process.
    processes : int, optional
        Processes that run at the same time.
    force : bool, optional
        Start all the same.

    Raises
    ------
    MemoryShortageError
        If the forecast is larger than `free_memory`.
    """
    if not force and (shortage := memory_shortage(expected, processes)):
        raise MemoryShortageError(f"it {shortage}; fewer neurons, realizations or workers need less")


def memory_shortage(expected: Forecast, processes: int = 1) -> str:
    """Return how much is needed and how much is free, where the former is more; else nothing.

    Parameters
    ----------
    expected, processes
        As in `require_memory`.
    """
    needed, free = expected.memory * processes, free_memory()
    if free is None or needed <= free:
        return ""
    each = f" ({processes} processes of {amount(expected.memory)})" if processes > 1 else ""
    return f"needs about {amount(needed)} of memory{each}, {amount(free)} are free"


def _machine(meminfo: Path) -> Iterator[int]:
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        if meminfo == MEMINFO and {"SC_AVPHYS_PAGES", "SC_PAGE_SIZE"} <= os.sysconf_names.keys():
            yield os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return
    for line in lines:
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            yield int(rest.split()[0]) * 1024


def _groups(membership: Path, control_groups: Path) -> Iterator[int]:
    for folder in control_groups_of("memory", membership, control_groups):
        for limit, used in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            try:
                left = int((folder / limit).read_text()) - int((folder / used).read_text())
            except (OSError, ValueError):
                # No such file, or "max".
                continue
            yield left + _droppable(folder / "memory.stat")


def _droppable(statistics: Path) -> int:
    """Return the bytes of files' pages that are not in use."""
    try:
        rows = dict(line.split() for line in statistics.read_text().splitlines())
        return int(rows.get("inactive_file", rows.get("total_inactive_file", 0)))
    except (OSError, ValueError):
        return 0
