"""The control groups of this process, by which containers and batch systems limit it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MEMBERSHIP = Path("/proc/self/cgroup")
CONTROL_GROUPS = Path("/sys/fs/cgroup")


def control_groups_of(
    controller: str, membership: Path = MEMBERSHIP, control_groups: Path = CONTROL_GROUPS
) -> Iterator[Path]:
    """Yield the folder of each control group that the process is in for a controller, and those of its parents.

    Parameters
    ----------
    controller : str
        ``cpu`` or ``memory``.
    membership : Path, optional
        File that names the control groups of the process.
    control_groups : Path, optional
        Folder where control groups of version 1 or 2 are mounted.
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mounts = [controllers, controller] if controllers else [""]
        for mount in mounts:
            root = control_groups / mount
            # In a container the path is that of the host, and its own group is the root.
            group = root / path.strip("/")
            for folder in (group, *group.parents):
                if folder.is_relative_to(root):
                    yield folder
