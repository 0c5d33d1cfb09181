"""Driving the app through its keys, waiting for what a person would wait for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.app import App
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget

from l5tui.tui.app import L5App

PATIENCE_S = 25.0
SMALL, LARGE = (80, 24), (200, 60)


def drive(app: App[Any], act: Callable[[Pilot[Any]], Awaitable[None]], size: tuple[int, int] = SMALL) -> None:
    """Open an app on a screen of some size, do something, and close it."""

    async def driving() -> None:
        async with app.run_test(size=size) as pilot:
            try:
                if isinstance(app, L5App):
                    await until(pilot, lambda: app.current_mode != "_default", "the first section")
                await act(pilot)
            finally:
                session = getattr(app, "_session", None)
                if session is not None:
                    await session.leave(cancel=True)

    asyncio.run(driving())


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}\n{screen_text(pilot.app)}"
        await pilot.pause(0.02)


async def until_shown(pilot: Pilot[Any], text: str) -> None:
    """Wait until the screen shows a text."""
    await until(pilot, lambda: text in screen_text(pilot.app), f"{text!r} is shown")


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type a text into what is focused."""
    for character in text:
        await pilot.press({" ": "space", "\n": "enter"}.get(character, character))


def screen_text(app: App[Any]) -> str:
    """What the screen shows, as lines of text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line)[:width] for line in lines[:height])


def notifications(app: App[Any]) -> list[str]:
    """The notifications that are shown, oldest first."""
    return [notification.message for notification in app._notifications]


def focused(app: App[Any]) -> Widget:
    """What has the focus."""
    assert app.focused is not None
    return app.focused


def burst(app: App[Any], *keys: str) -> None:
    """Send keys at once, as a terminal does that reads several in one write."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
        send(app, events.Key(name, key if len(key) == 1 else None))


def click_at(app: App[Any], x: int, y: int, times: int = 1) -> None:
    """Press and release the left button at a cell, as a terminal reports it, without waiting."""
    for _ in range(times):
        for kind in (events.MouseDown, events.MouseUp):
            send(app, mouse(kind, x, y))


def mouse(kind: type[events.MouseEvent], x: int, y: int, button: int = 1) -> events.MouseEvent:
    """A mouse event at a cell of the screen."""
    return kind(None, x, y, 0, 0, button, False, False, False, x, y)


def send(app: App[Any], event: events.Event) -> None:
    """Send an event the way the driver does."""
    assert app._driver is not None
    event.set_sender(app)
    app._driver.send_message(event)
