"""What a fine-tuning run learns from and is judged by: labelled rows of a corpus, and their sounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, labels, splits
from tonewise.errors import AudioError
from tonewise.features.hub import Hub
from tonewise.finetuning import Examples
from tonewise.pipeline.labelling import LabelledCorpus, label_corpus
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.pipeline.study import require_two_classes
from tonewise.records import SAMPLE_RATE, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Sound that is kept in memory, seconds: half a gigabyte. What is beyond is decoded again in each epoch.
KEPT_SECONDS = 7200.0


def labelled_rows(
    corpora: str | Path | Sequence[str | Path], asked: TrainingOptions, watch: Stopwatch, progress: Progress | None
) -> tuple[LabelledCorpus, pd.DataFrame]:
    """The corpus with its labels, and the rows that are learned from or judged."""
    import pandas as pd

    with watch.stage("read"):
        corpus = audible(read_corpora(corpora), jobs=asked.jobs, progress=progress)
        utterances = corpus.utterances
        groups, grouped_by = splits.speaker_groups(utterances)
        parts = _split(utterances, groups, asked)
    with watch.stage("label"):
        labelled = label_corpus(corpus, asked.request, parts=parts, progress=progress)
        require_two_classes(labelled.columns["label"], corpus.source)
    rows = pd.DataFrame(
        {
            "label": labelled.columns["label"],
            "confidence": labelled.columns["confidence"],
            "words": labelled.columns["score"] if asked.request.from_text else float("nan"),
            "gold": labels.polarity_column(utterances, asked.gold) if asked.gold else None,
            "part": parts,
            "group": groups,
        },
        index=utterances.index,
    )
    judged = labels.is_polar(rows["gold"].to_numpy()) & (rows["part"] == splits.TEST)
    rows = rows[rows["part"].notna() & (rows["label"].notna() | judged)]
    rows.attrs["grouped_by"] = grouped_by
    return labelled, rows


def _split(utterances: pd.DataFrame, groups: pd.Series, asked: TrainingOptions) -> pd.Series:
    if asked.split != "lexical":
        return splits.split(groups, asked.split, seed=asked.seed)
    words = labels.sentiment_words(utterances["text"], utterances["language"])
    return splits.split(groups, asked.split, seed=asked.seed, contents=splits.contents(utterances, words))


class Sounds:
    """Decoded clips by row, kept as far as `KEPT_SECONDS` go."""

    def __init__(self, utterances: pd.DataFrame) -> None:
        columns = (utterances[name] for name in ("audio", "start", "end", "channel"))
        clips = (audio.whole_clip(*row) for row in zip(*columns, strict=True))
        self._clips = dict(zip(utterances.index, clips, strict=True))
        self._kept: dict[Any, np.ndarray] = {}
        self._room = KEPT_SECONDS * SAMPLE_RATE

    def __call__(self, row: Any) -> np.ndarray:
        if row in self._kept:
            return self._kept[row]
        samples = audio.hear(self._clips[row])
        if len(samples) <= self._room:
            self._kept[row] = samples
            self._room -= len(samples)
        return samples


def decode(
    utterances: pd.DataFrame, rows: pd.DataFrame, progress: Progress | None
) -> tuple[Sounds, pd.DataFrame, tuple[Problem, ...]]:
    """Decode every clip once: one that cannot be heard is left out now, not in the middle of an epoch."""
    sounds = Sounds(utterances.loc[rows.index])
    seconds: dict[Any, float] = {}
    problems = []
    for done, row in enumerate(rows.index, start=1):
        try:
            seconds[row] = _checked(sounds(row))
        except AudioError as error:
            problems.append(Problem("unheard", Path(utterances["audio"][row]).name, str(error)))
        if progress is not None:
            progress("decoding", done, len(rows))
    kept = rows.loc[list(seconds)].assign(seconds=list(seconds.values()))
    kept.attrs.update(rows.attrs)
    return sounds, kept, tuple(problems)


def _checked(samples: np.ndarray) -> float:
    """Length of a clip, seconds."""
    import numpy as np

    if len(samples) < Hub.minimum_seconds * SAMPLE_RATE:
        raise AudioError(
            f"shorter than the {Hub.minimum_seconds:g} s that an encoder needs; join it with its neighbour"
        )
    if not np.isfinite(samples).all():
        raise AudioError("has samples that are not finite; is the sound damaged?")
    return len(samples) / SAMPLE_RATE


def examples(rows: pd.DataFrame, sounds: Sounds, part: str) -> Examples:
    """The labelled clips of one part."""
    return as_examples(rows[rows["label"].notna() & (rows["part"] == part)], "label", sounds)


def as_examples(chosen: pd.DataFrame, column: str, sounds: Sounds) -> Examples:
    index = chosen.index
    return Examples(
        seconds=chosen["seconds"].to_numpy(dtype=float),
        positive=(chosen[column] == labels.POSITIVE).to_numpy(dtype=bool),
        weight=chosen["confidence"].to_numpy(dtype=float),
        sound=lambda row: sounds(index[row]),
    )
