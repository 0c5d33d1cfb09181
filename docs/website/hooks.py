"""The site's table of contents, made from the pages that are there, and the repository's own pages in it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import l5tui

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent

NAV = {
    "Tutorial": ("tutorial.md",),
    "How to": ("app.md", "tuning.md", "inference.md", "how-to/*.md", "examples/*.md", "cluster.md"),
    "Reference": (
        *("configuration.md", "command-line.md", "python.md"),
        *("results.md", "database.md", "progress-lines.md"),
    ),
    "Explanation": ("model.md", "fast-engine.md", "original-and-corrected.md", "guarantees.md", "*.md"),
}
"""Patterns of the pages of each section, in order; a page stands where it is found first."""

PROJECT = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")
"""Pages of the repository that lie outside docs/; the site has them in a folder of its own."""

PLAIN = {"README.md": "about.md", "benchmarks/README.md": "benchmarks.md"}

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")
FENCED = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)


def on_config(config: Any) -> Any:
    """Make the table of contents."""
    seen = {"index.md"}
    nav: list[Any] = ["index.md"]
    for section, patterns in NAV.items():
        found = [page for pattern in patterns for page in sorted(DOCS.glob(pattern))]
        names = [page.relative_to(DOCS).as_posix() for page in found]
        fresh = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(fresh)
        nav.append({section: [{_title(DOCS / name): name} for name in fresh]})
    nav.append(
        {
            "Project": [
                {"README": address} if name == "README.md" else address
                for name, address in _project().items()
            ]
        }
    )
    config.nav = nav
    return config


def on_files(files: Files, *, config: Any) -> Files:
    """Add the repository's pages."""
    for name, address in _project().items():
        files.append(File.generated(config, address, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(text: str, *, page: Any, **_: Any) -> str:
    """Let links between docs/ and the rest of the repository lead to where the site has its pages."""
    address = page.file.src_uri
    if address == "python.md":
        text += "\n".join(f"\n::: {name}" for name in dict.fromkeys(_python_names()))
    sources = {known: name for name, known in _project().items()}
    source = ROOT / sources[address] if address in sources else DOCS / address

    def moved(link: re.Match[str]) -> str:
        target = (source.parent / link[1]).resolve()
        if not target.is_relative_to(ROOT):
            return link[1]
        known = target.relative_to(DOCS).as_posix() if target.is_relative_to(DOCS) else None
        known = known or _project().get(target.relative_to(ROOT).as_posix())
        return _relative(known, address) if known else link[1]

    return "".join(
        part if part.startswith("```") else LINK.sub(moved, part) for part in FENCED.split(text) if part
    )


def _title(page: Path) -> str:
    """A page's heading, which a comment may stand above."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("# ") for line in lines if line.startswith("# "))


def _python_names() -> Iterator[str]:
    """What l5tui exports, and the classes of what its functions return."""
    returned = []
    for name in l5tui.__all__:
        exported = getattr(l5tui, name)
        if callable(exported):
            yield f"l5tui.{name}"
        if inspect.isfunction(exported):
            returned.append(exported.__globals__.get(str(exported.__annotations__.get("return"))))
    for each in returned:
        exported_too = inspect.isclass(each) and each.__name__ in l5tui.__all__
        if inspect.isclass(each) and each.__module__.startswith("l5tui.") and not exported_too:
            yield f"{each.__module__}.{each.__qualname__}"


def _project() -> dict[str, str]:
    """Where the site has the repository's pages, by their path."""
    there = [name for name in PROJECT if (ROOT / name).is_file()]
    # A README would be the first page of its folder, which Material then shows in the place of the whole section.
    return {name: f"project/{PLAIN.get(name, name.lower())}" for name in there}


def _relative(target: str, address: str) -> str:
    """A link from one page of the site to another."""
    return "../" * address.count("/") + target
