"""Who may import whom: the layers of the package, in one direction."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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


MODEL = [module for module in MODULES if part_of(module) == "model"]


@cache
def imports(module: Path) -> tuple[str, ...]:
    """The dotted name of everything that a file imports, inside functions too."""
    names: list[str] = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides its layer"
            names += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(names)


def test_imports_point_downwards() -> None:
    faults = []
    for module in MODULES:
        part = part_of(module)
        own = {name.split(".")[1] for name in imports(module) if name.startswith("l5tui.")}
        if part not in BELOW:
            faults.append(f"{module}: {part} has no place among the layers")
        elif too_high := own - {part, "version"} - BELOW[part]:
            faults.append(f"{module}: imports {', '.join(sorted(too_high))}")

    assert not faults, "\n".join(faults)


def test_the_table_has_no_circles() -> None:
    for part, below in BELOW.items():
        assert all(part not in BELOW[other] for other in below)


def test_the_model_needs_nothing_but_numbers() -> None:
    allowed = NUMBERS_ONLY | sys.stdlib_module_names | {"l5tui"}
    others = {
        module.name: foreign
        for module in MODEL
        if (foreign := {name.split(".")[0] for name in imports(module)} - allowed)
    }

    assert len(MODEL) > 20
    assert not others


def test_the_model_neither_prints_nor_reads_files_nor_draws_from_global_randomness() -> None:
    faults = []
    for module in MODEL:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        from_numpy = {node.attr for node in attributes if ast.unparse(node.value) == "np.random"}
        wrong = called & {"print", "open", "input"}
        wrong |= from_numpy - {"default_rng", "SeedSequence", "Generator"}
        faults += [f"{module}: {name}" for name in sorted(wrong)]

    assert not faults, "\n".join(faults)


def test_the_command_line_starts_without_what_is_slow_to_import() -> None:
    script = "import sys, l5tui.cli.main; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())

    assert "l5tui.cli.main" in loaded
    assert not loaded & set(SLOW)


def test_the_model_alone_loads_no_storage_or_drawing() -> None:
    script = """
import importlib, pkgutil, sys
import l5tui.model
for module in pkgutil.walk_packages(l5tui.model.__path__, "l5tui.model."):
    importlib.import_module(module.name)
print(*sys.modules, sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())

    assert {dotted(module) for module in MODULES if part_of(module) == "model"} <= loaded
    assert not loaded & {
        "mlflow",
        "matplotlib",
        "xarray",
        "pandas",
        "sqlalchemy",
        "textual",
        "typer",
    }


def dotted(module: Path) -> str:
    """The name by which a file is imported."""
    names = module.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def module_graph() -> dict[str, set[str]]:
    """What each module imports of the package: at its head, inside functions, and for types alone."""
    names = {dotted(module) for module in MODULES}

    def module_of(name: str) -> str:
        return name if name in names else module_of(name.rpartition(".")[0])

    return {
        dotted(module): {module_of(name) for name in imports(module) if f"{name}.".startswith("l5tui.")}
        - {dotted(module)}
        for module in MODULES
    }


def way_back(graph: dict[str, set[str]], start: str) -> list[str]:
    """The shortest way from a module along imports back to itself; empty if there is none."""
    ways: dict[str, list[str]] = {start: [start]}
    queue = [start]
    for module in queue:
        for below in sorted(graph[module]):
            if below == start:
                return [*ways[module], start]
            if below not in ways:
                ways[below] = [*ways[module], below]
                queue.append(below)
    return []


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Circles of imports, each once: the shortest through each module that lies on one."""
    found: dict[frozenset[str], str] = {}
    for module in sorted(graph):
        if way := way_back(graph, module):
            found.setdefault(frozenset(way), " → ".join(way))
    return list(found.values())


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(module_graph()) == []


def test_circles_are_found_with_their_paths() -> None:
    graph = {"a": {"b", "d"}, "b": {"c"}, "c": {"a"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}

    assert circles(graph) == ["a → b → c → a", "d → e → d"]


DEFERRED = {
    *(
        "numpy",
        "scipy",
        "xarray",
        "numba",
        "llvmlite",
        "matplotlib",
        "mlflow",
        "pandas",
        "sqlalchemy",
        "alembic",
    ),
    *(
        "netCDF4",
        "h5py",
        "sklearn",
        "bayes_opt",
        "textual",
        "textual_plot",
        "distributed",
        "dask",
        "SALib",
        "filelock",
        "tomlkit",
    ),
}
"""Libraries that are slow to import, and may be imported inside functions."""

ENTRIES = {
    "l5tui.cli.main": "takes signals before it imports the commands",
    "l5tui.cli.commands": "lists the commands without what they or the app need",
    "l5tui.tui.start": "opens the app before the configuration is imported",
    "l5tui.tui.app": "paints before the configuration is imported",
}
"""Modules that run before everything else: quick imports of l5tui's own are deferred here too, and why."""

MOST_DEFERRED = 235
"""In-function imports of the package; lower it as their number falls."""


def head_imports(module: Path) -> Iterator[str]:
    """The dotted name of what importing a file imports, but for what is for types alone."""
    waiting: list[ast.AST] = [ast.parse(module.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting.extend(ast.iter_child_nodes(node))


def deferred_imports(module: Path) -> Iterator[tuple[int, list[str]]]:
    """The line and the dotted names of each import inside a function."""
    functions = [
        node
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    found: dict[int, list[str]] = {}
    for node in (each for function in functions for each in ast.walk(function)):
        if isinstance(node, ast.Import):
            found[node.lineno] = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found[node.lineno] = [f"{node.module}.{alias.name}" for alias in node.names]
    yield from sorted(found.items())


def slow_modules() -> set[str]:
    """Modules of l5tui whose import imports a slow library, directly or through others."""
    names = {dotted(module) for module in MODULES}

    def module_of(name: str) -> str:
        return name if name in names else module_of(name.rpartition(".")[0])

    heads = {dotted(module): set(head_imports(module)) for module in MODULES}
    slow = {module for module, found in heads.items() if {name.split(".")[0] for name in found} & DEFERRED}
    below = {
        module: {module_of(name) for name in found if f"{name}.".startswith("l5tui.")}
        for module, found in heads.items()
    }
    while more := {module for module, found in below.items() if found & slow} - slow:
        slow |= more
    return slow


def is_slow(name: str, slow: set[str]) -> bool:
    """Whether importing a dotted name takes long."""
    top, _, _ = name.partition(".")
    return top in DEFERRED or (top == "l5tui" and (name in slow or name.rpartition(".")[0] in slow))


def test_only_what_is_slow_to_import_is_imported_inside_functions() -> None:
    """Everything else stands at the head of its file, where it is seen."""
    slow = slow_modules()
    quick = [
        f"{module.relative_to(PACKAGE)}:{line}: {', '.join(names)}"
        for module in MODULES
        if dotted(module) not in ENTRIES
        for line, names in deferred_imports(module)
        # Only Unix has it.
        if names != ["resource"] and not any(is_slow(name, slow) for name in names)
    ]
    assert quick == []


def test_imports_inside_functions_do_not_become_more() -> None:
    assert sum(len(list(deferred_imports(module))) for module in MODULES) <= MOST_DEFERRED


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
