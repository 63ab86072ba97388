"""Weak labels of a corpus, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import labels
from tonewise.errors import LabelError
from tonewise.pipeline.reading import read_corpora
from tonewise.records import Corpus, LabelSummary, Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LabelledCorpus:
    """A corpus with its label columns (`label`, `score`, `confidence`, `abstention`, one score a part)."""

    corpus: Corpus
    columns: pd.DataFrame
    summary: LabelSummary

    @property
    def table(self) -> pd.DataFrame:
        """The utterances, in their order, with the label columns beside them; a column of the same name is replaced."""
        utterances = self.corpus.utterances
        return utterances.drop(columns=self.columns.columns.intersection(utterances.columns)).join(self.columns)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read."""
        return self.corpus.problems


def label(
    corpora: str | Path | Sequence[str | Path],
    *,
    labeller: str = "lexicon",
    threshold: float = labels.DEFAULT_THRESHOLD,
    seed: int = 0,
) -> LabelledCorpus:
    """Label the sentences of a corpus, or of a table with a `text` column and no audio.

    Args:
        corpora: a manifest, a table, a folder of recordings with transcripts, or several of them.
        labeller: see `labels.names()`.
        threshold: scores of smaller absolute value become abstentions, 0..1.
        seed: of the draw of examples.

    Raises:
        InputError: the corpus cannot be read, or none of its rows has text.
    """
    return label_corpus(read_corpora(corpora, require_audio=False), labeller=labeller, threshold=threshold, seed=seed)


def label_corpus(corpus: Corpus, *, labeller: str, threshold: float, seed: int) -> LabelledCorpus:
    """Label a corpus by a labeller's name, or by a column of the corpus."""
    utterances = corpus.utterances
    if labeller in labels.names():
        _require_text(corpus)
        columns = labels.label_texts(utterances["text"], labels.create(labeller, threshold=threshold))
    elif labeller in utterances.columns:
        columns = _from_column(utterances, labeller)
    else:
        # The registry's own words name what there is to choose from.
        labels.create(labeller, threshold=threshold)
        raise AssertionError(labeller)
    summary = labels.describe(utterances["text"], columns, labeller=labeller, seed=seed)
    return LabelledCorpus(corpus, columns, summary)


def words_scores(utterances: pd.DataFrame, labeller: labels.Labeller) -> pd.Series:
    """What the words alone say of each utterance: −1 to 1, NaN where there is no text or no opinion."""
    return labels.label_texts(utterances["text"], labeller)["score"]


def _require_text(corpus: Corpus) -> None:
    if not corpus.utterances["text"].notna().any():
        raise LabelError(
            f"{corpus.source} has no text to make labels from; add a `text` column or transcripts, or name a column of "
            "labels with --labels"
        )


def _from_column(utterances: pd.DataFrame, column: str) -> pd.DataFrame:
    import pandas as pd

    polarity = labels.polarity_column(utterances, column)
    polar = polarity.isin([labels.POSITIVE, labels.NEGATIVE])
    score = polarity.map({labels.POSITIVE: 1.0, labels.NEGATIVE: -1.0, labels.NEUTRAL: 0.0})
    return pd.DataFrame(
        {
            "label": polarity.where(polar, None).astype(object),
            "score": score.astype("float64"),
            "confidence": polar.astype("float64"),
            "abstention": pd.Series(
                [None if is_polar else (word or "no_label") for is_polar, word in zip(polar, polarity, strict=True)],
                index=utterances.index,
                dtype=object,
            ),
        },
        index=utterances.index,
    )
