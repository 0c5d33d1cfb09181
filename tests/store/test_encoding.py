"""What is compressed, and what is not worth it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from l5tui.store.encoding import encodings, pays_to_compress
from tests.run_files import write_run

rng = np.random.default_rng(0)
noise = rng.normal(size=(4, 100, 100))
sparse = np.where(rng.random((4, 100, 100)) < 0.13, noise, 0.0)


@pytest.mark.parametrize(
    ("values", "pays"),
    [
        (noise, False),
        (noise.astype("f4"), False),
        (sparse, True),
        (sparse.astype("f4"), True),
        (sparse.transpose(2, 0, 1), True),
        (np.sin(np.linspace(0, 1, 10_000)).astype("f4"), True),
        (np.arange(10_000), True),
        (np.zeros(100_000, bool), True),
        (np.zeros(100), False),
        (np.float64(1.0), False),
        (np.zeros((0, 4)), False),
        (np.array(["CS"] * 10_000), False),
    ],
)
def test_judged_by_a_sample(values: Any, pays: bool) -> None:
    assert pays_to_compress(np.asarray(values)) is pays


def test_compressed_file_is_smaller(tmp_path: Path) -> None:
    plain = xr.Dataset({"w": (("i", "post", "pre"), noise)})
    write_run(tmp_path / "noise.nc", plain)
    write_run(tmp_path / "sparse.nc", plain.assign(w=(("i", "post", "pre"), sparse)))
    sizes = [(tmp_path / name).stat().st_size for name in ("noise.nc", "sparse.nc")]
    assert noise.nbytes < sizes[0] < 1.1 * noise.nbytes
    assert sizes[1] < 0.35 * noise.nbytes


def test_coordinates_have_nothing_missing(dataset: xr.Dataset) -> None:
    chosen = encodings(dataset)
    assert set(chosen) == set(dataset.variables)
    assert chosen["time"] == {"_FillValue": None}
    assert chosen["rates"].get("_FillValue", 0) is not None
