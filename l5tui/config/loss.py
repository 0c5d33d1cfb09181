"""``[loss]``: form of the loss."""

from __future__ import annotations

from typing import Literal

from l5tui.config.section import Section, parameter


class Loss(Section):
    """Form of the loss."""

    form: Literal["auto", "signed", "absolute", "targets"] = parameter(
        "auto",
        "signed; absolute: with the absolute value of the research code; auto: signed for the corrected variant, "
        "absolute for the original; targets: the weighted sum of the squared distances to [targets].",
    )
