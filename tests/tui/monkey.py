"""Random input: keys, bursts, clicks and scrolls from a seed, for tests that look for crashes."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections import deque
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from l5tui.tui.app import L5App
from tests.tui.driving import burst, click_at, mouse, send

LAST = 30
"""Events in the message of a failure."""

ANSWER_S = 60.0
"""Time after which input that is still held back is a hang."""

MOST_PROCESSES = 2
"""Runs and studies that may be unfinished at the same time; more would fill the memory."""

MOVES = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab", "j", "k")
ANSWERS = ("enter", "enter", "enter", "escape", "escape", "y", "n", "b", "t", "space", "backspace", "delete")
SECTIONS = ("1", "2", "3", "4", "5")
FUNCTIONS = "f1 f2 f5 f8 ctrl+s ctrl+r ctrl+z ctrl+a ctrl+k ctrl+p ctrl+c ctrl+v ctrl+x"
COMMANDS = (*"abcCdDefghGhijklLmMnNopPqrRsStuUvwWxyYz[]?", *FUNCTIONS.split())
TEXTS = (
    "7",
    "0",
    "-1",
    "1e3",
    "abc",
    "tau",
    "[x]",
    "# a",
    "rule:oja",
    "loss<3",
    "theme",
    "é",
    '"',
    "=",
    "tag",
)


class MonkeyApp(L5App):
    """The app without the two actions that would end the test or reach out of the process."""

    CSS_PATH = Path(inspect.getfile(L5App)).with_name("app.tcss")  # type: ignore[assignment]

    async def action_quit(self) -> None:
        """Stay: the rest of the events would have no app to go to."""

    def open_mlflow(self) -> None:  # type: ignore[override]
        """Start no server: it takes 6 to 20 seconds and opens a browser on the user's screen."""


class Monkey:
    """Sends random input to an app and records it.

    Parameters
    ----------
    pilot : Pilot
    seed : int
    """

    def __init__(self, pilot: Pilot[Any], seed: int) -> None:
        self._pilot = pilot
        self._app: L5App = pilot.app  # type: ignore[assignment]
        self._random = random.Random(seed)
        self._seed = seed
        self.sent = 0
        self.failure = ""
        self.seen: set[str] = set()
        self._last: deque[str] = deque(maxlen=LAST)

    async def play(self, count: int) -> None:
        """Send events and check that the app still responds.

        Parameters
        ----------
        count : int
            Keys, clicks and scrolls.

        Raises
        ------
        AssertionError
            With the seed and the last events, if the app has crashed or does not respond.
        """
        while self.sent < count:
            try:
                await self._act()
                await self._responds()
                await self._limit_processes()
            except AssertionError:
                raise
            except Exception as error:
                raise AssertionError(self._story(repr(error))) from error
        await self._returns()

    async def _act(self) -> None:
        self.seen.add(type(self._app.screen).__name__)
        kind = self._random.choices(
            ("key", "burst", "text", "click", "slow click", "scroll", "together"), (30, 25, 8, 15, 6, 6, 10)
        )[0]
        if kind == "key":
            await self._press(self._key())
        elif kind == "burst":
            self._burst([self._key() for _ in range(self._random.randint(2, 10))])
        elif kind == "text":
            text = self._random.choice(TEXTS)
            self._burst([*text, self._random.choice(("enter", "escape", "tab", "up", "backspace"))])
        elif kind == "click":
            self._click()
        elif kind == "slow click":
            await self._settled()
            self._click()
        elif kind == "scroll":
            self._scroll()
        else:
            # A key, a click and a key that the terminal reports in one read.
            self._burst([self._random.choice((*SECTIONS, "enter", "escape", "ctrl+p"))])
            self._click()
            self._burst([self._key()])

    def _key(self) -> str:
        kinds = (MOVES, ANSWERS, SECTIONS, COMMANDS)
        return str(self._random.choice(self._random.choices(kinds, (30, 20, 10, 40))[0]))

    async def _press(self, key: str) -> None:
        # A slash opens the filter; in a text it could make the path of an export lead out of the workspace.
        is_text = self._app.screen.is_modal or isinstance(self._app.focused, Input | TextArea)
        if self._random.random() < 0.03 and not is_text:
            key = "slash"
        self._note(key)
        await self._pilot.press(key)

    def _burst(self, keys: list[str]) -> None:
        for key in keys:
            self._note(f"{key} (at once)")
        burst(self._app, *keys)

    def _click(self) -> None:
        # `Pilot.click` gives the event to the screen itself, past `App.on_event`, through which a terminal's clicks go.
        x, y = self._cell()
        times = self._random.choice((1, 1, 2))
        self._note(f"{times} clicks at {x}, {y}")
        send(self._app, mouse(events.MouseMove, x, y, button=0))
        click_at(self._app, x, y, times)

    def _scroll(self) -> None:
        x, y = self._cell()
        kind = self._random.choice((events.MouseScrollDown, events.MouseScrollUp))
        self._note(f"{kind.__name__} at {x}, {y}")
        for _ in range(self._random.randint(1, 4)):
            send(self._app, mouse(kind, x, y, button=0))

    def _cell(self) -> tuple[int, int]:
        width, height = self._app.size
        return self._random.randrange(width), self._random.randrange(height)

    def _note(self, event: str) -> None:
        self.sent += 1
        self._last.append(event)

    async def _responds(self) -> None:
        """Wait, mostly, until all input has acted; sometimes the next input follows at once."""
        if self._random.random() < 0.3:
            await asyncio.sleep(0)
        else:
            await self._settled()
        self._check()

    async def _settled(self) -> None:
        """Wait until all input has acted."""
        deadline = time.monotonic() + ANSWER_S
        while self._app._input._held or self._app._input._released:
            assert time.monotonic() < deadline, self._story("input is still held back")
            self._check()
            await asyncio.sleep(0.002)
        await self._pilot.pause()

    def _check(self) -> None:
        if self._app._exception is not None:
            raise AssertionError(self._story(repr(self._app._exception))) from self._app._exception
        assert self._app.is_running, self._story("the app has ended")

    async def _limit_processes(self) -> None:
        if self._app._session and len(self._app._session.unfinished) > MOST_PROCESSES:
            for run in list(self._app._session.unfinished):
                self._app._session.cancel(run)
        if self._app._studies and len(self._app._studies.unfinished) > MOST_PROCESSES:
            for process in self._app._studies.unfinished:
                process.stop()
                await process.ended()

    async def _returns(self) -> None:
        """Check that the keys still lead to a section from wherever the app is."""
        deadline = time.monotonic() + ANSWER_S
        while self._app.screen.is_modal or self._app.current_mode != "runs":
            assert time.monotonic() < deadline, self._story("no key leads to the runs")
            await self._press("escape")
            if not self._app.screen.is_modal:
                await self._press("3")
            self._check()

    def _story(self, what: str) -> str:
        last = "\n".join(self._last)
        screen = type(self._app.screen).__name__ if self._app.screen_stack else "no screen"
        self.failure = f"seed {self._seed}, {self.sent} events, {screen}: {what}\nthe last events:\n{last}"
        return self.failure
