"""Runs the commands of tutorial.md in an empty folder, one after the other, and puts what they print under them.

python docs/run_tutorial.py            writes the page anew where anything but ids and times differs
python docs/run_tutorial.py --check    writes nothing; shows what differs and leaves with 1 where anything does
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).with_name("tutorial.md")
SHOWN_FOLDER = "/home/you/first-study"
"""What the page calls the folder that the commands are run in."""

SESSION = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*(?:\n>.*)*)\n", re.MULTILINE)
CHANCE = (
    (re.compile(r"\b\d{8}-\d{6}-[0-9a-z]{6}\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "MLFLOW"),
    (re.compile(r"(?<= in )(\d+ min )?[\d.]+ m?s\b"), "TIME"),
    (re.compile(r"^( +\d+(?: +\S+){4,11}) +[\d.]+$", re.MULTILINE), r"\1 SECONDS"),
)
"""What differs between two runs of the same command: ids, MLflow's ids, durations, and a trial's seconds."""


def main(arguments: list[str], page: Path = PAGE) -> int:
    """Run the page's commands, and write or check it; gives the exit code."""
    parser = argparse.ArgumentParser(description="Run the commands of the tutorial.")
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs")
    check = parser.parse_args(arguments).check
    before = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="l5tui-tutorial-") as scratch:
        folder = Path(scratch).resolve() / "first-study"
        folder.mkdir()
        after = SESSION.sub(lambda session: f"```console\n{_run_session(session[1], folder)}```", before)
    differing = list(
        difflib.unified_diff(
            _lasting(before), _lasting(after), "the page", "what is printed", lineterm="", n=2
        )
    )
    if not differing:
        return 0
    if check:
        sys.stderr.write("\n".join([*differing, f"{page} is stale; `make docs` runs it anew", ""]))
        return 1
    page.write_text(after, encoding="utf-8")
    return 0


def _run_session(text: str, folder: Path) -> str:
    """A block's commands, each with what it prints now."""
    return "".join(f"$ {command}\n{_printed(command, folder)}" for command in COMMAND.findall(text))


def _printed(command: str, folder: Path) -> str:
    """Standard output of a command of the page, whose further lines begin with ``>``."""
    here = Path(sys.executable).parent
    kept = {
        name: value for name, value in os.environ.items() if name not in ("L5TUI_WORKSPACE", "FORCE_COLOR")
    }
    done = subprocess.run(
        ["sh", "-c", command.replace("\n> ", "\n").replace("\n>", "\n")],
        cwd=folder,
        env=kept | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command} left with {done.returncode}\n{done.stdout}{done.stderr}")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return "".join(f"{line}\n" for line in lines).replace(str(folder), SHOWN_FOLDER)


def _lasting(text: str) -> list[str]:
    """Lines of a page without what differs from run to run."""
    for pattern, name in CHANCE:
        text = pattern.sub(name, text)
    return text.splitlines()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
