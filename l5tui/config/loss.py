"""``[loss]``: the number that tuning minimizes."""

from __future__ import annotations

from typing import Literal

from l5tui.config.section import Section, parameter


class Loss(Section):
    """Form of the loss."""

    form: Literal["auto", "signed", "absolute", "targets"] = parameter(
        "auto",
        "Signed, or with the research code's outer absolute value; auto is signed for the corrected "
        "variant and absolute for the original. targets: the weighted sum of the squared distances to [targets].",
    )
