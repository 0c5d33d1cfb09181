"""Standard output and standard error that outlive their reader and a full disk."""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STREAMS: Final = {"stdout": "standard output", "stderr": "standard error"}

log = logging.getLogger(__name__)


class Output(io.FileIO):
    """A stream that drops what is written after a write has failed, so that the command completes its work.

    Parameters
    ----------
    descriptor : int
    name : str
        The stream in words, for the log.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._title = name
        self.failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int | None:  # type: ignore[override]
        """Write bytes; after a failure, drop them."""
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
                log.warning("%s: %s; the rest of the output is discarded", self._title, error.strerror)
        return memoryview(data).nbytes


def protect_streams() -> None:
    """Replace standard output and standard error by ones that never raise.

    Characters that the terminal lacks are written as ``?``.
    """
    for attribute, name in STREAMS.items():
        stream = getattr(sys, attribute)
        if not isinstance(stream, io.TextIOWrapper):
            continue
        stream.flush()
        raw = Output(stream.fileno(), name)
        is_unbuffered = attribute == "stderr" or stream.line_buffering
        made = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=stream.encoding, errors="replace", line_buffering=is_unbuffered
        )
        setattr(sys, attribute, made)


def flushed() -> str:
    """Flush both streams.

    Returns
    -------
    str
        Why standard output lacks something, in one line; empty if all is written or its reader has closed it.
    """
    reason = ""
    for attribute in STREAMS:
        stream = getattr(sys, attribute)
        if not isinstance(stream, io.TextIOWrapper) or not isinstance(stream.buffer, io.BufferedWriter):
            continue
        stream.flush()
        raw = stream.buffer.raw
        failure = raw.failure if isinstance(raw, Output) and attribute == "stdout" else None
        if failure is not None and not isinstance(failure, BrokenPipeError):
            reason = f"standard output could not be written: {failure.strerror}"
    return reason
