"""Ties a server's life to its parent's; run as a script, with standard input as the lifeline.

    python server_guard.py PARENT_PID COMMAND...

The guard leads a process group of its own. It ends the whole group when its standard input closes, when its
parent is gone, when it gets SIGTERM, and when the command ends by itself: SIGTERM first, SIGKILL after some
seconds. A lifeline works where Linux's parent-death signal does not: that one is sent when the *thread* that
started the child ends, and grandchildren do not inherit it.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

GRACE_S = 5.0
POLL_S = 0.2


def main(arguments: list[str]) -> None:
    """Run the command for as long as the parent lives; never returns, as the guard ends with its group."""
    parent, command = int(arguments[0]), arguments[1:]
    stop_requested = False

    def note(_number: int, _frame: object) -> None:
        nonlocal stop_requested
        stop_requested = True

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    lifeline = sys.stdin.fileno()
    while not stop_requested and child.poll() is None and os.getppid() == parent:
        readable, _, _ = select.select([lifeline], [], [], POLL_S)
        if readable and not os.read(lifeline, 1):
            break
    os.killpg(0, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    # What the child left behind goes too, and so does the guard.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
