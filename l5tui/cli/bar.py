"""A bar on a terminal, a line now and then anywhere else: what progress of a run and of a study share."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Generic, Self, TextIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn

from l5tui.cli.job_control import cursor_shown_while_stopped
from l5tui.text import safe

EventT = TypeVar("EventT")


class ProgressBar:
    """Draws on a console while a block lasts.

    Parameters
    ----------
    console : Console
        Where to; nothing is shown where it is quiet.
    amount : ProgressColumn
        How far it is.
    line_seconds : float
        Time between two lines where there is no terminal.
    """

    def __init__(self, console: Console, amount: ProgressColumn, line_seconds: float) -> None:
        self._console = console
        self._line_seconds = line_seconds
        self._line_due = time.monotonic() + line_seconds
        self._live = console.is_terminal and not console.is_dumb_terminal
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(None),
            amount,
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=not self._live or console.quiet,
        )
        self._drawing = ExitStack()
        self._task = self._bar.add_task("starting", total=1.0, left="")

    def __enter__(self) -> Self:
        if not self._bar.disable:
            self._drawing.enter_context(cursor_shown_while_stopped(self._console))
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._drawing:
            self._bar.stop()

    def draw(
        self,
        description: str,
        left: str = "",
        *,
        completed: float | None = None,
        total: float | None = None,
    ) -> None:
        """Change what the bar shows."""
        self._bar.update(self._task, description=description, left=left, completed=completed, total=total)

    def line(self, *parts: str) -> None:
        """Print what there is to say where no bar is drawn and the last line is some time ago."""
        if not self._live and time.monotonic() >= self._line_due:
            self._line_due = time.monotonic() + self._line_seconds
            self.say(", ".join(part for part in parts if part))

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._console.print(f"warning: {safe(text)}", style="yellow", markup=False, soft_wrap=True)


class LineWriter(Generic[EventT]):
    """Writes events as lines of JSON.

    Parameters
    ----------
    stream : TextIO
        Destination of the lines. The command continues if the reader has closed it.
    to_line : callable
        An event as one line.
    """

    def __init__(self, stream: TextIO, to_line: Callable[[EventT], str]) -> None:
        self._stream = stream
        self._to_line = to_line

    def observe(self, event: EventT) -> None:
        """Write one event."""
        with suppress(BrokenPipeError):
            self._stream.write(self._to_line(event) + "\n")
            self._stream.flush()
