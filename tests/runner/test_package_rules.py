"""Rules of other packages, and the page on adding one, whose code is what is tested here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import l5tui as l5tui_in_python
from l5tui.cli.commands import app
from l5tui.config.rules import BUILT_IN, rule_class, rule_names, rules_of_packages
from l5tui.config.schema import parameter_paths, parameters
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError
from l5tui.runner.code_state import source_digest
from l5tui.runner.provenance import provenance
from l5tui.runner.rerun import rerun, verify
from l5tui.runner.rule_comparison import compare_rules
from l5tui.runner.run import run_experiment
from l5tui.runner.stored_run import stored_experiment
from l5tui.runner.weights import weights_at
from l5tui.store.netcdf import open_run
from l5tui.workspace import Workspace
from tests.cli.processes import l5tui
from tests.tuning.searches import search, study_toml
from tests.workspaces import TINY

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-rule.md"
FILE, LINE, TEST = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

Install = Callable[..., Path]


def forget() -> None:
    """Look at installed packages again, as a new process would."""
    for found in (rules_of_packages, rule_class, parameters, parameter_paths):
        found.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs the package my_rules, as pip would leave it, into a folder of its own."""
    site = tmp_path / "site"
    site.mkdir()

    def put(code: str = FILE, entries: str = "subtractive = my_rules:Subtractive") -> Path:
        (site / "my_rules.py").write_text(code, encoding="utf-8")
        described = site / "my_rules-2.5.dist-info"
        described.mkdir(exist_ok=True)
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: my-rules\nVersion: 2.5\n")
        (described / "entry_points.txt").write_text(f"[l5tui.rules]\n{entries}\n")
        monkeypatch.syspath_prepend(str(site))
        forget()
        return site

    yield put
    sys.modules.pop("my_rules", None)
    monkeypatch.undo()
    forget()


def with_rule(rule: str, **plasticity: Any) -> dict[str, Any]:
    data = parse_toml(TINY)
    data["plasticity"] = {**data["plasticity"], "rule": rule, **plasticity}
    return data


def test_the_pages_line_registers_the_pages_file() -> None:
    name, module, class_name = re.fullmatch(r' *"(\w+)": "([\w.]+):(\w+)",\n', LINE).groups()  # type: ignore[union-attr]

    assert f"`{module.replace('.', '/')}.py`" in PAGE.read_text(encoding="utf-8")
    assert f"class {class_name}(Rule):" in FILE
    assert f'"rule": "{name}"' in TEST


@pytest.mark.parametrize("neurons", ["all", "excitatory", "inhibitory"])
def test_the_pages_test_of_its_rule(install: Install, neurons: str) -> None:
    install()
    tests: dict[str, Any] = {}
    exec(compile(TEST, str(PAGE), "exec"), tests)

    tests["test_the_total_strength_of_a_neurons_synapses_stays"](neurons)


def test_a_rule_of_a_package_is_one_of_the_choices(install: Install) -> None:
    install()
    rule = next(known for known in parameters() if known.path == "plasticity.rule")

    assert rule.choices == rule_names() == ("none", *BUILT_IN, "subtractive")
    assert '"subtractive"' in rule.allowed
    with pytest.raises(ConfigError, match='did you mean "subtractive"'):
        validate(with_rule("subtractiv"))


def test_a_rule_of_a_package_is_run_kept_replayed_and_compared(
    install: Install, workspace: Workspace
) -> None:
    install()
    toml = TINY.replace("[recording]", '[recording]\nweights = "factors"').replace(
        "[plasticity]", '[plasticity]\nrule = "subtractive"'
    )
    report = run_experiment(validate(parse_toml(toml)), toml, workspace)
    assert (report.record.status, report.record.rule) == ("completed", "subtractive")
    assert report.record.versions["my-rules"] == "2.5"
    file = workspace.root / str(report.record.file)
    steps = int(open_run(file, ["steps"])["steps"][0])
    np.testing.assert_allclose(
        weights_at(file, 0, 90, steps),
        open_run(file, ["final_weights"])["final_weights"].sel(realization=0, direction=90),
        atol=1e-6,
    )

    comparison = compare_rules(TINY, workspace, rules=["subtractive"])
    assert [record.rule for record in comparison.records] == ["none", "subtractive"]
    assert any(effect.rule == "subtractive" and effect.change != 0 for effect in comparison.effects)


