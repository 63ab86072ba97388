"""Votes as columns of the utterance table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.labels.base import Abstention, Labeller, Sentence, Vote, vote, votes_on_readable
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def label_texts(
    texts: pd.Series,
    labeller: Labeller,
    *,
    languages: pd.Series | None = None,
    neighbours: pd.Series | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Label a column of texts.

    Args:
        texts: one text a row, None or NaN where there is none.
        labeller: see `create`.
        languages: of the texts (see `detect_languages`), with their index; None = unknown. A labeller is not shown
            what is in a language that it cannot read.
        neighbours: a pair (texts before, texts after) a row, with their index; see `neighbours`.
        progress: called as `progress(stage, done, total)` by labellers that take long.

    Returns:
        A table with the index of `texts` and the columns `label` (positive, negative, or None = abstained), `score`
        (−1..1, NaN = cannot be scored), `confidence` (0..1, 0 = abstained), `abstention` (why, None = labelled), and
        a `<part>_score` for each part of the labeller.
    """
    sentences = _sentences(texts, languages, neighbours)
    votes = votes_on_readable(labeller, sentences, progress)
    return vote_table(votes, texts.index, labeller.parts)


def vote_table(votes: list[Vote], index: pd.Index, parts: tuple[str, ...] = ()) -> pd.DataFrame:
    """Votes as the columns that `label_texts` describes."""
    import numpy as np
    import pandas as pd

    def numbers(values: list[float | None]) -> np.ndarray:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    columns: dict[str, object] = {
        "label": pd.Series([each.label for each in votes], index=index, dtype=object),
        "score": numbers([each.score for each in votes]),
        "confidence": numbers([each.confidence for each in votes]),
        "abstention": pd.Series(
            [None if each.abstention is None else each.abstention.value for each in votes], index=index, dtype=object
        ),
    }
    for part in parts:
        columns[f"{part}_score"] = numbers([each.parts.get(part) for each in votes])
    return pd.DataFrame(columns, index=index)


def _sentences(texts: pd.Series, languages: pd.Series | None, neighbours: pd.Series | None) -> list[Sentence]:
    nothing: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    tags = [None] * len(texts) if languages is None else languages
    around = [nothing] * len(texts) if neighbours is None else neighbours
    return [
        Sentence(text if isinstance(text, str) else None, tag if isinstance(tag, str) else None, *beside)
        for text, tag, beside in zip(texts, tags, around, strict=True)
    ]


def score_table(scores: np.ndarray, index: pd.Index, threshold: float, unscored: pd.Series) -> pd.DataFrame:
    """Label columns of scores that were made from several votes or from neighbours.

    Args:
        scores: −1..1, NaN = none, `(n,)`.
        index: of the table.
        threshold: scores of no greater absolute value are abstentions.
        unscored: why a row without a score has none.
    """
    reasons = [str(reason) if isinstance(reason, str) else Abstention.NO_ANSWER.value for reason in unscored]
    votes = [
        Vote(None, 0.0, Abstention(reason)) if score != score else vote(float(score), threshold)
        for score, reason in zip(scores, reasons, strict=True)
    ]
    return vote_table(votes, index)
