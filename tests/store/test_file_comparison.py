"""The first place where two files are not the same, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from l5tui.errors import StoreError
from l5tui.store.file_comparison import Difference, first_difference
from tests.run_files import write_run

Files = Callable[[xr.Dataset, xr.Dataset], tuple[int, Difference | None]]


@pytest.fixture
def compare(tmp_path: Path) -> Files:
    """Writes two datasets and compares the files."""

    def written(first: xr.Dataset, second: xr.Dataset) -> tuple[int, Difference | None]:
        paths = tmp_path / "first.nc", tmp_path / "second.nc"
        for path, dataset in zip(paths, (first, second), strict=True):
            write_run(path, dataset)
        return first_difference(*paths)

    return written


def test_the_same_bits_whatever_is_said_of_them(compare: Files, dataset: xr.Dataset) -> None:
    other = dataset.assign_attrs(title="another").assign(outcome=("realization", ["x", "y"]))
    count, difference = compare(dataset, other)
    assert difference is None
    assert count == sum(dataset[name].dtype.kind in "iufb" for name in dataset.variables)


@pytest.mark.parametrize(
    ("name", "index"),
    [("rates", (1, 3, 2, 39)), ("rates", (0, 0, 0, 0)), ("initial_weights", (1, 7, 3)), ("time", (20,))],
)
def test_the_last_bit_of_one_number_is_found(
    compare: Files, dataset: xr.Dataset, name: str, index: tuple[int, ...]
) -> None:
    other = dataset.copy(deep=True)
    values = other[name].values.copy()
    before = values[index]
    values[index] = np.nextafter(before, np.inf, dtype=values.dtype)
    other[name] = (other[name].dims, values)
    _, difference = compare(dataset, other)
    assert difference == Difference(name, index, (repr(before.item()), repr(values[index].item())))


def test_nan_is_the_same_as_itself_and_zero_is_not_minus_zero(compare: Files) -> None:
    first = xr.Dataset({"x": ("n", [np.nan, 0.0])})
    assert compare(first, first) == (1, None)
    assert compare(first, xr.Dataset({"x": ("n", [np.nan, -0.0])})) == (
        0,
        Difference("x", (1,), ("0.0", "-0.0")),
    )
    assert compare(first, xr.Dataset({"x": ("n", [1.0, 0.0])}))[1] == Difference("x", (0,), ("nan", "1.0"))


def test_single_numbers_shapes_types_and_missing_variables(compare: Files) -> None:
    def values_of(first: xr.Dataset, second: xr.Dataset) -> tuple[str, str]:
        _, difference = compare(first, second)
        assert difference is not None
        assert difference.variable == "x"
        return difference.values

    one = xr.Dataset({"x": 1.5})
    _, difference = compare(one, xr.Dataset({"x": 2.5}))
    assert difference == Difference("x", (), ("1.5", "2.5"))
    assert values_of(one, xr.Dataset({"x": ("n", [1.5])})) == ("float64 ()", "float64 (1,)")
    assert values_of(one, xr.Dataset({"x": np.float32(1.5)})) == ("float64 ()", "float32 ()")
    assert values_of(one, xr.Dataset({"y": 1.5})) == ("float64 ()", "no such variable")
    assert values_of(xr.Dataset(), one) == ("no such variable", "float64 ()")


def test_a_damaged_file_is_reported_by_its_name(tmp_path: Path, dataset: xr.Dataset) -> None:
    write_run(tmp_path / "first.nc", dataset)
    (tmp_path / "second.nc").write_bytes(b"no NetCDF")
    with pytest.raises(StoreError, match=r"second\.nc could not be read"):
        first_difference(tmp_path / "first.nc", tmp_path / "second.nc")
