"""A run's dataset with numbers that are easy to find on the axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import xarray as xr

from l5tui.config.populations import POPULATIONS
from tests.experiments import small_experiment
from tests.figures.stored_runs import stored_run

MEASURES = ("rate", "OS", "DS", "OS_p", "OS_vector", "DS_vector")
STATISTICS = ("mean", "std_of_means", "mean_of_stds")
MakeDataset = Callable[..., xr.Dataset]


def dataset_of(
    off: Sequence[str] = (), *, realizations: int = 5, name: str = "default", scale: float = 1.0
) -> xr.Dataset:
    """A dataset whose every cell has another value; populations that are off are NaN throughout."""
    random = np.random.default_rng(3)
    selectivity = scale * random.uniform(0.1, 0.9, (2, len(MEASURES), 3, 4))
    block_weights = scale * random.uniform(-0.05, 0.05, (4, 3, 4, 4))
    block_weights[:, 1:] = abs(block_weights[:, 1:])
    by_realization = scale * random.uniform(0.1, 0.9, (2, len(MEASURES), realizations, 4))
    if realizations == 1:
        selectivity[:, :, 1] = 0
        block_weights[:, 1] = 0
    made = xr.Dataset(
        {
            "selectivity": (("condition", "measure", "statistic", "population"), selectivity),
            "selectivity_by_realization": (
                ("condition", "measure", "realization", "population"),
                by_realization,
            ),
            "block_weights": (("quantity", "statistic", "post", "pre"), block_weights),
        },
        coords={
            "condition": ["before", "after"],
            "measure": list(MEASURES),
            "statistic": list(STATISTICS),
            "population": list(POPULATIONS),
            "quantity": ["initial", "final", "change", "target"],
            "post": list(POPULATIONS),
            "pre": list(POPULATIONS),
        },
        attrs={
            "name": name,
            "rule": "sliding_bcm",
            "variant": "corrected",
            "realizations": realizations,
            "run_id": "20260102T030405-abcd",
        },
    )
    for population in off:
        for name in ("selectivity", "selectivity_by_realization"):
            made[name].loc[{"population": population}] = np.nan
        made["block_weights"].loc[{"post": population}] = np.nan
        made["block_weights"].loc[{"pre": population}] = np.nan
    return made


@pytest.fixture
def make_dataset() -> MakeDataset:
    """Builds datasets, as `dataset_of`."""
    return dataset_of


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """A small run of three realizations that learned, as its file gives it back."""
    experiment = small_experiment(
        name="small",
        dynamics={"duration_tau": 40.0},
        plasticity={"rule": "covariance", "onset_step": 150},
        recording={"abscissa": "all"},
        simulation={"realizations": 3},
    )
    return stored_run(tmp_path_factory.mktemp("runs"), experiment)
