"""Settings of numba with which the compiled engine cannot work."""

from __future__ import annotations

import pytest

from l5tui.runner.engine_settings import engine_setting_faults


@pytest.mark.parametrize(
    ("environment", "keys"),
    [
        ({}, []),
        ({"NUMBA_DISABLE_JIT": "0", "NUMBA_NUM_THREADS": "2"}, []),
        ({"NUMBA_DISABLE_JIT": "", "NUMBA_NUM_THREADS": "many"}, []),
        ({"NUMBA_DISABLE_JIT": "1"}, ["NUMBA_DISABLE_JIT"]),
        ({"NUMBA_DISABLE_JIT": "1", "NUMBA_NUM_THREADS": "0"}, ["NUMBA_DISABLE_JIT", "NUMBA_NUM_THREADS"]),
    ],
)
def test_settings_with_which_kernels_cannot_work_are_faults(
    environment: dict[str, str], keys: list[str]
) -> None:
    assert [fault.key for fault in engine_setting_faults(environment)] == keys
