"""Figures of a stored run: files that are whole, named after the run, and the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.errors import OutputError, UnknownFigureError, UnknownRunError
from l5tui.figures.names import ALL, LIGHT
from l5tui.runner.figures import draw_figures, figure_names
from l5tui.store.catalog import Catalog
from l5tui.tracking.mlflow_database import open_client
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow, run
from tests.workspaces import TINY


@pytest.mark.slow
def test_files_are_named_after_the_run_and_are_the_same_every_time(
    workspace: Workspace, tmp_path: Path
) -> None:
    run_id = run(workspace).record.id
    names: list[str] = []
    wanted = ("loss", "tuning_polar")
    folders = [tmp_path / "new" / name for name in "ab"]
    for format_name in ("svg", "pdf", "png"):
        for folder in folders:
            paths = draw_figures(workspace, "last", wanted, format_name, folder, names.append)
            assert paths == [folder / f"{run_id}-{name}.{format_name}" for name in wanted]
    assert names == [*wanted] * 6
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second
    assert len(first) == 6


def test_a_figure_is_there_whole_or_not_at_all(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace)
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OutputError, match=r"-loss\.png: cannot be written: "):
        draw_figures(workspace, "last", ("loss",), folder=tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"
    taken = draw_figures(workspace, "last", ("loss",), folder=tmp_path / "out")[0]
    taken.unlink()
    (taken / "in the way").mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot be written"):
        draw_figures(workspace, "last", ("loss",), folder=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [taken.name]


def test_names_are_checked_before_anything_is_drawn(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace)
    assert figure_names("loss, rates,loss") == ("loss", "rates")
    with pytest.raises(UnknownFigureError, match="no figure 'pie'; there are selectivity, weights, "):
        draw_figures(workspace, "last", ("loss", "pie"), folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_without_a_file_has_no_figures(workspace: Workspace, tmp_path: Path) -> None:
    report = run(workspace, cancelled=lambda: True)
    assert Catalog.open(workspace).find(report.record.id).file is None
    with pytest.raises(UnknownRunError, match="it is cancelled and has no file"):
        draw_figures(workspace, "last", folder=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "names"), [("all", ALL), ("light", LIGHT)])
def test_mlflow_has_the_figures_that_the_experiment_selects(
    workspace: Workspace, wanted: str, names: tuple[str, ...]
) -> None:
    report = run(workspace, TINY.replace('figures = "none"', f'figures = "{wanted}"'), track=True)
    recorded = in_mlflow(workspace)[report.record.id]
    with open_client(workspace) as client:
        found = [file.path for file in client.list_artifacts(recorded.info.run_id, "figures")]
    assert sorted(found) == sorted(f"figures/{name}.png" for name in names)
