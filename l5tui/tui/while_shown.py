"""Workers of screens, which may be left while they read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

from textual.css.query import NoMatches
from textual.screen import Screen

Shown = TypeVar("Shown", bound=Screen[Any])


def while_shown(
    method: Callable[[Shown], Coroutine[Any, Any, None]],
) -> Callable[[Shown], Coroutine[Any, Any, None]]:
    """End in peace where the widgets that were to be filled are gone, as the screen or the app has been left.

    Textual cancels a worker whose screen goes, but first takes the widgets away: between the two the worker may
    come back from a file.
    """

    @wraps(method)
    async def filling(screen: Shown) -> None:
        try:
            await method(screen)
        except NoMatches:
            if screen.display and screen.app.is_running:
                raise

    return filling
