"""Draws the app's screens for the docs: opens it in a workspace of its own, drives it, and saves each screen as SVG."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from l5tui.config.toml_file import read_experiment
from l5tui.runner.run import run_experiment
from l5tui.tui.app import L5App
from l5tui.tui.state import State
from l5tui.workspace import Workspace, create_workspace

IMAGES = Path(__file__).parent / "images"
SIZE = (120, 36)
PATIENCE_S = 240.0
EARLIER = ("quickstart", "bcm", "oja")
"""Experiments that were run before, so that there is something to list."""


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait until the app has got somewhere."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("the app did not get there")
        await pilot.pause(0.02)


def shown(app: L5App) -> str:
    """What the screen shows."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )


async def save(pilot: Pilot[None], app: L5App, name: str) -> None:
    """Save the screen as it is."""
    await pilot.pause(0.3)
    (IMAGES / f"{name}.svg").write_text(app.export_screenshot(title="l5tui"), encoding="utf-8")
    sys.stdout.write(f"docs/images/{name}.svg\n")


async def tour(workspace: Workspace, state: State) -> None:
    """Go through the screens."""
    app = L5App(workspace, state=state)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "sliding_bcm" in shown(app))
        await save(pilot, app, "experiments")
        await pilot.press("r")
        await until(pilot, lambda: "of 5" in shown(app) or "Enter opens its page" in shown(app))
        await until(pilot, lambda: "learning from 500" in shown(app) or "Enter opens its page" in shown(app))
        await save(pilot, app, "run-live")
        await until(pilot, lambda: "Enter opens its page" in shown(app))
        await save(pilot, app, "run-over")
        await pilot.press("enter")
        await until(pilot, lambda: "Summary" in shown(app) and "Provenance" in shown(app))
        await save(pilot, app, "run-page")
        await pilot.press("escape", "3")
        await until(pilot, lambda: "covariance" in shown(app) or "quickstart" in shown(app))
        await save(pilot, app, "runs")
        await pilot.press("down", "space", "space", "c")
        await until(pilot, lambda: "− A" in shown(app) and "Mean rate of CS" in shown(app))
        await save(pilot, app, "compare")
        await studies(pilot, app)
        await app.session.leave(cancel=True)


async def studies(pilot: Pilot[None], app: L5App) -> None:
    """Edit a search space, search it for a while, and show the studies and the study."""
    await pilot.press("1")
    await until(pilot, lambda: "Experiments (" in shown(app))
    await pilot.press("end", "enter")
    await until(pilot, lambda: "tuning.toml" in shown(app))
    for _ in range(2):
        await pilot.press("z")
    await pilot.press("z" if "▸ tuning" in shown(app) and "▾" in shown(app) else "G", "G", "right", "G", "up")
    await until(pilot, lambda: "add a parameter to search" in shown(app))
    await save(pilot, app, "search-space")
    await pilot.press("t")
    await until(pilot, lambda: "by trial" in shown(app))
    await until(pilot, lambda: any(f"{count} of 300 trials" in shown(app) for count in range(25, 300)))
    await save(pilot, app, "study")
    await pilot.press("escape")
    await until(pilot, lambda: "Studies (1)" in shown(app))
    await save(pilot, app, "studies")
    await app.studies.leave(stop=True)


def main() -> None:
    """Make the workspace, and draw."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "l5")
        for name in EARLIER:
            read = read_experiment(workspace.root / "experiments" / f"{name}.toml")
            run_experiment(read.experiment, read.text, workspace)
        asyncio.run(tour(workspace, State(Path(folder) / "state.json")))


if __name__ == "__main__":
    main()
