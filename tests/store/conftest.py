"""A workspace, a run and what it is measured by."""

from __future__ import annotations

import math
import os
import socket
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from l5tui.analysis.tables import RunTables, SelectivityRow, WeightRow
from l5tui.store.catalog import Catalog
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun
from l5tui.workspace import Workspace

POPULATIONS = ("CS", "CC", "PV", "SST")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace, in a folder whose name needs quoting."""
    root = tmp_path / "lab #1 100% ünï?mode=memory"
    for name in ("experiments", "store", "mlruns"):
        (root / name).mkdir(parents=True)
    return Workspace(root)


@pytest.fixture
def catalog(workspace: Workspace) -> Catalog:
    """Its catalogue."""
    return Catalog.open(workspace)


@pytest.fixture
def new_run() -> NewRun:
    """A run of this process."""
    return NewRun(
        name="näme 'quoted'; --",
        seed=2**63 - 1,
        hash="5f" * 32,
        toml='name = "x"\n\n[plasticity]\nrule = "oja"\n',
        variant="corrected",
        rule="oja",
        host=socket.gethostname(),
        pid=os.getpid(),
        process_started=process_start_time(os.getpid()),
        notes="two\nlines",
        tags=("zebra", "apple"),
        versions={"numpy": "2.4.6", "blas": "SkylakeX"},
        git_commit="0" * 40,
        git_dirty=False,
    )


@pytest.fixture
def tables() -> RunTables:
    """Tables in the order that they are read in, not the alphabet's, with cells that are not defined."""
    undefined = iter([math.nan, math.inf, -math.inf])
    return RunTables(
        selectivity=tuple(
            SelectivityRow(*keys, value=next(undefined, 0.1 + number))
            for number, keys in enumerate(
                product(("before", "after"), ("rate", "OS"), ("mean",), POPULATIONS)
            )
        ),
        weights=tuple(
            WeightRow(*keys, value=-number / 8)
            for number, keys in enumerate(
                product(POPULATIONS, POPULATIONS, ("initial", "final"), ("mean",)), 1
            )
        ),
        summary={"not_in_equilibrium": 3.0, "OS_contrast": math.nan, "active": 0.1 + 0.2},
        loss=1 / 3,
        loss_terms={"rmse": 0.25, "change_OS": math.nan, "S_within": 5e-324},
    )


@pytest.fixture
def dataset() -> xr.Dataset:
    """Arrays of a run as the analysis lays them out, small."""
    rng = np.random.default_rng(1)
    weights = np.where(rng.random((2, 40, 40)) < 0.13, rng.normal(size=(2, 40, 40)), 0.0)
    final = (weights[:, None] + rng.normal(size=(2, 4, 40, 1)) * rng.normal(size=(2, 4, 1, 40))).astype("f4")
    rates = rng.random((2, 4, 21, 40)).astype("f4")
    rates[1, :, 10:] = np.nan
    return xr.Dataset(
        {
            "rates": (("realization", "direction", "time", "neuron"), rates, {"units": "s"}),
            "final_weights": (("realization", "direction", "post_neuron", "pre_neuron"), final),
            "initial_weights": (("realization", "post_neuron", "pre_neuron"), weights),
            "steady": (("neuron",), rng.random(40) < 0.5),
            "outcome": (("realization",), np.array(["completed", "diverged"])),
        },
        coords={
            "direction": ("direction", [0.0, 90.0, 180.0, 270.0], {"units": "degree"}),
            "time": np.arange(21) * 1.2,
            "population": np.array(POPULATIONS),
            "neuron_population": ("neuron", np.repeat(POPULATIONS, 10)),
        },
        attrs={"title": "täst", "seed": 2**63 - 1, "loss": 1 / 3, "packages": ["numpy", "scipy"]},
    )
