"""Base class of the apps: signals, the theme, and crashes reported in one line."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.events import Event, InputEvent, MouseEvent
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import get_current_worker

from l5tui.errors import one_line
from l5tui.text import safe
from l5tui.tui.input_queue import InputQueue
from l5tui.tui.screens.dialog import Dialog, Palette
from l5tui.tui.state import State
from l5tui.tui.terminal_driver import TerminalDriver

if TYPE_CHECKING:
    from textual.driver import Driver

DEFAULT_THEME = "nord"

EXIT_CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}

LOOK_FOR_TERMINAL_S = 1.0
"""How often it is looked whether the terminal is still there: not all that close one send SIGHUP."""

LONGEST_MOUNT_S = 2.0
"""Time that a screen which is left has at most to mount its widgets."""

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class BaseApp(App[Result]):
    """An app that leaves the terminal clean, whatever ends it.

    Parameters
    ----------
    state : State
        Has the theme.
    """

    TITLE = "l5tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", priority=True, show=False),
        Binding("question_mark", "help", "Keys", key_display="?"),
        Binding("f1", "help", "Keys"),
    ]

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self._input = InputQueue(self)
        kept = state.get("theme", DEFAULT_THEME)
        self.theme = kept if kept in self.available_themes else DEFAULT_THEME

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, but for a terminal, which may be closed."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        return TerminalDriver

    async def on_event(self, event: Event) -> None:
        """Dispatch an event; input waits until the effects of the input before are complete."""
        if isinstance(event, InputEvent) and (self._exit or not self.screen_stack):
            return  # the app is being left
        if self._input.orders(event) and not (self._input.admits(event) and self._can_route(event)):
            return
        await super().on_event(event)

    async def _replace_screen(self, screen: Screen[Any]) -> Screen[Any]:
        """Remove a screen once its widgets are mounted: Textual's and ours need one another while they mount."""
        latest = time.monotonic() + LONGEST_MOUNT_S
        while not all(each._mounted_event.is_set() for each in screen.walk_children(with_self=True)):
            if time.monotonic() > latest:
                break
            await asyncio.sleep(0)
        return await super()._replace_screen(screen)

    def action_command_palette(self) -> None:
        """Open the palette, unless it is open."""
        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette(id="--command-palette"))

    def _can_route(self, event: Event) -> bool:
        """Return whether a mouse event hits a widget that is still there: between two screens some are not."""
        if not isinstance(event, MouseEvent):
            return True
        if self.mouse_captured is not None and not self.mouse_captured.is_attached:
            self.capture_mouse(None)
        if not self.screen.is_mounted or not self.screen.is_running:
            return False
        try:
            widget, _ = self.screen.get_widget_at(event.x, event.y)
        except NoWidget:
            return True
        return widget is self.screen or (widget.parent is not None and widget.is_attached)

    async def push_screen_wait(self, screen: Screen[Any] | str, *, mode: str | None = None) -> Any:
        """Push a screen and wait for its result; input goes to it meanwhile."""
        if self._exit:
            raise asyncio.CancelledError
        worker = get_current_worker()
        self._input.shows_dialog(worker)
        try:
            return await super().push_screen_wait(screen, mode=mode)
        except asyncio.CancelledError:
            # Its answer would have no effect.
            if isinstance(screen, Dialog) and not self._exit and self._screen_stacks.get(self._current_mode):
                screen.dismiss()
            raise
        finally:
            self._input.answered(worker)

    def on_mount(self) -> None:
        """Take signals, which Textual leaves to Python, which would leave the terminal as it is."""
        loop = asyncio.get_running_loop()
        for name, code in EXIT_CODES.items():
            with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(getattr(signal, name), self._leave, code)
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.set_interval(LOOK_FOR_TERMINAL_S, self._look_for_terminal)

    def action_help(self) -> None:
        """Show or hide the keys of what is focused."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    @property
    def log_place(self) -> str:
        """Where the details of a crash are; empty where they are nowhere."""
        handlers = logging.getLogger("l5tui").handlers
        files = (each.baseFilename for each in handlers if isinstance(each, logging.FileHandler))
        return next(files, "")

    def _leave(self, code: int) -> None:
        self.exit(return_code=code)

    def _look_for_terminal(self) -> None:
        is_gone = getattr(self._driver, "is_gone", None)
        if is_gone is not None and is_gone():
            self._leave(EXIT_CODES["SIGHUP"])

    def _keep_theme(self, theme: Theme) -> None:
        self.state.set("theme", theme.name)
        self.state.save()

    def _handle_exception(self, error: Exception) -> None:
        """Log a crash and leave with one line, instead of Textual's traceback."""
        # A worker's failure hides the error that it had, whose traceback says where.
        log.error("the app crashed", exc_info=getattr(error, "error", None) or error)
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        message = one_line(error)
        details = f"; details: {self.log_place}" if self.log_place else ""
        self.panic(Text(safe(f"l5tui crashed: {message}{details}")))
