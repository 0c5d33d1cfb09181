"""Settings of numba in the environment with which the compiled engine cannot work."""

from __future__ import annotations

import os
from collections.abc import Mapping

from l5tui.config import Experiment
from l5tui.errors import ConfigError, Fault
from l5tui.model.compiled.codes import is_compiled


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
        faults.append(Fault("NUMBA_DISABLE_JIT", got, "0, or unset: the engine has to be compiled"))
    threads = _whole(environment.get("NUMBA_NUM_THREADS"))
    if threads is not None and threads < 1:
        faults.append(Fault("NUMBA_NUM_THREADS", environment["NUMBA_NUM_THREADS"], "1 or more, or unset"))
    return faults


def _whole(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None
