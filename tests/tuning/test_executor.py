"""Workers live as long as the process that they work for."""

from __future__ import annotations

import subprocess
import sys

from l5tui.store.process import is_alive
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
