"""Where numbers come from: the machine, the process, the code and the versions of what it stands on."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_info

from l5tui.config import Experiment
from l5tui.config.rules import PackageRule
from l5tui.runner.code_state import CODE_GENERATION, code_generation, plug_ins_of, source_digest, source_of
from l5tui.runner.missing_rules import SOURCE
from l5tui.runner.shield import shielded
from l5tui.store.process import process_start_time
from l5tui.store.records import NewRun
from l5tui.version import __version__

PACKAGES = ("numpy", "scipy", "xarray", "netCDF4", "sqlalchemy", "mlflow")
GIT_SECONDS = 5


@dataclass(frozen=True)
class Provenance:
    """Who computed a run, with what.

    Parameters
    ----------
    host : str
    pid : int
    process_started : str or None
    git_commit : str or None
        Commit of the code, where it runs from a repository.
    git_dirty : bool or None
        Whether the code had changes that are not committed.
    versions : mapping of str to str
        Packages, Python, the machine, and the kernel of the linear algebra, which decides the last bits; the
        package of each learning rule that is not l5tui's own, and the packages of its base classes, with the digest and
        the revision of their source; the settings of code generation.
    """

    host: str
    pid: int
    process_started: str | None
    git_commit: str | None
    git_dirty: bool | None
    versions: dict[str, str]


def provenance(experiment: Experiment, other_rules: Iterable[str] = ()) -> Provenance:
    """Return the provenance of what this process computes for an experiment.

    Parameters
    ----------
    experiment : Experiment
    other_rules : iterable of str, optional
        Learning rules that are computed beside the experiment's own, such as those that a study searches.
    """
    rules = dict.fromkeys([experiment.plasticity.rule, *other_rules])
    plug_ins = dict.fromkeys(plug_in for rule in rules for plug_in in plug_ins_of(rule))
    commit, dirty = code_revision(Path(__file__).parents[1])
    return Provenance(
        host=socket.gethostname(),
        pid=os.getpid(),
        process_started=process_start_time(os.getpid()),
        git_commit=commit,
        git_dirty=dirty,
        versions={
            "l5tui": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            "platform": platform.platform(),
            "blas": _linear_algebra(),
            CODE_GENERATION: code_generation(),
            **{name: each for plug_in in plug_ins for name, each in _package_versions(plug_in).items()},
        },
    )


def _package_versions(rule: PackageRule) -> dict[str, str]:
    """Return version, digest of the source, commit and dirty flag of the package of a rule."""
    found = {rule.package: rule.version}
    if (source := source_of(rule)) is None:
        return found
    found[f"{rule.package}{SOURCE}"] = source_digest(source)
    commit, dirty = (
        code_revision(source.parent, source.name, source.name) if source.is_file() else code_revision(source)
    )
    if commit is not None:
        found[f"{rule.package} commit"] = f"{commit}{' with changes' if dirty else ''}"
    return found


def code_revision(
    package: Path, tracked: str = "__init__.py", scope: str = "."
) -> tuple[str | None, bool | None]:
    """Return commit and dirty flag of the repository that a package is tracked in; None where there is none.

    Parameters
    ----------
    package : Path
        Folder.
    tracked : str, optional
        A file in it that has to be in the repository.
    scope : str, optional
        The path in it whose changes count.
    """
    if _git(package, "ls-files", "--error-unmatch", tracked) is None:
        return None, None
    status = _git(package, "status", "--porcelain=v2", "--branch", "--untracked-files=no", "--", scope)
    if status is None:
        return None, None
    lines = status.splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), "")
    return (commit if commit != "(initial)" else None), any(not line.startswith("#") for line in lines)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _linear_algebra() -> str:
    # It looks for libraries by callbacks from C, which lose an interrupt.
    with shielded():
        libraries = [info for info in threadpool_info() if info.get("user_api") == "blas"]
    # Some packages bring one of their own, which is loaded in some processes and does not multiply here.
    own = [info for info in libraries if "numpy" in Path(info["filepath"]).parent.name]
    return ", ".join(
        f"{info.get('internal_api')} {info.get('version')} {info.get('architecture') or ''}".strip()
        for info in own or libraries
    )


def new_run(experiment: Experiment, toml: str, made_by: Provenance, group_id: str | None) -> NewRun:
    """Return the row of a run that this process begins.

    Parameters
    ----------
    experiment : Experiment
    toml : str
        The resolved configuration.
    made_by : Provenance
    group_id : str or None
        Of the group that the run is a member of.
    """
    return NewRun(
        name=experiment.name,
        seed=experiment.seed,
        hash=experiment.hash,
        toml=toml,
        variant=experiment.variant,
        rule=experiment.plasticity.rule,
        notes=experiment.notes,
        tags=experiment.tags,
        host=made_by.host,
        pid=made_by.pid,
        process_started=made_by.process_started,
        git_commit=made_by.git_commit,
        git_dirty=made_by.git_dirty,
        versions=made_by.versions,
        group_id=group_id,
    )
