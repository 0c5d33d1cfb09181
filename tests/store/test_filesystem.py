"""Which file systems are shared between machines, and files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.store import filesystem
from l5tui.store.filesystem import is_on_network, replace_durably

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
tmpfs /home/local tmpfs rw 0 0
//nas/lab /mnt/the\\040lab cifs rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
gvfsd-fuse /run/gvfs fuse.gvfsd-fuse rw 0 0
scratch /scratch lustre rw 0 0
/dev/sdb1 /scratch ext4 rw 0 0
host /host virtiofs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "shared"),
    [
        ("/data/store/catalog.sqlite", False),
        ("/home/me/store/catalog.sqlite", True),
        ("/home/local/store/catalog.sqlite", False),
        ("/homework/store/catalog.sqlite", False),
        ("/mnt/the lab/catalog.sqlite", True),
        ("/mnt/ssh/catalog.sqlite", True),
        ("/run/gvfs/catalog.sqlite", False),
        ("/scratch/catalog.sqlite", False),
        ("/host/catalog.sqlite", True),
    ],
)
def test_nearest_and_last_mount_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, shared: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)
    is_on_network.cache_clear()
    assert is_on_network(Path(path)) is shared
    is_on_network.cache_clear()


def test_without_a_list_of_mounts_everything_is_local(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filesystem, "MOUNTS", tmp_path / "none")
    assert not is_on_network(tmp_path / "some" / "file")


def test_replaces(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    replace_durably(tmp_path / "new", tmp_path / "old")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "new"
