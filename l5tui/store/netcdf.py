"""A run's arrays: one NetCDF file a run, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from l5tui.errors import StoreError
from l5tui.store.filesystem import replace_durably
from l5tui.store.process import host_of_files, is_alive
from l5tui.store.run_id import is_run_id
from l5tui.workspace import require_regular

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

ENGINE: Final = "netcdf4"

GUESSES = {
    "read": "; it is damaged, or no NetCDF file",
    "written": "; the disk may be full, or the folder missing",
}

ABANDONED_S = 86_400.0
"""Age in seconds at which an unfinished file of another machine counts as abandoned. Files of this machine are judged
by their process alone: a long run may not write for hours."""

# The NetCDF library, which writes, crashes if two threads use it, even on separate files; it may share its HDF5 with
# h5py, which reads.
lock = threading.RLock()


def part_of(path: Path) -> Path:
    """Return the temporary name of a file until it is complete; it contains host and process."""
    return path.with_name(f"{path.stem}.{host_of_files()}.{os.getpid()}.part")


def add(part: Path, dataset: xr.Dataset) -> None:
    """Write a dataset to a file, beside what it has already, under the lock of the caller."""
    from l5tui.store.encoding import encodings, with_plain_attributes

    plain = with_plain_attributes(dataset)
    mode: Literal["a", "w"] = "a" if part.exists() else "w"
    plain.to_netcdf(part, mode=mode, format="NETCDF4", engine=ENGINE, encoding=encodings(plain))


def put_in_place(part: Path, path: Path) -> str:
    """Give a whole file its name, durably; gives its SHA-256."""
    digest = file_sha256(part)
    replace_durably(part, path)
    return digest


def open_run(
    path: Path,
    variables: Sequence[str] | None = None,
    *,
    without: Sequence[str] = (),
    optional: Sequence[str] = (),
    largest: int | None = None,
) -> xr.Dataset:
    """Read a run's file into memory; the file is closed again.

    Parameters
    ----------
    path : Path
    variables : sequence of str, optional
        Only these, with their coordinates; all by default.
    without : sequence of str, optional
        Leave out these, where there are any.
    optional : sequence of str, optional
        With `variables`: these as well, where the file has them; files of earlier versions may not.
    largest : int, optional
        Leave out variables of more bytes.

    Raises
    ------
    StoreError
        Where there is no such file, it is damaged, or has no such variable.
    """
    from l5tui.store.netcdf_reader import open_netcdf

    with store_errors(path, "read"), lock, open_netcdf(path) as file:
        if variables is None:
            return file.dataset(
                name for name in file.names if name not in without and not file.is_larger(name, largest)
            )
        if missing := [name for name in variables if name not in file or name in without]:
            raise StoreError(f"{path} has no {', '.join(missing)}; it has {', '.join(file.names)}")
        names = [*variables, *(name for name in optional if name in file and name not in without)]
        return file.dataset(names, [name for name in file.coordinates_of(names) if name not in without])


def read_attributes(path: Path) -> dict[str, Any]:
    """Read the attributes of a run's file, and none of its arrays.

    Raises
    ------
    StoreError
        If there is no such file, or it is damaged.
    """
    from l5tui.store.netcdf_reader import open_netcdf

    with store_errors(path, "read"), lock, open_netcdf(path) as file:
        return file.attributes()


def read_part(path: Path, name: str, *index: int | slice) -> NDArray[Any]:
    """Read a part of one variable, without the rest of it.

    Parameters
    ----------
    path : Path
    name : str
    index : int or slice
        Along each dimension, from the first.

    Raises
    ------
    StoreError
        Where there is no such file, it is damaged, or has no such variable.
    """
    from l5tui.store.netcdf_reader import open_netcdf

    with store_errors(path, "read"), lock, open_netcdf(path) as file:
        if name not in file:
            raise StoreError(f"{path} has no {name}; it has {', '.join(file.names)}")
        return file.values(name, *index)


def verify_run(path: Path, sha256: str) -> bool:
    """Whether a run's file is there and still what was written.

    Raises
    ------
    StoreError
        Where it cannot be read.
    """
    with store_errors(path, "read"):
        return path.exists() and file_sha256(path) == sha256


def file_sha256(path: Path) -> str:
    """SHA-256 of a file."""
    require_regular(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def clear_partial_files(runs: Path) -> list[Path]:
    """Remove files that were being written by processes of this machine that are gone, or by others a day ago.

    Parameters
    ----------
    runs : Path
        Folder of the runs' files.

    Returns
    -------
    list of Path
        What was removed.
    """
    with store_errors(runs, "cleared"):
        removed = abandoned_files(runs)
        for part in removed:
            part.unlink(missing_ok=True)
    return removed


def abandoned_files(runs: Path) -> list[Path]:
    """Return the unfinished files whose process is gone."""
    return [part for part in sorted(runs.glob("*.part")) if _is_abandoned(part)]


def _is_abandoned(part: Path) -> bool:
    """Whether a file is the unfinished one of a run, as `part_of` names it; others are not ours."""
    run_id, _, owner = part.stem.partition(".")
    host, _, pid = owner.rpartition(".")
    if not (is_run_id(run_id) and host and pid.isascii() and pid.isdecimal()):
        return False
    try:
        status = part.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode):
        return False
    if host == host_of_files():
        return not is_alive(int(pid), None)
    return time.time() - status.st_mtime > ABANDONED_S


@contextmanager
def store_errors(path: Path, done: str) -> Iterator[None]:
    """Turn errors of the system and of the NetCDF library inside the block into a `StoreError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise StoreError(f"{path} could not be {done}: no such file or folder") from error
    except (OSError, RuntimeError) as error:
        if not path.parent.exists():
            # The library calls that "Permission denied".
            raise StoreError(f"{path} could not be {done}: its folder is missing") from error
        reason = " ".join((getattr(error, "strerror", None) or str(error) or type(error).__name__).split())
        # The library's own messages ("NetCDF: HDF error") say neither what happened nor what to do.
        guess = GUESSES.get(done, "") if reason.startswith("NetCDF") else ""
        raise StoreError(f"{path} could not be {done}: {reason}{guess}") from error
