"""What a model is trained on: the utterances that can be heard, in their parts and with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, features, labels, splits
from tonewise.pipeline.labelling import LabelledCorpus, label_corpus, words_scores
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.spoken import contents
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.pipeline.study import require_two_classes
from tonewise.pipeline.voices import voices
from tonewise.records import Progress

if TYPE_CHECKING:
    import pandas as pd


def training_material(
    corpora: str | Path | Sequence[str | Path],
    asked: TrainingOptions,
    watch: Stopwatch,
    cache: str | Path | bool,
    untrusted: audio.Limits | None,
    progress: Progress | None,
) -> tuple[LabelledCorpus, pd.DataFrame]:
    """The utterances that can be heard with their labels, and what is known of those that must be.

    Returns:
        The labelled corpus; and one row an utterance that must be heard: `label, confidence, words, gold, part, groups,
        voice`, with `grouped_by`, `from_text` and `left_out` (how many were in no part) in its `attrs`.

    Raises:
        InputError: the corpus cannot be read, or its labels are of one class.
    """
    with watch.stage("read"):
        corpus = read_audible(
            corpora,
            raw=asked.raw,
            transcript_format=asked.transcript_format,
            untrusted=untrusted,
            cache=cache,
            jobs=asked.jobs,
            progress=progress,
        )
        groups, grouped_by = splits.speaker_groups(corpus.utterances)
        parts = split_utterances(corpus.utterances, groups, asked, cache)
    with watch.stage("label"):
        labelled = label_corpus(corpus, asked.request, parts=parts, cache=cache, progress=progress)
        require_two_classes(labelled.columns["label"], corpus.source)
        rows = _rows(labelled, asked, parts, cache)
    rows["groups"], rows["voice"] = groups, voices(corpus.utterances)
    rows.attrs.update(grouped_by=grouped_by, from_text=asked.request.from_text, left_out=int(parts.isna().sum()))
    return labelled, rows[_needed(rows, asked)]


def split_utterances(
    utterances: pd.DataFrame, groups: pd.Series, asked: TrainingOptions, cache: str | Path | bool
) -> pd.Series:
    """The part of each utterance, see `splits.split`: the same wherever `asked.split` and `asked.seed` are the same."""
    said = contents(utterances, cache) if asked.split == "lexical" else None
    return splits.split(groups, asked.split, seed=asked.seed, contents=said)


def _rows(labelled: LabelledCorpus, asked: TrainingOptions, parts: pd.Series, cache: str | Path | bool) -> pd.DataFrame:
    """What is known of each row."""
    import pandas as pd

    utterances, columns = labelled.corpus.utterances, labelled.columns
    return pd.DataFrame(
        {
            "label": columns["label"],
            "confidence": columns["confidence"],
            # Labels of a column are not made from the words, which are then a baseline for them, too.
            "words": columns["score"]
            if asked.request.from_text
            else words_scores(utterances, labels.create("lexicon"), cache),
            "gold": labels.polarity_column(utterances, asked.gold) if asked.gold else None,
            "part": parts,
        },
        index=utterances.index,
    )


def _needed(rows: pd.DataFrame, asked: TrainingOptions) -> pd.Series:
    """Which rows must be heard: labelled ones, those of the test split with gold, and what refining may label."""
    if asked.baseline != features.NO_BASELINE:  # how a speaker usually sounds is to be heard whatever was said
        return rows["part"].notna()
    needed = rows["label"].notna() | (labels.is_polar(rows["gold"].to_numpy()) & (rows["part"] == splits.TEST))
    if asked.refine:
        needed |= rows["words"].notna() & (rows["part"] == splits.TRAIN)
    return needed & rows["part"].notna()
