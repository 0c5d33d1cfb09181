"""Studies and comparisons of rules in Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from matplotlib.figure import Figure

import l5tui
from l5tui.errors import MemoryShortageError, UnknownFigureError, UnknownRunError
from l5tui.runner import memory
from l5tui.workspace import Workspace
from tests.workspaces import rows, with_1_kb

SPACE = {"plasticity.tau_learn": {"low": 100.0, "high": 4000.0, "log": True}}
SEARCH = {
    "tuning.space": SPACE,
    "tuning.method": "sobol",
    "tuning.confirm": 0,
    "tuning.trials": 1,
    "tuning.workers": 1,
}
SIMULATING: Final[tuple[tuple[Callable[..., object], tuple[object, ...]], ...]] = (
    (l5tui.run, ("tiny",)),
    (l5tui.compare_rules, ("tiny", ["none"])),
    (l5tui.tune, ("tiny", SEARCH)),
)
"""Functions that refuse what needs more memory than is free, with arguments."""


def test_a_study_is_run_looked_at_and_resumed(place: Workspace) -> None:
    study = l5tui.tune(
        "tiny",
        {"tuning.space": SPACE, "tuning.method": "sobol", "tuning.confirm": 0, "plasticity.rule": "oja"},
        trials=3,
        workers=1,
        workspace=place,
        progress=False,
    )
    assert (study.status, study.objective, len(study.trials)) == ("completed", "loss", 3)
    assert study.trials["value"].min() == study.best_value
    best = study.trials["value"].idxmin()
    assert study.best.plasticity.tau_learn == study.trials["plasticity.tau_learn"].to_dict()[best]
    assert "after/DS.CS" in study.trials
    assert isinstance(study.figure("convergence"), Figure)
    with pytest.raises(UnknownFigureError, match="convergence"):
        study.figure("convergance")
    assert repr(study).startswith(f"<Study {study.id}: tiny, completed, 3 trials, best ")
    assert study._repr_html_().count("<tr>") == 4
    assert l5tui.open_study(workspace=place).trials.equals(study.trials)

    more = l5tui.tune(resume="last", trials=4, workers=1, workspace=place, progress=False)
    assert (more.id, len(more.trials)) == (study.id, 4)
    assert more.trials.loc[:2, "value"].equals(study.trials["value"])


def test_what_to_search_has_to_be_said(place: Workspace) -> None:
    with pytest.raises(ValueError, match="either an experiment or resume"):
        l5tui.tune(workspace=place)
    with pytest.raises(UnknownRunError):
        l5tui.tune(resume="nothing", workspace=place)


def test_rules_are_compared(place: Workspace) -> None:
    compared = l5tui.compare_rules("tiny", ["oja"], workspace=place, progress=False)

    assert list(compared.runs) == ["none", "oja"]
    assert {row["group_id"] for row in rows(place) if row["id"] == compared.runs["oja"].id} == {
        compared.group
    }
    assert len(compared.effects) == 3 * 4 * 2
    effects = compared.effects.to_dict("index")
    effect = effects["DS", "CS", "oja"]
    assert math.isfinite(effect["effect"])
    # The two circuits are too few for an interval and a test.
    assert all(math.isnan(effect[name]) for name in ("low", "high", "effect_size", "p", "p_holm"))
    assert effects["DS", "CS", "none"]["effect"] == 0
    assert isinstance(compared.figure(), Figure)
    assert repr(compared) == f"<RuleEffects {compared.group}: none, oja>"
    assert compared._repr_html_().count("<tr>") == 1 + 24


def test_memory_that_is_not_free_is_refused(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(memory.VARIABLE, str(with_1_kb(tmp_path)))
    before = len(l5tui.runs(workspace=place))
    for function, arguments in SIMULATING:
        with pytest.raises(
            MemoryShortageError, match=r"1\.02 kB are free.*`force=True` starts it"
        ) as refusal:
            function(*arguments, workspace=place, progress=False)
        assert "--force" not in str(refusal.value)
    assert len(l5tui.runs(workspace=place)) == before


@pytest.mark.slow
def test_force_starts_what_is_refused(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(memory.VARIABLE, str(with_1_kb(tmp_path)))
    before = len(l5tui.runs(workspace=place))
    for function, arguments in SIMULATING:
        function(*arguments, workspace=place, progress=False, force=True)
    with pytest.raises(MemoryShortageError):
        l5tui.tune(resume="last", trials=2, workspace=place, progress=False)
    study = l5tui.tune(resume="last", trials=2, workspace=place, progress=False, force=True)
    assert len(l5tui.runs(workspace=place)) == before + 2
    assert len(study.trials) == 2
