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
        ({"NUMBA_OPT": "9"}, ["NUMBA_OPT"]),
        ({"NUMBA_OPT": "max", "NUMBA_CPU_NAME": "", "NUMBA_CPU_FEATURES": ""}, []),
        ({"NUMBA_CPU_NAME": "generic"}, []),
        ({"NUMBA_CPU_NAME": "nonsense"}, ["NUMBA_CPU_NAME"]),
        ({"NUMBA_CPU_FEATURES": "+nonsense"}, ["NUMBA_CPU_FEATURES"]),
    ],
)
def test_settings_with_which_kernels_cannot_work_are_faults(
    environment: dict[str, str], keys: list[str]
) -> None:
    assert [fault.key for fault in engine_setting_faults(environment)] == keys
