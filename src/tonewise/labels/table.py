"""Votes as columns of the utterance table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.labels.base import Labeller

if TYPE_CHECKING:
    import pandas as pd


def label_texts(texts: pd.Series, labeller: Labeller) -> pd.DataFrame:
    """Label a column of texts.

    Args:
        texts: one text a row, None or NaN where there is none.
        labeller: see `create`.

    Returns:
        A table with the index of `texts` and the columns `label` (positive, negative, or None = abstained), `score`
        (−1..1, NaN = cannot be scored), `confidence` (0..1, 0 = abstained), `abstention` (why, None = labelled), and
        a `<part>_score` for each part of the labeller.
    """
    import numpy as np
    import pandas as pd

    votes = labeller.votes([text if isinstance(text, str) else None for text in texts])

    def numbers(values: list[float | None]) -> np.ndarray:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    columns: dict[str, object] = {
        "label": pd.Series([vote.label for vote in votes], index=texts.index, dtype=object),
        "score": numbers([vote.score for vote in votes]),
        "confidence": numbers([vote.confidence for vote in votes]),
        "abstention": pd.Series(
            [None if vote.abstention is None else vote.abstention.value for vote in votes],
            index=texts.index,
            dtype=object,
        ),
    }
    for part in labeller.parts:
        columns[f"{part}_score"] = numbers([vote.parts.get(part) for vote in votes])
    return pd.DataFrame(columns, index=texts.index)
