"""Fields in which keys act in the order in which they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.widget import Widget as Base
else:
    Base = object


class KeyOrder(Base):
    """Does what a key is bound to before the next key is looked at; stands before a widget that takes text.

    Textual hands a bound key from widget to widget up to the app, and letters that came meanwhile are written
    first. Over a slow connection, or where the machine is busy, keys come several at once: a backspace would
    then delete what was typed after it.
    """

    async def _on_key(self, event: Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, []):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return


class Field(KeyOrder, Input):
    """A line of text to be typed."""
