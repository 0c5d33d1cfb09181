"""Workers live as long as the process that they work for."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
import time
from typing import Any

from l5tui.store.process import is_alive
from l5tui.tuning.process_pool import LocalPool
from tests.cli.processes import clean_environment, wait_until

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


def half_a_result() -> None:
    """Write the beginning of a result, as a worker that is killed while it writes one, and never the rest."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000) + b"half of it")
    time.sleep(600)


def test_a_worker_that_is_killed_while_it_writes_a_result_does_not_keep_the_process_from_ending() -> None:
    pool = LocalPool(1)
    pool.submit(half_a_result)
    wait_until(lambda: pool._pool and pool._pool._executor_manager_thread, "the pool is there")
    assert pool._pool is not None
    # The stubs call it by the type of another attribute.
    reader: Any = pool._pool._executor_manager_thread
    assert reader is not None
    wait_until(lambda: _reads_the_rest(reader), "half a result is there")
    pool.stop()
    # Python joins this thread before the process ends.
    reader.join(10)
    assert not reader.is_alive()


def _reads_the_rest(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    names = set()
    while frame is not None:
        names.add(frame.f_code.co_name)
        frame = frame.f_back
    return {"_recv", "_recv_bytes"} <= names
