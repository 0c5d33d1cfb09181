"""The other end of `file_reader`: files are read in a child that may crash, hang or grow, and is then replaced."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from l5tui.errors import StoreError
from l5tui.runner.beside import own_environment

START_S = 60.0
PATIENCE_S = 20.0
SLOWEST_BYTES_PER_S = 5_000_000
LONGEST_ANSWER = 50_000_000


class FileReader:
    """Reads runs' files one after another; begins its child when it is first needed.

    Parameters
    ----------
    patience_s : float
        Seconds that a small file may take; a larger one gets more.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, path: Path, *, whole: bool = False) -> dict[str, Any]:
        """Return the content of a run's file that the catalogue stores.

        Parameters
        ----------
        path : Path
        whole : bool
            Whether to read every value, where nothing else says that the file is well.

        Returns
        -------
        dict
            ``attributes``, ``outcomes`` and the tables, as plain values that are not validated yet.

        Raises
        ------
        StoreError
            Where the file cannot be read as a run's, with the reason alone.
        """
        is_new = self._child is None
        child = self._child = self._child or _start()
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.write(json.dumps({"path": str(path), "whole": whole}).encode() + b"\n")
            child.stdin.flush()
        seconds = self.patience_s + path.stat().st_size / SLOWEST_BYTES_PER_S + (START_S if is_new else 0)
        try:
            answer = json.loads(_line(child, seconds))
        except TimeoutError as error:
            self._end()
            raise StoreError(f"could not be read within {seconds:.0f} s") from error
        except EOFError as error:
            code = self._end()
            cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise StoreError(f"crashes the NetCDF library ({cause})") from error
        if "fault" in answer:
            raise StoreError(str(answer["fault"]))
        return dict(answer["read"])

    def _end(self) -> int:
        child, self._child = self._child, None
        if child is None:
            return 0
        assert child.stdin is not None
        assert child.stdout is not None
        # Where it has ended by itself its own exit code stays.
        with suppress(subprocess.TimeoutExpired):
            child.stdout.close()
            child.wait(0 if child.poll() is not None else 0.05)
        if child.poll() is None:
            child.kill()
        with suppress(BrokenPipeError):
            child.stdin.close()
        return child.wait()


def _start() -> subprocess.Popen[bytes]:
    # Threads of the linear algebra would each take address space.
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "l5tui.runner.doctor.file_reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=own_environment() | threads,
    )


def _line(child: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return the child's next line, or raise after a timeout.

    Raises
    ------
    TimeoutError, EOFError
    """
    assert child.stdout is not None
    deadline, line = time.monotonic() + seconds, b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready or len(line) > LONGEST_ANSWER:
            raise TimeoutError
        piece = os.read(child.stdout.fileno(), 1 << 16)
        if not piece:
            raise EOFError
        line += piece
    return line
