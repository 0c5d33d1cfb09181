"""What the code of a run is made of beside l5tui: the source of its rule's package, settings of code generation."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Set
from contextlib import suppress
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Final

from l5tui.config.rules import PackageRule, package_rule, rule_class
from l5tui.errors import ConfigError

CODE_GENERATION: Final = "code generation"
"""Key of `code_generation` among a run's versions; runs of earlier versions lack it."""

SETTINGS: Final = (
    "NUMBA_CPU_NAME",
    "NUMBA_CPU_FEATURES",
    "NUMBA_OPT",
    "NUMBA_LOOP_VECTORIZE",
    "NUMBA_SLP_VECTORIZE",
    "NUMBA_ENABLE_AVX",
    "NUMBA_DISABLE_INTEL_SVML",
    "NUMBA_DISABLE_JIT",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "BLIS_ARCH_TYPE",
)
"""Environment variables that decide which instructions compute the numbers, and so their last bits."""

SOURCES: Final = frozenset(
    {".py", ".pyx", ".pxd", ".c", ".cpp", ".h", ".so", ".pyd", ".json", ".toml", ".npy"}
)


def code_generation() -> str:
    """Return the settings of code generation that differ from the default, as ``NAME=value``."""
    found = [f"{name}={value}" for name in SETTINGS if (value := os.environ.get(name))]
    return ", ".join(found) or "default"


def plug_ins_of(rule: str) -> list[PackageRule]:
    """Return the installed packages whose code a learning rule consists of, its own first; none for l5tui's rules.

    Parameters
    ----------
    rule : str
        Its base classes may be in other packages, which are then named as well.
    """
    own = package_rule(rule)
    if own is None:
        return []
    found = {own.path.partition(":")[0].partition(".")[0]: own}
    with suppress(ConfigError):
        for base in getattr(rule_class(rule), "__mro__", ()):
            top = str(base.__module__).partition(".")[0]
            if top not in found and top != "l5tui" and top not in sys.stdlib_module_names:
                found[top] = _installed(base, top)
    return [*found.values()]


def _installed(base: type, top: str) -> PackageRule:
    """Return the package of a class; for a module that is not installed, the module's own name."""
    path = f"{base.__module__}:{base.__qualname__}"
    names = packages_distributions().get(top)
    return (
        PackageRule(path, names[0], version(names[0])) if names else PackageRule(path, top, "not installed")
    )


def source_of(rule: PackageRule) -> Path | None:
    """Return the folder of the package, or the file of the module, that a rule's class is in.

    The code is not imported. None where it is not on the disk as files.
    """
    name = rule.path.partition(":")[0].partition(".")[0]
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin and Path(spec.origin).is_file() else None


def source_digest(source: Path, suffixes: Set[str] = SOURCES) -> str:
    """Return the SHA-256, in hexadecimal, of the names and contents of a package's source files.

    Parameters
    ----------
    source : Path
        Folder of a package, or file of a module.
    suffixes : set of str, optional
        Of the files that count.
    """
    digest = hashlib.sha256()
    files = [source] if source.is_file() else sorted(source.rglob("*"))
    for file in files:
        if file.suffix in suffixes and file.is_file() and "__pycache__" not in file.parts:
            name = file.relative_to(source.parent).as_posix()
            digest.update(f"{name}\0{file.stat().st_size}\0".encode(errors="surrogateescape"))
            digest.update(file.read_bytes())
    return digest.hexdigest()