def git(folder: Path, *arguments: str) -> str:
    """Run git without the settings of this machine."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=A", "-c", "user.email=a@b.invalid"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=True
    ).stdout


def test_a_run_has_the_commit_of_its_rules_package_and_whether_it_was_changed(install: Install) -> None:
    site = install()
    experiment = validate(with_rule("subtractive"))
    assert "my-rules commit" not in provenance(experiment).versions
    git(site, "init", "-q")
    git(site, "add", ".")
    git(site, "commit", "-q", "-m", "first")
    commit = git(site, "rev-parse", "HEAD").strip()
    clean = provenance(experiment).versions
    assert clean["my-rules commit"] == commit
    assert clean["my-rules"] == "2.5"

    (site / "my_rules.py").write_text(f"{FILE}\n# edited\n")
    dirty = provenance(experiment).versions
    assert dirty["my-rules commit"] == f"{commit} with changes"
    assert dirty["my-rules source"] != clean["my-rules source"]

    git(site, "commit", "-q", "-a", "-m", "second")
    later = provenance(experiment).versions["my-rules commit"]
    assert later == git(site, "rev-parse", "HEAD").strip() != commit
    # A change elsewhere in the repository is none of the package's: it is a single module.
    (site / "other.py").write_text("")
    git(site, "add", "other.py")
    assert provenance(experiment).versions["my-rules commit"] == later


def test_every_package_whose_code_is_computed_has_its_source_recorded(
    install: Install, workspace: Workspace
) -> None:
    site = install()
    (site / "base_of_rules.py").write_text(FILE.replace("class Subtractive", "class Base"))
    install(
        "from base_of_rules import Base\n\n\nclass Derived(Base):\n    pass\n",
        "derived = my_rules:Derived",
    )
    versions = provenance(validate(with_rule("derived"))).versions
    assert versions["base_of_rules source"] == source_digest(site / "base_of_rules.py")
    assert versions["my-rules source"] == source_digest(site / "my_rules.py")
    names = [name for name in versions if name.endswith(" source")]
    assert names == ["my-rules source", "base_of_rules source"]
    sys.modules.pop("base_of_rules")

    # A study computes the rules that it searches, whatever the rule of its experiment is.
    space = '[tuning.space]\n"plasticity.rule" = ["oja", "derived"]\n'
    toml = study_toml("grid", trials=2, space=space)
    report = search(workspace, toml)
    assert {trial.status for trial in report.trials} == {"completed"}
    assert report.record.versions["my-rules source"] == source_digest(site / "my_rules.py")


def test_an_edited_package_is_reported_by_verify_and_a_missing_one_once(
    install: Install, workspace: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = install()
    toml = TINY.replace("[plasticity]", '[plasticity]\nrule = "subtractive"')
    original = run_experiment(validate(parse_toml(toml)), toml, workspace).record
    source = site / "my_rules.py"
    source.write_text(f"{FILE}\n# edited\n")
    assert source_digest(source) != original.versions["my-rules source"]
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    again = rerun(original, workspace).record
    assert original.hash == again.hash
    assert set(verify(original, again, workspace).versions) == {"my-rules source", "code generation"}
    assert json.loads(open_run(workspace.root / str(original.file), ["steps"]).attrs["versions"]) == dict(
        original.versions
    )

    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(site)])
    sys.modules.pop("my_rules")
    forget()
    caplog.clear()
    for _ in range(2):
        assert stored_experiment(original).plasticity.rule == "subtractive"
    assert [each.getMessage() for each in caplog.records] == [
        'learning rule "subtractive" of the package my-rules 2.5 is not installed: its runs can be shown, '
        "but not run again"
    ]
    with pytest.raises(ConfigError, match='"subtractive", which is not installed'):
        rerun(original, workspace)
    place = ("--workspace", str(workspace.root))
    commands = (
        ("runs",),
        ("show", original.id),
        ("compare", original.id, again.id),
        ("export", original.id, "--to", str(site / "out")),
    )
    for command in commands:
        done = CliRunner().invoke(app, [*command, *place], prog_name="l5tui")
        assert done.exit_code == 0, (command, done.output)
    assert (
        l5tui_in_python.open_run(original.id, workspace=workspace).experiment.plasticity.rule == "subtractive"
    )


def test_the_command_line_names_it(install: Install, tmp_path: Path) -> None:
    site = install()
    (tmp_path / "tiny.toml").write_text(TINY)
    output = l5tui(
        *("check", "tiny.toml", "--set", "plasticity.rule=subtractive"),
        folder=tmp_path,
        PYTHONPATH=f"{Path(__file__).parents[2]}:{site}",
    )
    assert "rule subtractive" in output.stdout
    output = l5tui(
        "compare-rules", "--help", folder=tmp_path, PYTHONPATH=f"{Path(__file__).parents[2]}:{site}"
    )
    assert "covariance,subtractive" in "".join(output.stdout.split())


@pytest.mark.parametrize(
    ("code", "entries", "message"),
    [
        ("import nowhere", "broken = my_rules:Broken", "ModuleNotFoundError: No module named 'nowhere'"),
        ("", "broken = my_rules:Broken", "AttributeError"),
        ("Broken = 3", "broken = my_rules:Broken", "it has no method factors"),
    ],
)
def test_a_package_that_does_not_work_is_a_fault(
    install: Install, code: str, entries: str, message: str
) -> None:
    install(code, entries)
    with pytest.raises(ConfigError) as caught:
        validate(with_rule("broken"))

    (line,) = caught.value.lines()
    assert line.startswith('plasticity.rule: got "broken" of the package my-rules 2.5: my_rules:Broken')
    assert message in line


def test_no_package_changes_what_a_name_of_l5tui_means(install: Install) -> None:
    install(entries="oja = my_rules:Subtractive\nnone = my_rules:Subtractive")

    assert rule_names() == ("none", *BUILT_IN)
    assert rule_class("oja").__module__ == "l5tui.model.plasticity.oja"
