"""Notes and tags survive the loss of the catalogue, and what does not is reported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from l5tui.cli.commands import app
from l5tui.runner.curation import delete_run, note_run, tag_run
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.finding import Kind
from l5tui.store.id_paths import labels_file
from l5tui.store.labels import Labels, load_labels, save_labels
from l5tui.tracking.edits import set_tags
from l5tui.workspace import Workspace
from tests.logs import let_go_of_logs
from tests.runner.doctor.examining import look, mend, runs
from tests.runner.running import in_mlflow

LONG = "".join(f"{number:08d}\n" for number in range(1000))
"""Nine thousand characters."""


def without_catalogue(workspace: Workspace) -> None:
    for path in workspace.store.glob("catalog.sqlite*"):
        path.unlink()


def test_notes_and_tags_that_end_in_an_ellipsis_or_are_long_are_recovered_whole(
    workspace: Workspace, reader: FileReader
) -> None:
    first, second, third, _ = runs(workspace)
    note_run(workspace, first.id, "to be continued …")
    (warning,) = note_run(workspace, second.id, LONG).warnings
    assert warning == "MLflow stores the first 7,999 of 9,000 characters; the catalogue has all"
    tag_run(workspace, third.id, add=["one, two", "and so on …"])
    before = [(each.notes, each.tags) for each in runs(workspace)]
    without_catalogue(workspace)
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    assert [(each.notes, each.tags) for each in runs(workspace)] == before
    assert not any(line.startswith("not") for line in said)


def test_without_the_copies_mlflow_s_part_is_recovered_and_the_loss_is_reported(
    workspace: Workspace, reader: FileReader
) -> None:
    first, second, third, _ = runs(workspace)
    note_run(workspace, first.id, LONG)
    note_run(workspace, second.id, "to be continued …")
    tag_run(workspace, third.id, add=["one, two", "and so on …"])
    before = [(each.notes, each.tags) for each in runs(workspace)]
    without_catalogue(workspace)
    shutil.rmtree(workspace.labels)
    ended = CliRunner().invoke(app, ["doctor", "--repair", "--workspace", str(workspace.root)])
    let_go_of_logs()
    printed = ended.output
    assert ended.exit_code == 1
    assert "All is well" not in printed
    assert (
        f"not recovered: run {first.id}: notes: MLflow has only the first 7,999 of 9,000 characters"
        in printed
    )
    assert "1 thing could not be recovered" in printed
    after = [(each.notes, each.tags) for each in runs(workspace)]
    assert after == [(LONG[:7999] + "…", before[0][1]), *before[1:]]
    assert look(workspace, reader) == {}


def test_labels_without_a_copy_are_reported_and_copied(workspace: Workspace, reader: FileReader) -> None:
    shutil.rmtree(workspace.labels)
    first, second, *_ = runs(workspace)
    found = look(workspace, reader)[Kind.LABELS_UNCOPIED]
    assert [each.subject for each in found] == [first.id, second.id]
    assert mend(workspace, reader)[0].findings == ()
    assert load_labels(workspace, second.id) == Labels("noted later", second.tags)


def test_a_shorter_note_takes_the_mark_away(workspace: Workspace) -> None:
    first = runs(workspace)[0]
    note_run(workspace, first.id, LONG)
    assert json.loads(in_mlflow(workspace)[first.id].data.tags["l5tui.cut"]) == {"mlflow.note.content": 9000}
    set_tags(workspace, str(first.mlflow_run), {"l5tui.tags": "a"})
    assert json.loads(in_mlflow(workspace)[first.id].data.tags["l5tui.cut"]) == {"mlflow.note.content": 9000}
    note_run(workspace, first.id, "short")
    assert in_mlflow(workspace)[first.id].data.tags["l5tui.cut"] == "{}"


def test_a_copy_goes_with_its_run_and_one_that_cannot_be_written_is_a_warning(workspace: Workspace) -> None:
    first, second, *_ = runs(workspace)
    note_run(workspace, first.id, "a note")
    assert load_labels(workspace, first.id) == Labels("a note", first.tags)
    delete_run(workspace, first.id)
    assert not labels_file(workspace, first.id).exists()
    shutil.rmtree(workspace.labels)
    workspace.labels.write_text("in the way")
    (warning,) = note_run(workspace, second.id, "another").warnings
    assert warning.startswith("the copy of the notes and tags is not up to date: store/labels/")
    assert runs(workspace)[0].notes == "another"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b'{"notes": 1, "tags": []}', b'{"notes": "", "tags": [1]}']
)
def test_a_damaged_copy_is_none(tmp_path: Path, content: bytes) -> None:
    workspace = Workspace(tmp_path)
    workspace.store.mkdir()
    run_id = "20260301-120005-yghzab"
    save_labels(workspace, run_id, Labels("a", ("b",)))
    assert load_labels(workspace, run_id) == Labels("a", ("b",))
    labels_file(workspace, run_id).write_bytes(content)
    assert load_labels(workspace, run_id) is None
