"""Words that no text or name of the project contains, because the field has a precise term for each."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

INSTEAD = {
    **dict.fromkeys(("tell", "tells", "told", "telling"), "report, return, print, emit, call with, record"),
    **dict.fromkeys(("ask", "asks", "asked", "asking"), "request, call, query, show a dialog"),
    **dict.fromkeys(("somebody", "nobody", "whoever"), "the user, the caller, another process, no process"),
}
"""Each word, and what to write in its place.

They describe programs as persons who talk to each other. A reader then has to infer whether a value is returned,
printed, stored or passed to a callback.
"""

ALLOWED = {
    "l5tui/store/netcdf_reader.py": (r"def tell\(self\) -> int:",),  # io.RawIOBase
    "benchmarks/search.py": (r"study\.ask\(\)", r"study\.tell\("),  # optuna.Study
}
"""Names that the standard library or a dependency gives, by file."""

WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""A word of a text, or a part of a name in snake or camel case."""

TEXTS = {".py", ".pyi", ".md", ".toml", ".tcss", ".yml", ".yaml", ".txt", ".cfg", ""}


def found(text: str) -> list[tuple[int, str]]:
    """Return the number of the line and the word, for each word of the list in a text."""
    return [
        (number, word)
        for number, line in enumerate(text.splitlines(), 1)
        for word in WORD.findall(line)
        if word.lower() in INSTEAD
    ]


def files() -> list[Path]:
    """Return the text files of the project that are under version control, this one excepted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("git lists the files of the project, and this folder is not a clone")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.suffix in TEXTS and path.is_file() and path != Path(__file__)]


def test_no_text_and_no_name_has_a_word_of_the_list() -> None:
    faults = []
    for path in files():
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern in ALLOWED.get(name, ()):
            text = re.sub(pattern, "", text)
        faults += [f"{name}: the name has {word!r}: {INSTEAD[word.lower()]}" for _, word in found(name)]
        faults += [f"{name}:{line}: {word!r}: {INSTEAD[word.lower()]}" for line, word in found(text)]
    assert not faults, "\n".join(faults)


def test_every_exception_is_needed() -> None:
    for name, patterns in ALLOWED.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        assert all(re.search(pattern, text) for pattern in patterns), name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Who is told?", ["told"]),
        ("_told_to_stop, EditAsked, MOST_TOLD", ["told", "Asked", "TOLD"]),
        ("a task, a mask, stellar, ASKING.md", ["ASKING"]),
        ("the users are informed", []),
    ],
)
def test_words_are_found_in_texts_and_in_names(text: str, words: list[str]) -> None:
    assert [word for _, word in found(text)] == words
