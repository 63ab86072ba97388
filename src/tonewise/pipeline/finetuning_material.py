"""What a fine-tuning run learns from and is judged by: labelled rows of a corpus, and their sounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, labels, splits
from tonewise.errors import AudioError
from tonewise.features.hub import Hub
from tonewise.finetuning import Examples
from tonewise.pipeline.hearing import hear_clips
from tonewise.pipeline.labelling import LabelledCorpus, label_corpus
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.pipeline.study import require_two_classes
from tonewise.pipeline.training_material import split_utterances
from tonewise.records import SAMPLE_RATE, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Sound that is kept in memory, seconds: half a gigabyte. What is beyond is decoded again in each epoch.
KEPT_SECONDS = 7200.0


def labelled_rows(
    corpora: str | Path | Sequence[str | Path],
    asked: TrainingOptions,
    watch: Stopwatch,
    untrusted: audio.Limits | None,
    progress: Progress | None,
) -> tuple[LabelledCorpus, pd.DataFrame]:
    """The corpus with its labels, and the rows that are learned from or judged."""
    import pandas as pd

    with watch.stage("read"):
        corpus = read_audible(
            corpora,
            raw=asked.raw,
            transcript_format=asked.transcript_format,
            untrusted=untrusted,
            jobs=asked.jobs,
            progress=progress,
        )
        utterances = corpus.utterances
        groups, grouped_by = splits.speaker_groups(utterances)
        parts = split_utterances(utterances, groups, asked, cache=False)
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
        self._keep(row, samples)
        return samples

    def every(self) -> Iterator[tuple[Any, np.ndarray | AudioError]]:
        """Each row with its samples, or why it cannot be heard, by recording and time."""
        rows = list(self._clips)
        for position, heard in hear_clips(list(self._clips.values())):
            if not isinstance(heard, AudioError):
                self._keep(rows[position], heard)
            yield rows[position], heard

    def _keep(self, row: Any, samples: np.ndarray) -> None:
        if len(samples) <= self._room:
            self._kept[row] = samples
            self._room -= len(samples)


def decode(
    utterances: pd.DataFrame, rows: pd.DataFrame, progress: Progress | None
) -> tuple[Sounds, pd.DataFrame, tuple[Problem, ...]]:
    """Decode every clip once: one that cannot be heard is left out now, not in the middle of an epoch."""
    sounds = Sounds(utterances.loc[rows.index])
    seconds: dict[Any, float] = {}
    refused: dict[Any, str] = {}
    for done, (row, heard) in enumerate(sounds.every(), start=1):
        try:
            seconds[row] = _checked(heard)
        except AudioError as error:
            refused[row] = str(error)
        if progress is not None:
            progress("decoding", done, len(rows))
    names = utterances["audio"]
    problems = (Problem("unheard", Path(names[row]).name, refused[row]) for row in rows.index if row in refused)
    heard_rows = [row for row in rows.index if row in seconds]
    kept = rows.loc[heard_rows].assign(seconds=[seconds[row] for row in heard_rows])
    kept.attrs.update(rows.attrs)
    return sounds, kept, tuple(problems)


def _checked(samples: np.ndarray | AudioError) -> float:
    """Length of a clip, seconds.

    Raises:
        AudioError: an encoder cannot hear it.
    """
    import numpy as np

    if isinstance(samples, AudioError):
        raise samples
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
