"""Distinguish live processes from dead ones and from later ones with the same number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from l5tui.store import process
from l5tui.store.process import is_alive, process_start_time

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_this_process_is_alive() -> None:
    assert is_alive(os.getpid(), process_start_time(os.getpid()))
    assert is_alive(os.getpid(), None)


@on_linux
def test_the_start_time_distinguishes_processes() -> None:
    mine = process_start_time(os.getpid())
    assert mine is not None
    assert mine == process_start_time(os.getpid())
    time.sleep(0.05)  # The mark is in ticks of a hundredth of a second.
    with subprocess.Popen(SLEEP) as child:
        assert process_start_time(child.pid) not in (None, mine)
        child.kill()
    assert not is_alive(os.getpid(), mine + "1")


@on_linux
def test_killed_process_is_gone_before_and_after_it_is_reaped() -> None:
    child = subprocess.Popen(SLEEP)
    started = process_start_time(child.pid)
    assert is_alive(child.pid, started)
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert not is_alive(child.pid, started)
    child.wait()
    assert not is_alive(child.pid, started)
    assert process_start_time(child.pid) is None


@on_linux
def test_names_with_blanks_and_parentheses() -> None:
    rename = "open('/proc/self/comm', 'w').write('a) Z (b c'); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", rename], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert is_alive(child.pid, process_start_time(child.pid))
        child.communicate(b"\n")


def test_without_proc_a_subprocess_finds_the_start_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_state_and_start", lambda pid: None)
    child = subprocess.Popen(SLEEP)
    assert is_alive(child.pid, "anything")
    child.kill()
    child.wait()
    assert not is_alive(child.pid, "anything")
    assert not is_alive(2**70, None)
