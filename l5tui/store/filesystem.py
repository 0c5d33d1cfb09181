"""What the file system under the store can be trusted with, and writing that survives a crash."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")

NETWORK = re.compile(
    r"nfs\d*|cifs|smb\d*|smbfs|afs|ceph|lustre|gpfs|beegfs|glusterfs|pvfs2|orangefs|panfs|9p|ncpfs|coda|gfs2|ocfs2|"
    r"virtiofs|vboxsf|prl_fs|drvfs|davfs|"
    r"fuse\.(sshfs|glusterfs|ceph.*|s3fs|rclone|juicefs|cvmfs.*|gcsfuse|davfs2?|vmhgfs-fuse|beegfs|lustre|moosefs|mfs)"
)
"""File systems that other machines may have open too."""


@lru_cache(maxsize=32)
def is_on_network(path: Path) -> bool:
    """Return whether a file is on a network file system, by the type that the kernel reports."""
    return NETWORK.fullmatch(kind_of_file_system(path)) is not None


def kind_of_file_system(path: Path) -> str:
    """Return the type of the file system that a file lies on, such as ``ext4``; empty if it cannot be found out."""
    try:
        mounts = MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    kinds: dict[Path, str] = {}
    for mount in mounts:
        _, point, kind, *_ = mount.split(" ")
        kinds[Path(_unescaped(point))] = kind
    folder = path.resolve().parent
    nearest = next((above for above in (folder, *folder.parents) if above in kinds), None)
    return "" if nearest is None else kinds[nearest]


def replace_durably(source: Path, target: Path) -> None:
    """Give a finished file its name; after a crash there is the old file or the whole new one, never half.

    Parameters
    ----------
    source, target : Path
        In the same folder.
    """
    _fsync(source)
    os.replace(source, target)  # noqa: PTH105
    _fsync(target.parent)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point)
