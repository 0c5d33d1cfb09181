"""A run's notes and tags after the loss of the catalogue: from their copy in the store, else from MLflow."""

from __future__ import annotations

import json
from dataclasses import replace

from l5tui.store.labels import load_labels
from l5tui.store.records import RunRecord
from l5tui.tracking.inspection import MlflowRun
from l5tui.tracking.limits import CUT_TAG, ELLIPSIS, is_shortened, read_cut_mark
from l5tui.workspace import Workspace

NOTES, TAGS, TAGS_JSON = "mlflow.note.content", "l5tui.tags", "l5tui.tags_json"


def with_recovered_labels(
    workspace: Workspace, record: RunRecord, known: MlflowRun | None
) -> tuple[RunRecord, list[str]]:
    """Give a run the notes and tags that it had, as far as they can be recovered.

    The copy in the store is whole. MLflow may hold the beginning of long notes alone. Without either the notes
    and tags are those of the experiment.

    Parameters
    ----------
    workspace : Workspace
    record : RunRecord
        From the run's file.
    known : MlflowRun or None
        The run in MLflow.

    Returns
    -------
    RunRecord
    list of str
        What could not be recovered, a line each.
    """
    if known is not None and known.is_active and known.status != "RUNNING":
        record = replace(record, mlflow_run=known.id)
    if (copy := load_labels(workspace, record.id)) is not None:
        return replace(record, notes=copy.notes, tags=copy.tags), []
    if known is None or not known.is_active:
        return record, []
    notes, lost = _notes(record, known)
    tags, lost_tags = _tags(record, known)
    return replace(record, notes=notes, tags=tags), lost + lost_tags


def _notes(record: RunRecord, known: MlflowRun) -> tuple[str, list[str]]:
    notes, mark = known.tags.get(NOTES, ""), known.tags.get(CUT_TAG)
    if not is_shortened(NOTES, notes, mark):
        return notes, []
    if record.notes.startswith(notes.removesuffix(ELLIPSIS)):
        return record.notes, []  # of the experiment itself, which is whole in the file
    whole = read_cut_mark(mark).get(NOTES)
    of = f" of {whole:,}" if whole else ""
    return notes, [f"run {record.id}: notes: MLflow has only the first {len(notes) - 1:,}{of} characters"]


def _tags(record: RunRecord, known: MlflowRun) -> tuple[tuple[str, ...], list[str]]:
    listed, text, mark = known.tags.get(TAGS_JSON), known.tags.get(TAGS, ""), known.tags.get(CUT_TAG)
    if listed and not is_shortened(TAGS_JSON, listed, mark) and (tags := _listed(listed)) is not None:
        return tags, []
    if text == ", ".join(record.tags):
        return record.tags, []
    if is_shortened(TAGS, text, mark):
        # The last one may be cut in the middle.
        tags = tuple(tag for tag in text.removesuffix(ELLIPSIS).split(", ")[:-1] if tag)
        return tags, [f"run {record.id}: tags: MLflow has only the first {len(tags)}"]
    return tuple(tag for tag in text.split(", ") if tag), []


def _listed(text: str) -> tuple[str, ...] | None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, list) or not all(isinstance(tag, str) for tag in read):
        return None
    return tuple(read)
