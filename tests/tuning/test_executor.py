"""Workers live as long as the process that they work for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

from l5tui.store.process import is_alive
from l5tui.tuning.executor import WorkerLostError
from l5tui.tuning.process_pool import LocalPool
from tests.cli.processes import clean_environment, wait_until
from tests.tuning.half_results import write_half_a_result

OWNER = """
import os, sys, time
from l5tui.tuning.process_pool import LocalPool
if __name__ == "__main__":
    pool = LocalPool(2)
    workers = {pool.submit(os.getpid).result(), pool.submit(os.getpid).result()}
    print(*workers, flush=True)
    time.sleep(600)
"""


def test_workers_end_with_an_owner_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        workers = [int(pid) for pid in owner.stdout.readline().split()]
        assert workers
        assert all(is_alive(pid, None) for pid in workers)
        owner.kill()
    wait_until(lambda: not any(is_alive(pid, None) for pid in workers), "the workers are gone")


def test_a_worker_that_is_stopped_while_it_writes_a_result_does_not_keep_the_process_from_ending() -> None:
    pool = LocalPool(1)
    future = pool.submit(write_half_a_result, None)
    wait_until(future.running, "the worker is there")
    pool.stop()
    assert isinstance(future.exception(10), WorkerLostError)
    wait_until(
        lambda: not any(thread.name == "process pool" for thread in threading.enumerate()), "all ended"
    )


def test_a_worker_that_dies_while_it_writes_a_result_has_lost_its_task_and_no_other() -> None:
    pool = LocalPool(2)
    try:
        neighbour = pool.submit(wait_for, 0.5)
        lost = pool.submit(write_half_a_result, signal.SIGKILL)
        assert isinstance(lost.exception(20), WorkerLostError)
        assert neighbour.result(20) == 0.5
        # The worker is replaced.
        assert [pool.submit(wait_for, 0.01).result(20) for _ in range(3)] == [0.01] * 3
    finally:
        pool.stop()


def test_a_worker_that_dies_while_it_has_no_task_is_replaced() -> None:
    pool = LocalPool(1)
    try:
        first = pool.submit(os.getpid).result(20)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not is_alive(first, None), "the worker is gone")
        assert pool.submit(os.getpid).result(20) != first
    finally:
        pool.stop()


def test_a_task_that_exits_or_returns_what_cannot_be_pickled_fails_alone() -> None:
    pool = LocalPool(1)
    try:
        error = pool.submit(sys.exit, 3).exception(20)
        assert (type(error), str(error)) == (RuntimeError, "SystemExit: 3")
        error = pool.submit(threading.Lock).exception(20)
        assert isinstance(error, TypeError)
        assert pool.submit(len, "abc").result(20) == 3
    finally:
        pool.stop()


def wait_for(seconds: float) -> float:
    time.sleep(seconds)
    return seconds
