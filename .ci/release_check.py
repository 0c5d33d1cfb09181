"""Builds the archives that a release consists of, and uses the wheel as a new user would.

python .ci/release_check.py    leaves both archives in dist/; needs the extra `release`
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "L5TUI_WORKSPACE", "PIP_CONSTRAINT")
"""Variables that would let the repository, or another environment, into what is checked."""


class CheckError(Exception):
    """A step did not come out as it has to."""


def main() -> int:
    """Take every step; gives the exit code."""
    with tempfile.TemporaryDirectory(prefix="l5tui-release-") as scratch:
        folder = Path(scratch)
        steps: list[tuple[str, Callable[[], str]]] = [
            ("build", build),
            ("twine check", check_metadata),
            ("wheel's files", check_wheel),
            ("sdist's files", check_sdist),
            ("install", lambda: install(folder)),
            ("l5tui --version, --help", lambda: check_help(folder)),
            ("l5tui init", lambda: init(folder)),
            ("l5tui check", lambda: check_experiments(folder)),
            ("l5tui run", lambda: run(folder)),
            ("l5tui runs", lambda: list_runs(folder)),
        ]
        for name, step in steps:
            began = time.monotonic()
            try:
                output = step()
            except CheckError as fault:
                sys.stderr.write(f"FAILED  {name}: {fault}\n")
                return 1
            sys.stdout.write(f"ok  {name}: {output} ({time.monotonic() - began:.0f} s)\n")
            sys.stdout.flush()
    return 0


def build() -> str:
    """The sdist from the tree, and the wheel from the sdist."""
    for old in DIST.glob("l5tui-*"):
        old.unlink()
    call([sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT)], ROOT)
    return f"{archive('.tar.gz').name} and {archive('.whl').name}"


def check_metadata() -> str:
    """What the package index would say of them."""
    output = call(
        [sys.executable, "-m", "twine", "check", "--strict", str(archive(".tar.gz")), str(archive(".whl"))],
        ROOT,
    )
    need(output.count("PASSED") == 2, output)
    return "both pass"


def check_wheel() -> str:
    """The package and the ready experiments, all of them, and nothing else."""
    expected = {name for name in tracked() if name.startswith("l5tui/")}
    ready = {f"l5tui/ready_{name}" for name in tracked() if name.startswith("experiments/")}
    with zipfile.ZipFile(archive(".whl")) as wheel:
        found = {name for name in wheel.namelist() if not re.match(r"l5tui-[^/]*\.dist-info/", name)}
        entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        need("l5tui.cli.main:main" in wheel.read(entry_points).decode(), "the command is missing")
    same(found, expected | ready)
    return f"{len(expected)} of the package, {len(ready)} ready experiments, no other"


def check_sdist() -> str:
    """Nothing that is not kept in the repository, but the metadata."""
    with tarfile.open(archive(".tar.gz")) as sdist:
        found = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    stray = found - set(tracked()) - {"PKG-INFO"}
    need(not stray, f"stray: {', '.join(sorted(stray))}")
    need(
        {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"} <= found,
        "a page or the licence is missing",
    )
    return f"{len(found)} files, none stray"


def install(folder: Path) -> str:
    """The wheel, in an environment of its own outside the repository."""
    call([sys.executable, "-m", "venv", str(folder / "venv")], folder)
    pip = ["-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    constraint = ["--constraint", str(ROOT / "constraints.txt")]
    call([str(folder / "venv" / "bin" / "python"), *pip, *constraint, str(archive(".whl"))], folder)
    where = "import l5tui; print(l5tui.__file__)"
    found = Path(call([str(folder / "venv" / "bin" / "python"), "-c", where], folder).strip())
    need(found.is_relative_to(folder), f"l5tui was imported from {found}")
    return "into a clean environment"


def check_help(folder: Path) -> str:
    """Version and help, without a workspace."""
    version = archive(".whl").name.split("-")[1]
    need(l5tui(folder, folder, "--version") == f"l5tui {version}\n", "another version")
    output = l5tui(folder, folder, "--help")
    for command in ("run", "runs", "show", "tune", "compare-rules", "init"):
        need(re.search(rf"^  {command} +\S", output, re.MULTILINE) is not None, f"--help lacks {command}")
    return version


def init(folder: Path) -> str:
    """A workspace in an empty folder."""
    empty = folder / "empty"
    empty.mkdir()
    ready = [name for name in tracked() if name.startswith("experiments/")]
    output = l5tui(folder, empty, "init", ".")
    need(output == f"{empty.resolve()}: a workspace with {len(ready)} experiments\n", output)
    for name in ready:
        need((empty / name).read_bytes() == (ROOT / name).read_bytes(), f"{name} is not the repository's")
    return f"{len(ready)} experiments"


def check_experiments(folder: Path) -> str:
    """None of the ready experiments has a fault."""
    files = sorted((folder / "empty" / "experiments").glob("*.toml"))
    for file in files:
        l5tui(folder, folder / "empty", "check", str(file))
    return f"{len(files)} experiments, no fault"


def run(folder: Path) -> str:
    """The small experiment, with its file, row and MLflow run."""
    output = l5tui(folder, folder / "empty", "run", "--headless", "experiments/quickstart.toml")
    for line in (
        r"^DS +before( +\d\.\d{3} ± \d\.\d{3}){4}$",
        r"^Loss \d",
        r"^  file: .+\.nc$",
        r"^  MLflow run: \w",
    ):
        need(re.search(line, output, re.MULTILINE) is not None, f"no line {line} in\n{output}")
    done = re.search(r"^Run (\S+) \(quickstart\) completed in (.+)$", output, re.MULTILINE)
    need(done is not None and (folder / "empty" / "store" / "runs" / f"{done[1]}.nc").is_file(), output)
    return f"quickstart completed in {done[2] if done else ''}"


def list_runs(folder: Path) -> str:
    """The one run, completed."""
    heading, *rows = l5tui(folder, folder / "empty", "runs").splitlines()
    need(heading.split() == ["run", "status", "rule", "seed", "loss", "name"], heading)
    need(
        len(rows) == 1 and rows[0].split()[1] == "completed" and rows[0].split()[-1] == "quickstart",
        str(rows),
    )
    return "one run, completed"


def l5tui(folder: Path, where: Path, *words: str) -> str:
    """What an installed command prints."""
    return call([str(folder / "venv" / "bin" / "l5tui"), *words], where)


def call(command: list[str], where: Path) -> str:
    """Standard output of a command that has to succeed."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    done = subprocess.run(
        command,
        cwd=where,
        env=environment | {"COLUMNS": "80", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    need(done.returncode == 0, f"{' '.join(command)} left with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def archive(ending: str) -> Path:
    """The one archive of a kind."""
    found = list(DIST.glob(f"l5tui-*{ending}"))
    need(len(found) == 1, f"{len(found)} files end in {ending}")
    return found[0]


def tracked() -> list[str]:
    """Every file that the repository keeps."""
    git = shutil.which("git")
    need(git is not None, "git is needed to list the files that belong to the project")
    return call([str(git), "ls-files"], ROOT).splitlines()


def same(found: set[str], expected: set[str]) -> None:
    """Fail where two sets of files differ."""
    need(found >= expected, f"missing: {', '.join(sorted(expected - found))}")
    need(found <= expected, f"stray: {', '.join(sorted(found - expected))}")


def need(condition: bool, what: str) -> None:
    """Fail unless a condition holds."""
    if not condition:
        raise CheckError(what.strip())


if __name__ == "__main__":
    sys.exit(main())
