"""Settings of numba in the environment with which the compiled engine cannot work."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from l5tui.config import Experiment
from l5tui.errors import ConfigError, Fault
from l5tui.model.compiled.codes import is_compiled

NOT_RECOGNIZED: Final = "is not a recognized"
"""What LLVM writes about a processor or a feature that it does not know, and ignores."""

COMPILE: Final = "from numba.core.codegen import JITCPUCodegen; JITCPUCodegen('check')"

LEVELS: Final = ("0", "1", "2", "3", "max")


def require_engine_settings(experiment: Experiment) -> None:
    """Refuse settings of numba with which the engine of an experiment cannot work.

    Parameters
    ----------
    experiment : Experiment

    Raises
    ------
    ConfigError
        With every such setting.
    """
    if is_compiled(experiment) and (faults := engine_setting_faults(os.environ)):
        raise ConfigError(faults, "environment")


def engine_setting_faults(environment: Mapping[str, str]) -> list[Fault]:
    """Return a fault for each setting of numba with which kernels cannot be compiled or loaded.

    Parameters
    ----------
    environment : mapping of str to str
        Environment variables.

    Notes
    -----
    Numba itself ignores a value that is not a number.
    """
    faults = []
    if _whole(environment.get("NUMBA_DISABLE_JIT")) not in (None, 0):
        got = environment["NUMBA_DISABLE_JIT"]
        faults.append(Fault("NUMBA_DISABLE_JIT", got, "0, or unset: the engine must be compiled"))
    threads = _whole(environment.get("NUMBA_NUM_THREADS"))
    if threads is not None and threads < 1:
        faults.append(Fault("NUMBA_NUM_THREADS", environment["NUMBA_NUM_THREADS"], "1 or more, or unset"))
    level = environment.get("NUMBA_OPT", "")
    if level and level not in LEVELS:
        faults.append(Fault("NUMBA_OPT", level, f"one of {', '.join(LEVELS)}, or unset"))
    return faults + _processor_faults(environment)


def _processor_faults(environment: Mapping[str, str]) -> list[Fault]:
    """Return a fault for a processor and for features that LLVM does not know.

    LLVM only writes a warning to standard error and continues. A subprocess therefore checks the variables, if any
    is set.
    """
    allowed = {
        "NUMBA_CPU_NAME": "a processor that LLVM knows, such as generic or x86-64-v3, or unset",
        "NUMBA_CPU_FEATURES": "features that LLVM knows, such as +avx2,-avx512f, or unset",
    }
    faults = []
    for name, expected in allowed.items():
        if not environment.get(name):
            continue
        others = {key: value for key, value in environment.items() if key not in allowed}
        checked = subprocess.run(
            [sys.executable, "-P", "-c", COMPILE],
            env={**others, name: environment[name]},
            capture_output=True,
            text=True,
            errors="backslashreplace",
            check=False,
        )
        if NOT_RECOGNIZED in checked.stderr:
            faults.append(Fault(name, environment[name], expected))
    return faults


def _whole(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None
