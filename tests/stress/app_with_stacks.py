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
import traceback
from pathlib import Path


def _write_stacks(path: Path) -> None:
    text = io.StringIO()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        text.write(f"thread {names.get(ident, ident)}\n{''.join(traceback.format_stack(frame))}\n")
    # The handler runs in the main thread, inside its loop or after that has ended: then tasks are garbage.
    for task in [each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()]:
        if "message pump" not in task.get_name():
            text.write(f"task {task.get_name()}\n")
            task.print_stack(file=text)
    text.write(_waited_for())
    path.write_text(text.getvalue())


def _waited_for() -> str:
    """What the queue of keys waits for."""
    from l5tui.tui import input_queue

    lines = []
    for queue in [each for each in gc.get_objects() if isinstance(each, input_queue.InputQueue)]:
        app = queue._app
        keys = [getattr(each, "key", each) for each in queue._held]
        workers = [each for each in app.workers._workers if queue._is_awaited(each)]
        busy = [each for each in input_queue._widgets(app.screen) if not input_queue._is_idle(each)]
        lines.append(
            f"keys that wait: {keys}; workers: {workers}; widgets: {busy}; app: {app._message_queue}"
        )
    return "\n".join(lines)


def main() -> None:
    """Open the app."""
    path = Path(sys.argv.pop(1))
    signal.signal(signal.SIGUSR1, lambda *_: _write_stacks(path))
    from l5tui.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
