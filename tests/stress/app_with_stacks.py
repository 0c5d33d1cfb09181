"""The app in a process that writes the stacks of its threads and asyncio tasks to a file on SIGUSR1.

``python app_with_stacks.py FILE`` opens the app of the current folder.
"""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import sys
import threading
import time
import traceback
from collections import deque
from pathlib import Path
from types import FrameType
from typing import Any

from textual.events import Event

RELEASED: deque[str] = deque(maxlen=30)
"""The last keys, each with the time and the screen that gets it."""


def _record_keys() -> None:
    from l5tui.tui.input_queue import InputQueue

    begin = InputQueue._begin

    def recorded(queue: InputQueue, event: Event) -> None:
        key = getattr(event, "key", event)
        RELEASED.append(f"{time.monotonic():.2f} {key} → {type(queue._app.screen).__name__}")
        begin(queue, event)

    InputQueue._begin = recorded  # type: ignore[method-assign,assignment]


def _write_stacks(path: Path) -> None:
    text = io.StringIO()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        if "in _worker\n" not in (stack := "".join(traceback.format_stack(frame))):
            text.write(f"thread {names.get(ident, ident)}\n{stack}\n")
    # The handler runs in the main thread, inside its loop or after that has ended: then tasks are garbage.
    for task in [each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()]:
        if not _is_routine(task):
            text.write(f"task {task.get_name()}\n{_awaits(task)}")
    text.write(_waited_for())
    complete = path.with_suffix(".part")
    complete.write_text(text.getvalue())
    complete.replace(path)


def _awaits(task: asyncio.Task[object]) -> str:
    """Lines at which a task and the coroutines that it awaits wait."""
    lines: list[str] = []
    waiting: Any = task.get_coro()
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        lines.append(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}\n")
        waiting = waiting.cr_await
    return "".join(lines)


def _is_routine(task: asyncio.Task[object]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return "message pump" in task.get_name() or (code is not None and code.co_name == "_run_timer")


def _waited_for() -> str:
    """What the queue of keys waits for."""
    from l5tui.tui.app import L5App
    from l5tui.tui.input_queue import _is_idle, _widgets

    frame: FrameType | None = sys._getframe()
    while frame is not None and not isinstance(frame.f_locals.get("app"), L5App):
        frame = frame.f_back
    if frame is None:
        return "the app has not begun"
    app: L5App = frame.f_locals["app"]
    queue = app._input
    keys = [getattr(each, "key", each) for each in queue._held]
    workers = [each for each in app.workers._workers if queue._is_awaited(each)]
    busy = [each for each in _widgets(app.screen) if not _is_idle(each)]
    return (
        f"keys that wait: {keys}; workers: {workers}; widgets: {busy}; change: {app.run_changes.running!r}; "
        f"screen: {app.screen} of {app.current_mode}; last keys: {list(RELEASED)}; "
        f"batches: {app._batch_count}; layout due: {app.screen._layout_required}; "
        f"repaint due: {app.screen._repaint_required}; dirty: {app.screen._dirty_widgets}; "
        f"drawing: {app.screen._update_timer._active.is_set()}; "
        f"screens: {app._screen_stacks}; all workers: {list(app.workers)}"
    )


def main() -> None:
    """Open the app."""
    path = Path(sys.argv.pop(1))
    signal.signal(signal.SIGUSR1, lambda *_: _write_stacks(path))
    from l5tui.cli.main import main as command

    _record_keys()
    command()


if __name__ == "__main__":
    main()
