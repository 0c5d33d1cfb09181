"""What is done to the search space of the experiment that is being edited."""

from __future__ import annotations

import asyncio

from textual import work

from l5tui.config.toml_writer import REMOVED
from l5tui.errors import ConfigError
from l5tui.text import safe
from l5tui.tui.screens.pick import PickScreen
from l5tui.tui.search_space import proposed, searchable, space_of
from l5tui.tui.study_starts import StudyStarts
from l5tui.tui.widgets.form import Form


class SpaceActions(StudyStarts):
    """Answers the form where parameters join the search or leave it."""

    @work(exclusive=True, group="search")
    async def on_form_search_requested(self, event: Form.SearchRequested) -> None:
        """Let studies search a parameter, or no more."""
        known = {each.path: each for each in await asyncio.to_thread(searchable)}
        path, searched = event.path, space_of(self.draft.data)
        if not event.wanted:
            if path in searched:
                self._search(path, REMOVED)
            return
        if path not in known and path not in searched:
            left = [each for each in known if each not in searched]
            path = await self.app.push_screen_wait(PickScreen("Search", left))
        if path in known and path not in searched:
            self._search(path, await asyncio.to_thread(proposed, self.draft.data, known[path]))
        if path:
            self.query_one(Form).go_to_searched(path)

    def _search(self, path: str, spread: object) -> None:
        try:
            self.draft.search(path, spread)
        except ConfigError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
        self.draft_changed()
