"""The catalogue's own state, and rows of processes that are gone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

from l5tui.runner.doctor.finding import Finding, Kind
from l5tui.store.inspection import CatalogueState, Inspected
from l5tui.store.silence import HEARTBEATS, Silence
from l5tui.store.stale import interruption
from l5tui.workspace import Workspace

REMEDIES = {
    CatalogueState.NEWER: "update l5tui",
    CatalogueState.FOREIGN: "move it away; the next run creates a new one",
    CatalogueState.UNREADABLE: "check that it and its folder can be read, and that no other program has it locked",
}


def check_catalogue(workspace: Workspace, inspected: Inspected) -> Iterator[Finding]:
    """Whether the catalogue can be used, and whether what it has as running may be."""
    where = workspace.relative(workspace.catalog)
    if inspected.state is CatalogueState.DAMAGED:
        yield Finding(Kind.CATALOGUE_DAMAGED, where, inspected.fault)
    elif inspected.state is CatalogueState.OLDER:
        yield Finding(Kind.CATALOGUE_OLDER, where, inspected.fault)
    elif inspected.state in REMEDIES:
        yield Finding(Kind.CATALOGUE_UNUSABLE, where, inspected.fault, REMEDIES[inspected.state])
    silence = Silence(workspace.catalog.with_name(HEARTBEATS))
    host, now = socket.gethostname(), datetime.now(UTC)
    for kind, name, rows in (
        (Kind.STALE_RUN, "run", inspected.runs),
        (Kind.STALE_STUDY, "study", inspected.studies),
    ):
        for row in rows:
            if not row.is_legal:
                continue  # what a row of an illegal id is, is said once it has another
            if row.status == "running" and (reason := interruption(row, host, now, silence)):
                yield Finding(
                    kind, f"{name} {row.id}", f"is marked as running, but was {reason}", subject=row.id
                )
