"""How many processors this process may use: its affinity, and the quota of its control group."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

from l5tui.runner.control_groups import CONTROL_GROUPS, MEMBERSHIP, control_groups_of


def processor_count(membership: Path = MEMBERSHIP, control_groups: Path = CONTROL_GROUPS) -> int:
    """Return the number of processors that this process may use, at least 1.

    Batch systems and ``taskset`` restrict a process to some processors, containers to a share of their time.

    Parameters
    ----------
    membership : Path, optional
        File that names the control groups of the process.
    control_groups : Path, optional
        Folder where control groups of version 1 or 2 are mounted.

    Returns
    -------
    int
        The smaller of the affinity and the quota, the latter rounded up.
    """
    quotas = [math.ceil(quota) for quota in _quotas(membership, control_groups)]
    return max(1, min([_affinity(), *quotas]))


def _affinity() -> int:
    if hasattr(os, "process_cpu_count"):
        return int(os.process_cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(membership: Path, control_groups: Path) -> Iterator[float]:
    """Yield the quota of each control group that the process is in, in processors; that of a parent counts as well."""
    for folder in control_groups_of("cpu", membership, control_groups):
        if (quota := _quota(folder)) is not None:
            yield quota


def _quota(folder: Path) -> float | None:
    """Return processor time by time, in processors; None without a limit."""
    try:
        if (version_2 := folder / "cpu.max").is_file():
            limit, period = version_2.read_text().split()
        else:
            limit = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        quota = float(limit) / float(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None
    return quota if quota > 0 else None
