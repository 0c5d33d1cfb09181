"""What a run says of its targets is the same wherever it is kept."""

from __future__ import annotations

import json

import pytest
import xarray as xr

from tests.cli.conftest import CommandLine
from tests.workspaces import TINY

TARGETS = """
[loss]
form = "targets"

[targets]
"weight_final/CS_from_CC" = {value = "weight_target/CS_from_CC", uncertainty = 0.25, relative = true, source = "a"}
"after/rate.CC" = {value = 2.0, uncertainty = 0.5, weight = 3.0, source = "b"}
"after/OS.CS" = {above = "after/OS.PV", uncertainty = 0.1, source = "c"}
"""


def test_predicted_wanted_and_distance_are_equal_everywhere(cli: CommandLine) -> None:
    path = cli.workspace.root / "experiments" / "aimed.toml"
    path.write_text(TINY + TARGETS)
    run = json.loads(cli("run", "--headless", str(path), "--json").stdout)
    rows = run["targets"]
    assert [row["measure"] for row in rows] == [
        "weight_final/CS_from_CC",
        "after/rate.CC",
        "after/OS.CS",
    ]
    assert run["loss"] == pytest.approx(sum(row["weight"] * row["distance"] ** 2 for row in rows))
    assert run["loss_terms"]["targets"] == run["loss"]
    assert rows[1]["distance"] == pytest.approx((rows[1]["predicted"] - 2) / 0.5)
    assert json.loads(cli("show", "last", "--json").stdout)["targets"] == rows
    shown = cli("show", "last").stdout
    assert "after/rate.CC" in shown
    assert max(map(len, shown.splitlines()[:-6])) <= 80
    with xr.open_dataset(run["paths"]["netcdf"]) as stored:
        assert stored["target_distance"].values.tolist() == [row["distance"] for row in rows]
