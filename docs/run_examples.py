"""Runs the scripts of examples/ and writes a page of each: its question, its code, what it printed, its figure.

python docs/run_examples.py           all of them; takes a minute or two
python docs/run_examples.py NAME …    only these
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from l5tui.workspace import VARIABLE, create_workspace

FOLDER = Path(__file__).parent / "examples"
LARGEST_BYTES = 150_000

MADE = "<!-- Made by docs/run_examples.py; `make docs` writes it anew. -->"


def main(names: list[str], folder: Path = FOLDER) -> None:
    """Run examples, all of them unless some are named, and write their pages."""
    scripts = [folder / f"{name}.py" for name in names] or sorted(folder.glob("*.py"))
    for script in scripts:
        sys.stderr.write(f"{script.name}\n")
        with tempfile.TemporaryDirectory() as scratch:
            place = create_workspace(scratch).root
            printed = run(script, place)
            figures = sorted(place.glob("*.png"))
            for figure in figures:
                if figure.stat().st_size > LARGEST_BYTES:
                    raise ValueError(f"{figure.name} has {figure.stat().st_size} bytes, over {LARGEST_BYTES}")
                (folder / figure.name).write_bytes(figure.read_bytes())
        text = page(script.read_text(encoding="utf-8"), printed, [figure.name for figure in figures])
        script.with_suffix(".md").write_text(text, encoding="utf-8")


def run(script: Path, place: Path) -> str:
    """What a script prints, run in a workspace of its own."""
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=place,
        env=os.environ | {VARIABLE: str(place), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def page(source: str, printed: str, figures: list[str]) -> str:
    """The page of an example, in Markdown."""
    title, _, question = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")
    code = source.split('"""\n\n', 1)[1]
    shown = "\n".join(f"![{title}]({name})" for name in figures)
    return f"{MADE}\n# {title}\n\n{question}\n\n```python\n{code}```\n\n## What it prints\n\n{printed}\n{shown}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
