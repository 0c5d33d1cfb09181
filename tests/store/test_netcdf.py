"""A run's file: whole, readable by anyone, or not there."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr

from l5tui.errors import StoreError
from l5tui.store import netcdf
from l5tui.store.netcdf import clear_partial_files, file_sha256, open_run, verify_run
from tests.run_files import write_run

RUN = "20260301-120000-00001a"


def test_comes_back_as_it_was(tmp_path: Path, dataset: xr.Dataset) -> None:
    path = tmp_path / "runs" / f"{RUN}.nc"
    sha256 = write_run(path, dataset)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert sha256 == file_sha256(path)
    for got in (open_run(path), xr.load_dataset(path, engine="netcdf4", decode_times=False)):
        xr.testing.assert_identical(got, dataset)
        assert got.steady.dtype == np.bool_
        assert got.rates.dtype == got.final_weights.dtype == np.float32
        assert got.initial_weights.dtype == np.float64


def test_what_was_read_can_be_written_again(tmp_path: Path, dataset: xr.Dataset) -> None:
    write_run(tmp_path / "a.nc", dataset)
    write_run(tmp_path / "b.nc", open_run(tmp_path / "a.nc").isel(time=slice(3)))
    xr.testing.assert_identical(open_run(tmp_path / "b.nc"), dataset.isel(time=slice(3)))


def test_parts_can_be_read(tmp_path: Path, dataset: xr.Dataset) -> None:
    write_run(tmp_path / "a.nc", dataset)
    xr.testing.assert_identical(open_run(tmp_path / "a.nc", ["rates"]), dataset[["rates"]])
    with pytest.raises(StoreError, match=r"a.nc has no rate, loss; it has .*rates"):
        open_run(tmp_path / "a.nc", ["rate", "rates", "loss"])


def test_file_reads_as_xarray_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, length in {"x": 3, "bare": 2, "letters": 4}.items():
            file.createDimension(name, length)
        file.setncatts({"one": 1, "two": [1, 2], "text": "τ = 1 ms", "empty": "", "ascii": "plain"})
        file.setncattr_string("texts", ["τ", "second"])
        file.setncattr_string("single", ["alone"])
        file.createVariable("x", str, ("x",))[:] = np.asarray(["a", "", "ü"])
        file.createVariable("number", "i4", ())[...] = 7
        file.createVariable("word", str, ())[...] = "wörd"
        gaps = file.createVariable("gaps", "f4", ("bare", "x"), fill_value=-1.0, zlib=True)
        gaps[:] = np.array([[1.0, -1.0, 3.0], [4.0, 5.0, np.nan]])
        gaps.coordinates = "label"
        scaled = file.createVariable("scaled", "i2", ("x",))
        scaled.set_auto_scale(False)
        scaled.setncatts({"scale_factor": 0.5, "units": "mV"})
        scaled[:] = [1, 2, 3]
        file.createVariable("label", "S1", ("x", "letters"))[:] = netCDF4.stringtochar(
            np.asarray([b"ab", b"cdef", b"g"], "S4")
        )
        file.createGroup("posterior").createVariable("draws", "f8", ("x",))[:] = 1
    with xr.open_dataset(path, engine="netcdf4", decode_times=False) as expected:
        got = open_run(path)
        xr.testing.assert_identical(got, expected.load())
        assert {name: each.dtype for name, each in got.variables.items()} == {
            name: each.dtype for name, each in expected.variables.items()
        }
        assert {name: type(value) for name, value in got.attrs.items()} == {
            name: type(value) for name, value in expected.attrs.items()
        }
        for names in (["gaps"], ["scaled"], ["word", "number"]):
            xr.testing.assert_identical(open_run(path, names), expected[names].load())


def test_read_error_of_the_disk_is_reported(
    tmp_path: Path, dataset: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.nc"
    write_run(path, dataset)
    real, calls = os.preadv, []

    def fails(descriptor: int, buffers: list[Any], offset: int) -> int:
        calls.append(offset)
        if len(calls) >= allowed:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(descriptor, buffers, offset)

    open_run(path)
    monkeypatch.setattr(os, "preadv", fails)
    for allowed in (1, 5, 30):  # noqa: B007
        calls.clear()
        with pytest.raises(StoreError, match=r"a\.nc could not be read: Input/output error$"):
            open_run(path)


def test_attributes_that_netcdf_lacks_become_json(tmp_path: Path, dataset: xr.Dataset) -> None:
    given: dict[str, Any] = {
        "dirty": True,
        "commit": None,
        "windows": {"after": [[1, 72]]},
        "flag": np.bool_(False),
    }
    marked = dataset.assign_attrs(given)
    marked["rates"].attrs["averaged"] = True
    write_run(tmp_path / "a.nc", marked)
    got = open_run(tmp_path / "a.nc")
    assert {name: got.attrs[name] for name in given} == {
        "dirty": "true",
        "commit": "null",
        "windows": '{"after": [[1, 72]]}',
        "flag": "false",
    }
    assert got.rates.attrs["averaged"] == "true"
    assert marked.attrs["dirty"] is True
    assert marked.rates.attrs["averaged"] is True


@pytest.mark.parametrize("value", [{1, 2}, object(), {"a": {1}}, [1, None], np.zeros((2, 2)), 1j])
def test_attributes_that_cannot_be_kept_are_refused(
    tmp_path: Path, dataset: xr.Dataset, value: object
) -> None:
    dataset["rates"].attrs["odd"] = value
    with pytest.raises(StoreError, match=r"attribute rates\.odd: "):
        write_run(tmp_path / "a.nc", dataset)
    assert list(tmp_path.iterdir()) == []


def test_verification(tmp_path: Path, dataset: xr.Dataset) -> None:
    path = tmp_path / "a.nc"
    sha256 = write_run(path, dataset)
    assert verify_run(path, sha256)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert not verify_run(path, sha256)
    path.unlink()
    assert not verify_run(path, sha256)


@pytest.mark.parametrize("kept", [0, 100, 5_000, -1])
def test_damaged_file_is_reported_in_one_line(tmp_path: Path, dataset: xr.Dataset, kept: int) -> None:
    path = tmp_path / "a.nc"
    write_run(path, dataset)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(StoreError) as raised:
        open_run(path)
    assert str(raised.value).startswith(f"{path} could not be read: NetCDF: ")
    assert str(raised.value).endswith("; it is damaged, or no NetCDF file")
    assert "\n" not in str(raised.value)


def test_missing_file_and_folder_are_reported(tmp_path: Path, dataset: xr.Dataset) -> None:
    with pytest.raises(StoreError, match=r"a.nc could not be read: no such file or folder"):
        open_run(tmp_path / "a.nc")
    with pytest.raises(StoreError, match=r"a.nc could not be written: no such file or folder"):
        write_run(tmp_path / "store" / "runs" / "a.nc", dataset)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"a.nc could not be written: File exists"):
        write_run(tmp_path / "file" / "a.nc", dataset)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt, RuntimeError("NetCDF: HDF error"), OSError(28, "No space left")]
)
def test_nothing_is_left_when_the_end_goes_wrong(
    tmp_path: Path, dataset: xr.Dataset, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    sha256 = write_run(tmp_path / "a.nc", dataset)

    def interrupted(source: Path, target: Path) -> None:
        assert source.suffix == ".part"
        assert source.stat().st_size > 0
        raise error

    monkeypatch.setattr(netcdf, "replace_durably", interrupted)
    with pytest.raises((KeyboardInterrupt, StoreError)):
        write_run(tmp_path / "a.nc", dataset.isel(time=slice(2)))
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]
    assert verify_run(tmp_path / "a.nc", sha256)


def test_full_disk(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
import numpy as np
import xarray as xr
from l5tui.errors import StoreError
from l5tui.store.netcdf import open_run
from tests.run_files import write_run
folder = Path(sys.argv[1])
small = xr.Dataset({"x": ("i", np.arange(3.0))})
large = xr.Dataset({"x": ("i", np.random.default_rng(0).random(500_000))})
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    write_run(folder / "large.nc", large)
except StoreError as error:
    print(error)
print([path.name for path in folder.iterdir()])
write_run(folder / "small.nc", small)
print(open_run(folder / "small.nc").x.sum().item())
"""
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    first, rest = done.stdout.split("\n", 1)
    assert first.startswith(f"{tmp_path / 'large.nc'} could not be written: ")
    assert first.endswith("; the disk may be full, or the folder missing")
    assert rest == "[]\n3.0\n"


