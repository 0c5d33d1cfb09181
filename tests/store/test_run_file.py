"""Trajectories that are written piece by piece."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from l5tui.analysis.trajectories import TrajectoryVariable
from l5tui.errors import StoreError
from l5tui.store.netcdf import open_run, verify_run
from l5tui.store.run_file import RunFile

RATES = TrajectoryVariable(
    ("realization", "direction", "time", "neuron"),
    (2, 4, 70, 9),
    "float32",
    {"long_name": "rate", "units": "a.u."},
)
FACTORS = TrajectoryVariable(
    ("realization", "direction", "step", "neuron"), (2, 4, 20, 9), "float64", {"long_name": "g", "units": "1"}
)
REST = xr.Dataset(
    {"loss": ("population", [1.0, 2.0])},
    coords={"population": ["CS", "CC"], "time": np.arange(70.0)},
    attrs={"name": "x"},
)


def open_files() -> list[str]:
    """Return the open files of this process, unlinked ones too; empty if the system does not list them."""
    found = []
    for entry in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            found.append(str(entry.readlink()))
    return found


def test_pieces_and_the_rest_make_one_file(tmp_path: Path) -> None:
    path = tmp_path / "run.nc"
    file = RunFile(path, {"rates": RATES, "weight_post": FACTORS})
    rates = np.random.default_rng(0).random((2, 4, 70, 9))
    for realization in (1, 0):
        for start in range(0, 70, 32):
            file.put(realization, "rates", start, rates[realization, :, start : start + 32])
    file.put(1, "weight_post", 5, np.ones((4, 3, 9)))
    assert not path.exists()
    digest = file.finish(REST)

    assert verify_run(path, digest)
    assert [item.name for item in tmp_path.iterdir()] == ["run.nc"]
    found = open_run(path)
    np.testing.assert_array_equal(found["rates"], rates.astype("float32"))
    assert found["rates"].attrs == {"long_name": "rate", "units": "a.u."}
    assert found["rates"].dims == RATES.dims
    assert found.attrs["name"] == "x"
    np.testing.assert_array_equal(found["loss"], [1.0, 2.0])
    post = found["weight_post"].values
    assert (post[1, :, 5:8] == 1).all()
    assert np.isnan(post[0]).all()
    assert np.isnan(post[1, :, :5]).all()


def test_what_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    file = RunFile(tmp_path / "run.nc", {"rates": RATES})
    file.put(0, "rates", 0, np.zeros((4, 10, 9)))
    file.discard()
    file.discard()

    assert list(tmp_path.iterdir()) == []
    assert not [path for path in open_files() if path.startswith(str(tmp_path))]


def test_a_whole_file_is_not_discarded(tmp_path: Path) -> None:
    file = RunFile(tmp_path / "run.nc", {"rates": RATES})
    file.finish(REST)
    file.discard()

    assert (tmp_path / "run.nc").exists()


def test_a_disk_that_fails_at_the_end_is_reported_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RunFile(tmp_path / "run.nc", {"rates": RATES})

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(StoreError, match="No space left on device"):
        file.finish(REST)

    assert list(tmp_path.iterdir()) == []
