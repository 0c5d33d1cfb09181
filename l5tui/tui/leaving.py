"""Leaving the app: what is completed first, what is abandoned, and the end of the process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NoReturn

from l5tui.text import count, safe
from l5tui.tui.netcdf_thread import netcdf_thread

if TYPE_CHECKING:
    from textual.app import App

    from l5tui.tui.run_changes import RunChanges

REPORT_SECONDS = 0.3
"""Time after which leaving reports that it waits for changes of runs."""

END_SECONDS = 0.5
"""Time that tasks and threads have to end by themselves; after that they are abandoned."""


async def input_settled(app: App[Any], unfinished: int) -> bool:
    """Return whether the app may be left although keys have had no effect yet; the user decides.

    Parameters
    ----------
    app : App
    unfinished : int
        Number of such keys; no question for 0.
    """
    if not unfinished:
        return True
    question = f"The app is busy: {count(unfinished, 'key')} before Ctrl+Q have not acted."
    answers = {"l": "Leave without them", "escape": "Stay here"}
    return await _answer(app, question, answers) == "l"


async def runs_answer(app: App[Any], unfinished: int, *, paused: bool) -> str:
    """Return the user's decision about runs that have not ended: ``l`` leave, ``c`` cancel or ``escape``.

    Parameters
    ----------
    app : App
    unfinished : int
        Number of such runs.
    paused : bool
        Whether one of them is paused.
    """
    what = "A run has" if unfinished == 1 else f"{unfinished} runs have"
    continues = "it continues" if unfinished == 1 else "they continue"
    text = f"{what} not ended yet. Unless cancelled, {continues} in the background."
    if paused:
        text += " Paused runs resume."
    answers = {"l": "Leave it running", "c": "Cancel it", "escape": "Stay here"}
    return await _answer(app, text, answers)


async def _answer(app: App[Any], question: str, answers: Mapping[str, str]) -> str:
    from l5tui.tui.screens.choice import ChoiceScreen

    return str(await app.push_screen_wait(ChoiceScreen("Quit", question, answers)))


async def edits_settled(app: App[Any]) -> bool:
    """Show the dialog about unsaved edits; return whether every section may be left."""
    for stack in list(app._screen_stacks.values()):
        for screen in stack:
            settle = getattr(screen, "settle_edits", None)
            if settle is not None and not await settle():
                return False
    return True


async def finish_changes(app: App[Any], changes: RunChanges) -> None:
    """Complete the changes of runs that the user has confirmed, with a message if that takes long.

    Parameters
    ----------
    app : App
        Shows the message.
    changes : RunChanges
    """
    finishing = asyncio.ensure_future(changes.finished())
    done, _ = await asyncio.wait([finishing], timeout=REPORT_SECONDS)
    if not done:
        message = f"The app ends as soon as this is complete: {changes.running}"
        app.notify(safe(message), title="Quit", timeout=60, markup=False)
        await finishing


def stopping_line(stopping: Sequence[str]) -> str | None:
    """Return a line about studies that stop without the app; None if there are none.

    Parameters
    ----------
    stopping : sequence of str
        Ids; empty for a study that has no row yet.
    """
    if not stopping:
        return None
    named = ", ".join(each or "one that was starting" for each in stopping)
    return f"still stopping in the background: {named}; see `l5tui studies`"


def run_to_end(app: App[Any]) -> NoReturn:
    """Run an app and end the process with its exit code.

    Python waits for the threads of `asyncio.to_thread` and of executors without a limit. Those of the app read
    files and the catalogue, or draw a figure; what they write is atomic. The app itself waits for changes of runs.

    Parameters
    ----------
    app : App
    """
    loop = asyncio.new_event_loop()
    threads = ThreadPoolExecutor(thread_name_prefix="app")
    loop.set_default_executor(threads)
    app.run(loop=loop)
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=END_SECONDS))
    threads.shutdown(wait=False, cancel_futures=True)
    code = app.return_code or 0
    if _all_threads_end():
        sys.exit(code)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _all_threads_end() -> bool:
    """Wait up to `END_SECONDS` for the threads that Python would wait for; return whether all are idle or ended."""
    netcdf_thread.shutdown(wait=False, cancel_futures=True)
    deadline = time.monotonic() + END_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                return False
    return True
