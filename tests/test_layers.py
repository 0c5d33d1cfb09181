"""Who may import whom: the layers of the package, in one direction."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import l5tui

PACKAGE = Path(l5tui.__file__).parent

BELOW: dict[str, set[str]] = {
    "version": set(),
    "errors": set(),
    "text": set(),
    "workspace": {"errors"},
    "config": {"errors"},
    "model": {"config", "errors"},
    "analysis": {"model", "config", "errors"},
    "figures": {"analysis", "model", "config", "errors"},
    "store": {"analysis", "config", "errors", "workspace"},
    "tracking": {"analysis", "config", "errors", "workspace"},
    "runner": {"store", "tracking", "figures", "analysis", "model", "config", "errors", "text", "workspace"},
    "tuning": {
        "runner",
        "store",
        "tracking",
        "figures",
        "analysis",
        "model",
        "config",
        "errors",
        "text",
        "workspace",
    },
    "cli": {"tui", "runner", "tuning", "analysis", "config", "errors", "text", "workspace"},
    "tui": {"runner", "tuning", "analysis", "config", "errors", "text", "workspace"},
    "notebook": {"runner", "tuning", "figures", "analysis", "model", "config", "errors", "text", "workspace"},
    "__main__": {"cli"},
    "__init__": {"notebook", "runner", "config", "errors", "workspace"},
}
"""What each part may import besides itself and the package's version."""

NUMBERS_ONLY = {"numpy", "scipy", "numba", "llvmlite"}
"""All that the model needs from others; llvmlite is numba's own."""

SLOW = (
    "mlflow",
    "matplotlib",
    "xarray",
    "scipy",
    "numba",
    "pandas",
    "alembic",
    "netCDF4",
    "h5py",
    "sqlalchemy.orm",
)
"""What no command should wait for that does not need it."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(module: Path) -> str:
    """The part of the package that a file belongs to."""
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(module: Path) -> Iterator[str]:
    """The dotted name of everything that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides its layer"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(module: Path) -> None:
    part = part_of(module)
    own = {name.split(".")[1] for name in imports(module) if name.startswith("l5tui.")}

    assert part in BELOW, f"{part} has no place among the layers"
    assert own - {part, "version"} <= BELOW[part]


def test_the_table_has_no_circles() -> None:
    for part, below in BELOW.items():
        assert all(part not in BELOW[other] for other in below)


@pytest.mark.parametrize(
    "module", [path for path in MODULES if part_of(path) == "model"], ids=lambda path: path.stem
)
def test_the_model_needs_nothing_but_numbers(module: Path) -> None:
    others = {name.split(".")[0] for name in imports(module)} - sys.stdlib_module_names - {"l5tui"}

    assert others <= NUMBERS_ONLY


@pytest.mark.parametrize(
    "module", [path for path in MODULES if part_of(path) == "model"], ids=lambda path: path.stem
)
def test_the_model_neither_prints_nor_reads_files_nor_draws_from_global_randomness(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    from_numpy = {node.attr for node in attributes if ast.unparse(node.value) == "np.random"}

    assert not called & {"print", "open", "input"}
    assert from_numpy <= {"default_rng", "SeedSequence", "Generator"}


def test_the_command_line_starts_without_what_is_slow_to_import() -> None:
    script = "import sys, l5tui.cli.main; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())

    assert "l5tui.cli.main" in loaded
    assert not loaded & set(SLOW)


def test_the_model_alone_loads_no_storage_or_drawing() -> None:
    script = "import sys, l5tui.model; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert not set(done.stdout.split()) & {
        "mlflow",
        "matplotlib",
        "xarray",
        "pandas",
        "sqlalchemy",
        "textual",
        "typer",
    }


def real_imports() -> dict[str, set[str]]:
    """What each part imports from others, read from the files."""
    found: dict[str, set[str]] = {}
    for module in MODULES:
        names = {name.split(".")[1] for name in imports(module) if name.startswith("l5tui.")}
        found.setdefault(part_of(module), set()).update(names - {part_of(module), "version"})
    return found


def reach(graph: dict[str, set[str]], part: str) -> set[str]:
    """All parts that one stands on, by any number of steps."""
    return graph[part].union(*(reach(graph, below) for below in graph[part]))


def test_the_diagram_is_what_the_files_import() -> None:
    """An arrow for each import, but for those that follow from other arrows."""
    page = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    diagram = page.partition("```mermaid\n")[2].partition("```")[0]
    arrows = {
        (part, below)
        for line in diagram.splitlines()
        if "-->" in line
        for part in line.partition("-->")[0].split("&")
        for below in line.partition("-->")[2].split("&")
    }
    graph = real_imports()

    needed = {
        (part, below)
        for part, parts_below in graph.items()
        for below in parts_below
        if not any(below in reach(graph, other) for other in parts_below - {below})
    }
    assert {(part.strip(), below.strip()) for part, below in arrows} == {
        edge for edge in needed if not edge[0].startswith("__")
    }
