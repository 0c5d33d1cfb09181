"""Functions that the workers of a Dask cluster run for a study.

They are local functions, which Dask sends with their code: a worker that has another l5tui, or none, runs them as well
and reports that instead of a result.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from l5tui.errors import one_line
from l5tui.tuning.code_identity import CodeIdentity

WORKER_SECONDS: Final = 10.0
"""Time for a worker to report its code; until it does, it gets no trials."""


def task_on_worker(
    function: Callable[..., Any], arguments: Sequence[Any], expected: CodeIdentity
) -> Callable[[], tuple[str, str, Any]]:
    """Return the function that runs a task on a worker, which refuses it where its code is not the expected one.

    The function returns the worker's address, why it refuses (empty where it does not), and the result.

    Parameters
    ----------
    function : callable
    arguments : sequence
    expected : CodeIdentity
    """
    from distributed.protocol import pickle

    # Read by the worker only after the comparison: other code may have other classes.
    payload: bytes = pickle.dumps((function, tuple(arguments)))  # type: ignore[no-untyped-call]
    rules = [name for name, _ in expected.rules]
    wanted, identity = tuple(expected), identity_on_worker()

    def task() -> tuple[str, str, Any]:
        from distributed import get_worker
        from distributed.protocol import pickle

        worker = get_worker().address
        found, description = identity(rules)
        if found != wanted:
            return worker, description, None
        run, given = pickle.loads(payload)  # type: ignore[no-untyped-call]
        return worker, "", run(*given)

    return task


def identity_on_worker() -> Callable[[Sequence[str]], tuple[Any, str]]:
    """Return the function by which a worker reports the identity of its code, as a tuple and in words."""

    def identity(rules: Sequence[str]) -> tuple[Any, str]:
        # By name: the worker may have another l5tui, or none.
        try:
            package = import_module("l5tui")
        except ImportError:
            return None, "l5tui is not installed"
        try:
            found = import_module("l5tui.tuning.code_identity").code_identity(rules)
            return tuple(found), str(found)
        except Exception as error:
            version = getattr(package, "__version__", "of unknown version")
            return None, f"l5tui {version}, other code ({type(error).__name__}: {error})"

    return identity


async def refusals(client: Any, workers: Sequence[str], expected: CodeIdentity) -> dict[str, str]:
    """Compare the code of workers with the expected one.

    Parameters
    ----------
    client : distributed.Client
    workers : sequence of str
        Addresses.
    expected : CodeIdentity

    Returns
    -------
    dict of str to str
        By address: what a worker has instead, or an empty text. Workers that do not answer in time are left out.
    """
    found = await asyncio.gather(*(_refusal(client, worker, expected) for worker in workers))
    return {worker: each for worker, each in zip(workers, found, strict=True) if each is not None}


async def _refusal(client: Any, worker: str, expected: CodeIdentity) -> str | None:
    rules = [name for name, _ in expected.rules]
    try:
        async with asyncio.timeout(WORKER_SECONDS):
            # Functions are sent as byte code, which another version of Python does not understand.
            answers = await client.scheduler.broadcast(
                msg={"op": "versions", "packages": []}, workers=[worker]
            )
            python = ".".join(answers[worker]["host"]["python"].split(".")[:3])
            if python.split(".")[:2] != [*platform.python_version_tuple()[:2]]:
                return f"Python {python}"
            answers = await client._run(identity_on_worker(), rules, workers=[worker], on_error="return")
    except (TimeoutError, OSError):
        return None
    answer = answers.get(worker)
    if answer is None or isinstance(answer, OSError):  # it has just left
        return None
    if isinstance(answer, Exception):
        return one_line(answer)
    identity, description = answer
    return "" if identity == tuple(expected) else description
