"""Labels that somebody filled in: a gold column to judge with, or labels to train on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tonewise.errors import LabelError
from tonewise.labels.base import NEGATIVE, NEUTRAL, POSITIVE

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def polarity_column(utterances: pd.DataFrame, column: str) -> pd.Series:
    """Read a column of polarities as `positive`, `negative`, `neutral`, or None where it is empty.

    A column holds those words (in any case), or numbers whose sign is the polarity (0 = neutral).

    Raises:
        LabelError: there is no such column, or it holds something else.
    """
    import pandas as pd

    if column not in utterances.columns:
        known = ", ".join(map(str, utterances.columns))
        raise LabelError(f"the corpus has no column '{column}' to take labels from; its columns are: {known}")
    values = utterances[column]
    words = [None if missing else _word(value, column) for value, missing in zip(values, values.isna(), strict=True)]
    result = pd.Series(words, index=values.index, dtype=object)
    if result.isna().all():
        raise LabelError(f"column '{column}' is empty; expected positive, negative and neutral, or numbers")
    return result


def is_polar(values: np.ndarray) -> np.ndarray:
    """Which labels are positive or negative: neither neutral nor abstained nor missing; bool `(n,)`."""
    polar: np.ndarray = (values == POSITIVE) | (values == NEGATIVE)
    return polar


def _word(value: object, column: str) -> str | None:
    text = str(value).strip().lower()
    if text in (POSITIVE, NEGATIVE, NEUTRAL):
        return text
    if text in ("", "none", "null"):
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise LabelError(
            f"column '{column}' holds '{value}'; expected positive, negative and neutral, or numbers whose sign is the "
            "polarity"
        ) from error
    if math.isnan(number):
        return None
    return POSITIVE if number > 0 else NEGATIVE if number < 0 else NEUTRAL
