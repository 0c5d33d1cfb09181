"""Beginning an inference or a sensitivity design of the experiment that is being edited."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from l5tui.config.toml_file import parse_experiment
from l5tui.text import count, safe
from l5tui.tui.draft_actions import DraftActions
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.prompt import PromptScreen
from l5tui.tui.tuning_check import inference_fault, sensitivity_fault, space_fault
from l5tui.tuning.defaults import BUDGET, SAMPLES

WAYS = {
    "v": "Posterior by vbmc (surrogate of the likelihood)",
    "a": "Posterior by abc (particles, more simulations)",
    "s": "Sensitivity of the loss to the parameters",
    "escape": "Leave it",
}


class StudyStarts(DraftActions):
    """Dialogs that choose an analysis (posterior, sensitivity) and its budget."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "i", "infer", "Infer", show=False, tooltip="Infer parameters or their sensitivity, after a dialog"
        ),
    ]

    @work(exclusive=True, group="tune")
    async def action_infer(self) -> None:
        """Begin an inference or a sensitivity design of what is in the form, saved or not."""
        if (experiment := self.draft.experiment) is None:
            self._refuse(self.draft.unreadable or "there are faults: F8 goes to the next")
            return
        if not await self.agrees_with_disk() or self.draft.experiment is not experiment:
            return
        if fault := await asyncio.to_thread(space_fault, experiment):
            self._refuse(fault)
            return
        source = parse_experiment(self.draft.text, self.draft.name)
        parameters = len(experiment.tuning.space)
        text = (
            f"{count(parameters, 'parameter')} in [tuning.space], {count(len(experiment.targets), 'target')}."
        )
        way = await self.app.push_screen_wait(ChoiceScreen("Infer", text, WAYS))
        if way == "escape":
            return
        if way == "s":
            question = f"Base samples, a power of two; each takes {parameters + 2} trials:"
            size = await self._amount("Sensitivity", question, SAMPLES)
            command, options = "sensitivity", ["--samples", str(size)]
        else:
            method = "vbmc" if way == "v" else "abc"
            question = f"Maximum number of simulated points, {10 * parameters} or more:"
            size = await self._amount(f"Inference by {method}", question, BUDGET)
            command, options = "infer", ["--method", method, "--budget", str(size)]
        if size is None:
            return
        if way == "s":
            fault = await asyncio.to_thread(sensitivity_fault, experiment, size)
        else:
            fault = await asyncio.to_thread(inference_fault, experiment, method, size)
        if fault:
            self._refuse(fault)
            return
        self.app.start_study(source, command, options)

    async def _amount(self, title: str, question: str, proposed: int) -> int | None:
        text = await self.app.push_screen_wait(PromptScreen(title, question, str(proposed)))
        if text is None:
            return None
        if not text.strip().isdecimal() or int(text) < 1:
            self._refuse(f"{text!r}: enter a whole number above 0")
            return None
        return int(text)

    def _refuse(self, fault: str) -> None:
        text = "\n".join(map(safe, fault.splitlines()))
        self.notify(text, title="It cannot start", severity="error", markup=False, timeout=15)
