"""Runs the default experiment in a workspace of its own and draws images/tuning.png from it, for the README."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

IMAGE = Path(__file__).parent / "images" / "tuning.png"
COLOURS = 64


def main() -> None:
    """Draw the figure; with fewer colours a third of its size is enough."""
    with tempfile.TemporaryDirectory(prefix="l5tui-figure-") as scratch:
        for words in (
            ["init", "."],
            ["run", "--headless", "experiments/default.toml"],
            ["figures", "last", "--which", "tuning", "--out", "figures"],
        ):
            subprocess.run([sys.executable, "-m", "l5tui", *words], cwd=scratch, check=True)
        (drawn,) = (Path(scratch) / "figures").glob("*-tuning.png")
        keep(drawn)


def keep(drawn: Path) -> None:
    """Keep a figure for the docs."""
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGE, optimize=True)


if __name__ == "__main__":
    main()
