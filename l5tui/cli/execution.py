"""Running something with its progress shown: what all commands that simulate have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from l5tui.cli.interrupts import interrupts
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from l5tui.runner.events import Observer
    from l5tui.runner.mlflow_recorder import MlflowRecorder

EXIT_CODES = {"completed": 0, "diverged": 3, "cancelled": 130, "failed": 1}
"""What a command leaves with, by the status of its run."""


@dataclass(frozen=True)
class Execution:
    """What a use case that simulates is given.

    Parameters
    ----------
    observe : callable
        Shows progress.
    cancelled : callable
        Whether there was a signal.
    recorder : MlflowRecorder or None
        A process that has meanwhile loaded MLflow; None where this one has it already.
    """

    observe: Observer
    cancelled: Callable[[], bool]
    recorder: MlflowRecorder | None


@contextmanager
def execution(place: Workspace, *, quiet: bool = False, lines: bool = False) -> Iterator[Execution]:
    """Show progress on standard error, and have MLflow loaded beside what runs.

    Parameters
    ----------
    place : Workspace
    quiet : bool
        Whether to show nothing.
    lines : bool
        Whether to write lines of JSON on standard output instead.
    """
    from rich.console import Console

    from l5tui.cli.bar import LineWriter
    from l5tui.cli.progress import ProgressView
    from l5tui.runner.lines import to_line
    from l5tui.runner.logs import log_to
    from l5tui.runner.mlflow_process import ProcessRecorder
    from l5tui.runner.mlflow_recorder import is_deferred

    interrupts.heed()
    log_to(place)
    with ExitStack() as running:
        has_own = "mlflow" in sys.modules or is_deferred()
        recorder = None if has_own else running.enter_context(ProcessRecorder(place))
        view = running.enter_context(ProgressView(Console(stderr=True, quiet=quiet or lines)))
        observe = LineWriter(sys.stdout, to_line).observe if lines else view.observe
        yield Execution(observe, interrupts.requested, recorder)
