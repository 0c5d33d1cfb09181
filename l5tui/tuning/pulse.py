"""Heartbeat and progress of a running study."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from l5tui.errors import StoreError
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyRecord
from l5tui.tuning.events import StudyObserver, StudyProgress

HEARTBEAT_SECONDS = 5.0

log = logging.getLogger(__name__)


class Pulse:
    """Writes the heartbeat and emits the progress of a study at every call.

    Parameters
    ----------
    study : StudyRecord
    studies : Studies
    observe : callable
    requests : callable
        Returns the number of stop requests.
    before : int
        Trials that had ended before, which say nothing of how long the others take.
    """

    def __init__(
        self,
        study: StudyRecord,
        studies: Studies,
        observe: StudyObserver,
        requests: Callable[[], int],
        before: int,
    ) -> None:
        self._study = study
        self._studies = studies
        self._observe = observe
        self._requests = requests
        self._before = before
        self._begun = self._beat = time.monotonic()

    def show(self, ended: int, running: int) -> None:
        """Emit the number of trials that have ended and that run."""
        now = time.monotonic()
        if now - self._beat > HEARTBEAT_SECONDS:
            self._beat = now
            self._show_alive()
        trials, elapsed, own = max(self._study.trials, ended), now - self._begun, ended - self._before
        remaining = elapsed / own * (trials - ended) if own else None
        is_stopping = bool(self._requests())
        self._observe(StudyProgress(ended, running, trials, elapsed, remaining, is_stopping))

    def _show_alive(self) -> None:
        try:
            self._studies.beat(self._study.id)
        except StoreError as error:
            # The catalogue may be free again by the time that a trial ends.
            log.warning("study %s: no heartbeat: %s", self._study.id, error)
