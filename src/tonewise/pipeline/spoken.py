"""What is really said in each utterance: what a reader would go by, and what training and test must not share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import labels, splits
from tonewise.evaluation.audit_text import document
from tonewise.labels.remembering import detect_languages_once
from tonewise.pipeline.voting import open_votes

if TYPE_CHECKING:
    import pandas as pd

#: Where a corpus has this column, it is what was really said, and `text` is not: in tone benchmarks text is often borrowed.
SPOKEN = "spoken_text"


def documents(utterances: pd.DataFrame) -> list[tuple[str, ...]]:
    """What was said in each row, as tokens: the words where they are known, and the name of the sentence."""
    import pandas as pd

    nothing = pd.Series(None, index=utterances.index, dtype=object)
    sentences = utterances.get("sentence", nothing)
    return [
        document(text, None if pd.isna(sentence) else str(sentence))
        for text, sentence in zip(_said(utterances), sentences, strict=True)
    ]


def contents(utterances: pd.DataFrame, cache: str | Path | bool = False) -> pd.Series:
    """What must not be shared by training and test where words are held out.

    Args:
        utterances: the table.
        cache: where it is remembered which languages the words are in, see `train`.

    Returns:
        See `splits.contents`; where that knows nothing of an utterance, {"text:<its words as they are>"}. A model hears
        what was said, so `text` that was only borrowed for a label may be on both sides.
    """
    import pandas as pd

    said = _said(utterances)
    said = said.where(said.notna(), None)
    languages = detect_languages_once(said, utterances["recording"], open_votes(cache))
    known = splits.contents(utterances, labels.sentiment_words(said, languages))
    whole = [" ".join(text.casefold().split()) if isinstance(text, str) else "" for text in said]
    found = [here or (frozenset({f"text:{text}"}) if text else here) for here, text in zip(known, whole, strict=True)]
    return pd.Series(found, index=utterances.index, dtype=object)


def with_spoken(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Tables that are to be joined: where one has `SPOKEN`, the others get it from their `text`, which was said."""
    if not any(SPOKEN in table.columns for table in tables):
        return list(tables)
    return [table if SPOKEN in table.columns else table.assign(**{SPOKEN: table["text"]}) for table in tables]


def _said(utterances: pd.DataFrame) -> pd.Series:
    return utterances[SPOKEN if SPOKEN in utterances.columns else "text"]
