"""Weak labels of a corpus, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import evaluation, labels, splits
from tonewise.engines import Engine
from tonewise.errors import LabelError
from tonewise.labels import LabelPolicy
from tonewise.labels.registry import COLUMN
from tonewise.labels.remembering import detect_languages_once, remembering
from tonewise.pipeline.reading import read_corpora
from tonewise.pipeline.voting import LabelRequest, Voted, open_votes, vote
from tonewise.records import Corpus, Evaluation, LabelSummary, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LabelledCorpus:
    """A corpus with its label columns, and what is known of them.

    Attributes:
        columns: `label`, `score`, `confidence`, `abstention`, `text_language`, a score for each part and, of several
            labellers, a score and a confidence each.
        policy: how they were made.
    """

    corpus: Corpus
    columns: pd.DataFrame
    summary: LabelSummary
    policy: LabelPolicy = field(default_factory=lambda: LabelPolicy("unknown"))

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
    labeller: str = labels.DEFAULT_LABELS,
    gold: str | None = None,
    transcript_format: str | None = None,
    cache: str | Path | bool = True,
    engine: Engine | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> LabelledCorpus:
    """Label the sentences of a corpus, or of a table with a `text` column and no audio.

    Args:
        corpora: a manifest, a table, a folder of recordings with transcripts, or several of them.
        labeller: see `labels.names()`, or a column.
        gold: a column with what people say of the *text*, to judge labels by.
        transcript_format: what transcripts beside recordings are read as; None = by their content.
        cache: where votes are kept, so that no sentence is read twice; see `train`.
        engine: whose workers read the sentences, None = this process; see `engines.create`.
        progress: called as `progress(stage, done, total)`.
        **options: `threshold` (0..1; smaller scores are abstentions), `prototypes`, `poles`, `endpoint` (see
            `labels.LabellerOptions`), `context` (neighbouring sentences on either side to take into account), `seed` (of
            the draw of examples).

    Raises:
        InputError: the corpus cannot be read, or none of its rows has text.
    """
    asked = LabelRequest.of(labeller, **options)
    return label_corpus(
        read_corpora(corpora, require_audio=False, transcript_format=transcript_format),
        asked,
        gold=gold,
        cache=cache,
        engine=engine,
        progress=progress,
    )


def label_corpus(
    corpus: Corpus,
    asked: LabelRequest,
    *,
    parts: pd.Series | None = None,
    gold: str | None = None,
    cache: str | Path | bool = False,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> LabelledCorpus:
    """Label a corpus by a labeller's name, or by a column of the corpus.

    Args:
        corpus: the utterances.
        asked: see `LabelRequest`.
        parts: train, valid or test: whatever is estimated is estimated on `train`, and sentences of different parts are
            not seen together. None = all rows are one part, and may all be estimated on.
        gold: a column with what people say of the text.
        cache: where votes are kept, see `train`.
        engine: whose workers read the sentences, None = this process.
    """
    utterances = corpus.utterances
    if not asked.from_text:
        return _by_column(corpus, asked)
    _require_text(corpus)
    voted = vote(utterances, asked, parts, progress, cache, engine)
    corpus = replace(corpus, problems=(*corpus.problems, *voted.problems))
    judged = _judge(utterances, voted, gold, asked) if gold else None
    summary = labels.describe(
        utterances["text"],
        voted.columns,
        labeller=asked.labeller,
        members=voted.members if len(voted.members) > 1 else None,
        estimated=voted.combination.accuracies,
        weights=voted.combination.weights if len(voted.members) > 1 else None,
        evidence=voted.combination.evidence,
        gold=judged,
        gold_column=gold,
        seed=asked.seed,
    )
    return LabelledCorpus(corpus, voted.columns, summary, voted.policy)


def words_scores(utterances: pd.DataFrame, labeller: labels.Labeller, cache: str | Path | bool = False) -> pd.Series:
    """What the words alone say of each utterance: −1 to 1, NaN where there is no text or no opinion."""
    return words_table(utterances, labeller, cache)["score"]


def words_table(utterances: pd.DataFrame, labeller: labels.Labeller, cache: str | Path | bool = False) -> pd.DataFrame:
    """Label columns of utterances' texts, each labeller shown only what it can read; votes are kept in `cache`."""
    kept = open_votes(cache)
    languages = detect_languages_once(utterances["text"], utterances["recording"], kept)
    return labels.label_texts(utterances["text"], remembering(labeller, kept), languages=languages)


def _judge(utterances: pd.DataFrame, voted: Voted, gold: str, asked: LabelRequest) -> dict[str, Evaluation]:
    """Every score against what people say of the text, by the name of who made it."""
    import numpy as np

    truth = labels.polarity_column(utterances, gold).to_numpy()
    polar = labels.is_polar(truth)
    groups, grouped_by = splits.speaker_groups(utterances)
    named = {part: voted.columns[f"{part}_score"] for part in _parts(voted)}
    named |= {spec: table["score"] for spec, table in voted.members.items()}
    named[asked.labeller] = voted.columns["score"]
    return {
        name: evaluation.evaluate(
            (np.nan_to_num(scores.to_numpy(dtype=float)[polar]) + 1) / 2,
            truth[polar] == labels.POSITIVE,
            groups.to_numpy()[polar],
            grouped_by=grouped_by,
            seed=asked.seed,
        )
        for name, scores in named.items()
    }


def _parts(voted: Voted) -> list[str]:
    members = {f"{spec}_score" for spec in voted.members}
    return [
        column.removesuffix("_score") for column in voted.columns if column.endswith("_score") and column not in members
    ]


def _by_column(corpus: Corpus, asked: LabelRequest) -> LabelledCorpus:
    utterances = corpus.utterances
    if asked.labeller not in utterances.columns:
        labels.create(asked.labeller)  # whose error names what there is to choose from
    columns = _from_column(utterances, asked.labeller)
    summary = labels.describe(utterances["text"], columns, labeller=asked.labeller, from_text=False, seed=asked.seed)
    policy = LabelPolicy(COLUMN, identity={"column": asked.labeller})
    return LabelledCorpus(corpus, columns, summary, policy)


def _require_text(corpus: Corpus) -> None:
    if not corpus.utterances["text"].notna().any():
        raise LabelError(
            f"{corpus.source} has no text to make labels from; add a `text` column or transcripts, or name a column of "
            "labels with --labels"
        )


def _from_column(utterances: pd.DataFrame, column: str) -> pd.DataFrame:
    import pandas as pd

    polarity = labels.polarity_column(utterances, column)
    polar = labels.is_polar(polarity.to_numpy())
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