def test_threads_take_turns(tmp_path: Path, dataset: xr.Dataset) -> None:
    read: list[xr.Dataset] = []

    def work(number: int) -> None:
        for turn in range(5):
            path = tmp_path / f"{number}-{turn}.nc"
            write_run(path, dataset)
            read.append(open_run(path))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 20
    assert all(got.identical(dataset) for got in read)


OTHER_RUN = "20200101-000000-000000"


def test_folders_links_and_pipes_are_never_cleared(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    names = [f"2020010{day}-000000-000000.gone.1.part" for day in (1, 2, 3, 4)]
    folder, link, pipe, loop = (tmp_path / name for name in names)
    folder.mkdir()
    link.symlink_to(precious)
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    os.utime(link, (0, 0), follow_symlinks=False)
    assert clear_partial_files(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {*names, "precious"}


def test_only_abandoned_files_are_cleared(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    here = socket.gethostname()
    files = {
        f"{RUN}.{here}.{os.getpid()}.part": False,
        f"{RUN}.{here}.{child.pid}.part": True,
        f"{RUN}.some.other.host.{child.pid}.part": False,
        f"{RUN}.nc": False,
    }
    # However long ago this process wrote, it may still be computing.
    old = {
        name.replace(RUN, OTHER_RUN): name.endswith(".part") and str(os.getpid()) not in name
        for name in files
    }
    # Of other programs, as in a folder on a shared disk, however old.
    strangers = [
        "odd.part",
        f"video.{here}.{child.pid}.part",
        f"{RUN}.part",
        f"{RUN}.{here}.part",
        "x.y.1.part",
    ]
    old |= dict.fromkeys(strangers, False)
    for name in (*files, *old):
        (tmp_path / name).touch()
    for name in old:
        os.utime(tmp_path / name, (time.time() - 86_401,) * 2)
    expected = {name for name, abandoned in {**files, **old}.items() if abandoned}
    assert {path.name for path in clear_partial_files(tmp_path)} == expected
    assert {path.name for path in tmp_path.iterdir()} == {*files, *old} - expected
    assert clear_partial_files(tmp_path) == []
    assert clear_partial_files(tmp_path / "missing") == []
