"""The code blocks of README.md and docs, and a program that runs those in Python as a reader does.

    python tests/docs/code_blocks.py < PAGES

reads a JSON object with the blocks of each page, runs them in one namespace a page, and prints a JSON object with the
traceback of each page, empty if it ran.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("python", "sh", "console", "toml", "sql")
"""Languages of blocks that a reader runs or writes; all others are what something prints."""


class Block(NamedTuple):
    """A code block.

    Parameters
    ----------
    page : str
        Relative to the root of the project.
    number : int
        From 1, among the blocks of the page in the same language.
    language, text : str
    """

    page: str
    number: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Page, language and number."""
        return f"{self.page} {self.language} {self.number}"


def blocks() -> list[Block]:
    """Every block of a program in README.md and docs."""
    found = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        page = path.relative_to(ROOT).as_posix()
        seen = dict.fromkeys(PROGRAMS, 0)
        for language, text in BLOCK.findall(path.read_text(encoding="utf-8")):
            if language in PROGRAMS:
                seen[language] += 1
                found.append(Block(page, seen[language], language, text))
    return found


def run_page(page: str, texts: list[str]) -> str:
    """Run a page's blocks of Python, one after the other; return the traceback of the first that fails."""
    namespace = {"__name__": "__main__"}
    for text in texts:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, page, "exec"), namespace)
        except Exception:
            return f"{text}\n{traceback.format_exc()}"
    return ""


def main() -> None:
    """Run pages from standard input."""
    found = {page: run_page(page, texts) for page, texts in json.load(sys.stdin).items()}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
