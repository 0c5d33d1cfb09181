"""Looking for what is wrong in a workspace, and mending what can be mended: a file for each kind of check."""

from __future__ import annotations

from l5tui.runner.doctor.examination import Examination, examine
from l5tui.runner.doctor.finding import Finding
from l5tui.runner.doctor.repair import repair
from l5tui.runner.doctor.row_repair import NOT_RECOVERED

__all__ = ["NOT_RECOVERED", "Examination", "Finding", "examine", "repair"]
