"""Input in order: each key, click or paste acts only after everything that the one before has caused."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from textual.events import Event, InputEvent, Key, MouseMove, Paste
from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.worker import Worker

QUIT = "ctrl+q"

LONGEST_HANDLER_S = 10.0
"""Time that handlers may take before the next event is released all the same, so that `ctrl+q` always works."""

LONGEST_QUIT_S = 2.0
"""Time that `ctrl+q` waits at most for the effects of the events before it; after that it acts before them."""

MOVEMENTS = frozenset(("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "escape"))
"""Keys that only move or close something: they may be lost when the app is left."""

LONGEST_WORKER_S = 2.0
"""The same for workers, which may wait for a file or another process."""

BACKGROUND = frozenset(
    (
        "comparing",
        "drawing",
        "export",
        "figure",
        "forecast",
        "last-runs",
        "load",
        "mlflow",
        "reading",
        "stale",
    )
)
"""Groups of workers that only refresh a display or take long: the next event does not wait for them."""

BACKGROUND_PREFIXES = ("resume-",)

SPINS = 100
"""Turns of the event loop after which the check sleeps in between: whatever is still busy waits for something."""


class InputQueue:
    """Holds back input events until the effects of the ones before are complete.

    Textual hands a key from widget to widget, each with a message queue of its own, while priority bindings and the
    change of focus act elsewhere at once. Several keys in one read, as over SSH or on a busy machine, would then
    overtake each other: Enter would end a field before it has its text, and text would go to the widget that had
    the focus before. So one event is released at a time: when no widget of the screen has a message left, and no
    worker that the last event has started is still on its way to a dialog.

    Parameters
    ----------
    app : App
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._held: deque[Event] = deque()
        self._released: deque[Event] = deque()
        self._overtaken: deque[Event] = deque()
        self._releasing: asyncio.Task[None] | None = None
        self._known: WeakSet[Worker[Any]] = WeakSet()
        self._in_dialogs: WeakSet[Worker[Any]] = WeakSet()
        self._last: Event | None = None
        self._target: object = None
        self._quitting_since: float | None = None

    @staticmethod
    def orders(event: Event) -> bool:
        """Return whether an event is the user's and has not been dispatched yet."""
        return isinstance(event, InputEvent | Paste) and not event.is_forwarded

    def admits(self, event: Event) -> bool:
        """Return whether the app may dispatch an event now; otherwise it comes again when it may.

        Parameters
        ----------
        event : Event
            An event that `orders` accepts, in the app's own message loop.
        """
        is_released = bool(self._released) and self._released[0] is event
        if is_released:
            self._released.popleft()
        if is_released:
            self._begin(event)
            return True
        if self._releasing is None and self._is_settled(within_app=True):
            self._begin(event)
            return True
        self._held.append(event)
        if _is_quit(event) and self._quitting_since is None:
            self._quitting_since = time.monotonic()
        if self._releasing is None:
            self._releasing = asyncio.create_task(self._release())
        return False

    @property
    def unfinished(self) -> int:
        """Number of keys and pastes that `ctrl+q` has overtaken and that would change something."""
        return sum(
            isinstance(each, Paste) or (isinstance(each, Key) and each.key not in MOVEMENTS)
            for each in self._overtaken
        )

    def continue_overtaken(self) -> None:
        """Release what `ctrl+q` has overtaken, before everything that came after it."""
        self._held.extendleft(reversed(self._overtaken))
        self._overtaken.clear()
        if self._held and self._releasing is None:
            self._releasing = asyncio.create_task(self._release())

    def shows_dialog(self, worker: Worker[Any]) -> None:
        """Note that a worker waits for the user's answer."""
        self._in_dialogs.add(worker)

    def answered(self, worker: Worker[Any]) -> None:
        """Note that a worker has its answer, and that what follows is an effect of the last event."""
        self._in_dialogs.discard(worker)
        self._known.discard(worker)

    def _begin(self, event: Event) -> None:
        if isinstance(event, MouseMove):
            return
        self._known.update(self._app.workers)
        self._last, self._target = event, self._app.focused if self._app.screen_stack else None

    async def _release(self) -> None:
        try:
            while self._held and self._app.is_running:
                if not self._is_more_text(self._held[0]):
                    await self._settle()
                event = self._next()
                self._released.append(event)
                self._app.post_message(event)
                while self._released and self._app.is_running:
                    await asyncio.sleep(0)
        finally:
            self._releasing = None

    def _next(self) -> Event:
        """Remove the next event from those held back: in order, or `ctrl+q` where it has waited for long enough."""
        if self._is_late_to_quit():
            while not _is_quit(self._held[0]):
                self._overtaken.append(self._held.popleft())
        event = self._held.popleft()
        if _is_quit(event):
            self._quitting_since = time.monotonic() if any(map(_is_quit, self._held)) else None
        return event

    def _is_more_text(self, event: Event) -> bool:
        """Return whether an event continues the text of a field, which takes text in order by itself."""
        return (
            isinstance(event, Key)
            and event.is_printable
            and isinstance(self._last, Key)
            and self._last.is_printable
            and isinstance(self._target, Input | TextArea)
            and self._target is self._app.focused
        )

    async def _settle(self) -> None:
        begun, turns = time.monotonic(), 0
        while True:
            waited = time.monotonic() - begun
            if waited > LONGEST_HANDLER_S or self._is_late_to_quit():
                return
            if self._is_settled(within_app=False, workers=waited < LONGEST_WORKER_S):
                return
            turns += 1
            await asyncio.sleep(0 if turns < SPINS else 0.005)

    def _is_late_to_quit(self) -> bool:
        since = self._quitting_since
        return since is not None and time.monotonic() - since > LONGEST_QUIT_S

    def _is_settled(self, *, within_app: bool, workers: bool = True) -> bool:
        app: Any = self._app
        if not app.is_running or not app.screen_stack:
            return True
        if app._next_callbacks or not app._message_queue.empty():
            return False
        if not within_app and not _is_idle(app):
            return False
        if not all(map(_is_idle, _widgets(app.screen))):
            return False
        return not workers or not any(map(self._is_awaited, app.workers._workers))

    def _is_awaited(self, worker: Worker[Any]) -> bool:
        return not (
            worker in self._known
            or worker in self._in_dialogs
            or worker.is_finished
            or worker.group in BACKGROUND
            or worker.group.startswith(BACKGROUND_PREFIXES)
        )


def _is_quit(event: Event) -> bool:
    return isinstance(event, Key) and event.key == QUIT


def _widgets(top: MessagePump) -> Iterator[MessagePump]:
    stack: list[Any] = [top]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node._nodes)


def _is_idle(pump: MessagePump) -> bool:
    """Return whether a message pump waits for its next message and has nothing else left to do."""
    if pump._closed or pump._closing:
        return False
    queue: Any = pump._message_queue
    # A pump that handles a message, or is being mounted, does not wait at its queue.
    waiters: Any = queue.ready_event._waiters
    return bool(
        queue.empty()
        and not pump._next_callbacks
        and pump._pending_message is None
        and any(not waiter.done() for waiter in waiters)
    )
