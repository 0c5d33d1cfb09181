"""Breaks single lines of the package on purpose, in a copy, and counts how many such faults the tests notice.

python benchmarks/mutation.py                   100 faults in model/, analysis/ and store/, the same ones every time
python benchmarks/mutation.py --sample 30 --packages analysis --seconds 60
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

from l5tui.runner.processors import processor_count

ROOT = Path(__file__).parents[1]
PACKAGES = ("model", "analysis", "store")
USERS = {
    "model": ("analysis", "runner"),
    "analysis": ("figures", "tuning", "runner"),
    "store": ("runner",),
}
"""Packages whose tests run as well if those of a fault's own package do not detect it."""
COPIED = (
    "l5tui",
    "tests",
    "experiments",
    "docs",
    "benchmarks",
    "pyproject.toml",
    "README.md",
    "ARCHITECTURE.md",
)
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["numpy", "scipy.stats", "pandas", "xarray", "netCDF4", "numba", "pytest"])
"""Tests start within milliseconds where what they import is there already."""

PAIRS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.Div)),
)
FLIPPED: dict[type[ast.AST], Any] = dict(PAIRS) | {after: before for before, after in PAIRS}
"""What each operator becomes."""

HARMLESS = ("strict", "frozen", "slots", "kw_only", "order", "copy")
"""Arguments that no result depends on, as long as the code that gives them is right."""


@dataclass(frozen=True)
class Fault:
    """One change of one line."""

    file: str
    line: int
    what: str
    text: str
    """The whole file with the fault in it."""

    @property
    def package(self) -> str:
        """Whose tests should notice."""
        return Path(self.file).parts[1]


def main(arguments: list[str]) -> int:
    """Try a sample of faults, report each, and count; return the exit code."""
    options = _options(arguments)
    faults = sample(options.packages, options.sample, options.seed)
    caught = 0
    with tempfile.TemporaryDirectory(prefix="l5tui-mutation-") as scratch:
        trees: Queue[Path] = Queue()
        for number in range(options.workers):
            trees.put(_copy(Path(scratch) / str(number)))
        limits = {
            part: _limit(part, trees.queue[0], options.seconds)
            for part in dict.fromkeys(
                [*options.packages, *(user for each in options.packages for user in USERS[each])]
            )
        }
        with ThreadPoolExecutor(options.workers) as executor:
            outcomes = executor.map(lambda fault: _outcome(fault, trees, limits), faults)
            for fault, outcome in zip(faults, outcomes, strict=True):
                caught += outcome != "survived"
                print(f"{outcome:9} {fault.file}:{fault.line}  {fault.what}", flush=True)
    print(f"{caught} of {len(faults)} faults were noticed")
    return 0


def sample(packages: list[str], many: int, seed: int) -> list[Fault]:
    """Faults in different lines, drawn from all that there are."""
    files = [file for package in packages for file in sorted((ROOT / "l5tui" / package).rglob("*.py"))]
    by_line: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for file in files:
        if "migrations" not in file.parts:
            for position, node in enumerate(_nodes(ast.parse(file.read_text(encoding="utf-8")))):
                for change in _changes(node):
                    place = (file.relative_to(ROOT).as_posix(), getattr(node, "lineno", 0))
                    by_line.setdefault(place, []).append((position, change))
    chance = random.Random(seed)
    lines = chance.sample(sorted(by_line), min(many, len(by_line)))
    return [_fault(*line, *chance.choice(by_line[line])) for line in sorted(lines)]


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """Every node that a result may depend on."""
    kept: list[ast.AST] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        kept.append(node)
        for name, value in ast.iter_fields(node):
            within = value if isinstance(value, list) else [value]
            if name not in ("decorator_list", "annotation", "returns"):
                waiting += [each for each in within if isinstance(each, ast.AST) and not _is_harmless(each)]
    return kept


def _is_harmless(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg in HARMLESS


def _fault(file: str, line: int, position: int, change: str) -> Fault:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    node = _nodes(tree)[position]
    before = _shown(node)
    _apply(node, change)
    after = "removed" if change == "remove" else _shown(node)
    return Fault(file, line, f"{before}  →  {after}", ast.unparse(ast.fix_missing_locations(tree)))


def _changes(node: ast.AST) -> Iterator[str]:
    """Names of what can be done to a node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in FLIPPED:
        yield "compare"
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign) and type(node.op) in FLIPPED:
        if not (isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant | ast.JoinedStr)):
            yield "operator"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not"
    elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
        yield "constant"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "remove"


def _apply(node: ast.AST, change: str) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = FLIPPED[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign):
        node.op = FLIPPED[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1  # type: ignore[operator]
    elif isinstance(node, ast.Expr) and change == "remove":
        node.value = ast.Constant(value=None)


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:57]}..."


def _outcome(fault: Fault, trees: Queue[Path], limits: dict[str, float]) -> str:
    """Whether the tests of its package notice a fault, or those of the packages that use it."""
    tree = trees.get()
    whole = (ROOT / fault.file).read_text(encoding="utf-8")
    # Kernels of each mutated source have a folder of their own, which is not needed again.
    kernels = (tree / fault.file).parent / "__pycache__"
    try:
        (tree / fault.file).write_text(fault.text, encoding="utf-8")
        shutil.rmtree(kernels, ignore_errors=True)
        for part in (fault.package, *USERS[fault.package]):
            code = _tests(part, tree, limits[part], Path(fault.file).stem)
            if code != 0:
                break
    finally:
        (tree / fault.file).write_text(whole, encoding="utf-8")
        shutil.rmtree(kernels, ignore_errors=True)
        trees.put(tree)
    return {None: "timed out", 0: "survived"}.get(code, "caught")


def _limit(package: str, tree: Path, seconds: float) -> float:
    """Time for a package's tests: the option, or three times what they take without a fault."""
    began = time.monotonic()
    if code := _tests(package, tree, 3600.0):
        raise SystemExit(f"the tests of {package} fail without any fault, with {code}")
    return seconds or 3 * (time.monotonic() - began)


def _tests(package: str, tree: Path, limit: float, first: str = "") -> int | None:
    """Exit code of a package's tests, those of a module first; none where they took too long."""
    likely = (
        [f"tests/{package}/test_{first}.py"] if (tree / f"tests/{package}/test_{first}.py").is_file() else []
    )
    process = FORKS.Process(target=_be_pytest, args=(tree, [*likely, f"tests/{package}"]))
    process.start()
    process.join(limit)
    if process.is_alive():
        # What the tests had started goes with them.
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        return None
    return process.exitcode


def _be_pytest(tree: Path, tests: list[str]) -> None:
    """Run tests of a tree in this process, which has everything but l5tui imported already."""
    os.setsid()
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    os.environ["PYTHONPATH"] = str(tree)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(silence, descriptor)
    import pytest

    options = ["-x", "-q", "-p", "no:xdist", "-m", "not slow", "-p", "no:cacheprovider"]
    os._exit(int(pytest.main([*options, *tests])))


def _copy(tree: Path) -> Path:
    tree.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy(source, tree)
    return tree


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How many faults do the tests notice?")
    parser.add_argument("--sample", type=int, default=100, help="faults to try")
    parser.add_argument("--packages", nargs="+", default=list(PACKAGES), choices=PACKAGES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=processor_count(), help="at the same time")
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="limit of a fault; 0: from a run without any"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
