"""Feature vectors of utterances: clips cut as each encoder wants them, encoded or found in the cache."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, features, weights
from tonewise.errors import AudioError, CorpusError
from tonewise.records import Clip, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class UnheardError(CorpusError):
    """Not one utterance could be heard; `first` is why the first one could not."""

    def __init__(self, utterances: int, first: str) -> None:
        super().__init__(f"not one of {utterances} utterances could be heard; the first: {first}")
        self.first = first


@dataclass(frozen=True, slots=True)
class Heard:
    """Features of utterances.

    Attributes:
        matrix: float32 `(n, d)`, the encoders' columns side by side; rows that failed hold NaN.
        blocks: how many columns each encoder brought.
        heard: bool `(n,)`, whether every encoder could hear the row.
        problems: what could not be heard and why.
        hits, misses: clips found in the cache and clips encoded.
        audio_seconds: seconds of sound that the features stand for.
    """

    matrix: np.ndarray
    blocks: tuple[int, ...]
    heard: np.ndarray
    problems: tuple[Problem, ...]
    hits: int
    misses: int
    audio_seconds: float


def open_cache(cache: str | Path | bool) -> features.FeatureCache:
    """The feature cache: True = the user's own, False = none, a path = that folder."""
    root = weights.cache_root() / "features" if cache is True else Path(cache) if cache else None
    return features.FeatureCache(root, decoder=audio.decoder_versions())


def create_encoders(specs: Sequence[str], progress: Progress | None = None) -> list[features.Encoder]:
    """One encoder a spec; pretrained weights are fetched now, so that a missing model is told before the work."""
    encoders = [features.create(spec) for spec in specs]
    for encoder in encoders:
        encoder.prepare(progress)
    return encoders


def plan(utterances: pd.DataFrame, encoder: features.Encoder, seed: int) -> list[Clip]:
    """What the encoder hears of each utterance: fixed clips or all of it. Times must be finite."""
    columns = (utterances[name] for name in ("audio", "recording", "start", "end", "channel"))
    clips = []
    for path, recording, start, end, channel in zip(*columns, strict=True):
        if encoder.clip_seconds is None:
            clips.append(audio.whole_clip(path, start, end, channel))
        else:
            seconds = encoder.clip_seconds
            clips.append(audio.fixed_clip(path, start, end, channel, seconds=seconds, seed=seed, name=recording))
    return clips


def hear_clips(clips: Sequence[Clip]) -> Iterator[tuple[int, np.ndarray | AudioError]]:
    """Of every clip its position and its samples, or why it cannot be heard; each recording is opened once.

    Clips come by recording and time, not in the order in which they were given.
    """
    order = sorted(range(len(clips)), key=lambda position: (clips[position].audio, clips[position].start))
    for _, group in itertools.groupby(order, key=lambda position: clips[position].audio):
        positions = list(group)
        yield from zip(positions, audio.hear_all([clips[each] for each in positions]), strict=True)


def hear(
    utterances: pd.DataFrame,
    encoders: Sequence[features.Encoder],
    *,
    seed: int,
    cache: features.FeatureCache,
    progress: Progress | None = None,
) -> Heard:
    """Encode every utterance with every encoder; a recording is decoded once for all of them.

    Raises:
        UnheardError: not one utterance could be heard.
    """
    import numpy as np

    wanted = [(encoder, plan(utterances, encoder, seed)) for encoder in encoders]
    extractions = features.extract_all(wanted, audio.hear_all, cache, progress)
    heard = np.ones(len(utterances), dtype=bool)
    reasons: Counter[tuple[str, str]] = Counter()
    for extraction in extractions:
        for row, message in extraction.failed.items():
            if heard[row]:
                reasons[(Path(utterances["audio"].iloc[row]).name, message)] += 1
            heard[row] = False
    problems = tuple(Problem("unheard", name, why, count) for (name, why), count in reasons.items())
    if len(utterances) and not heard.any():
        raise UnheardError(len(utterances), problems[0].detail)
    notices = tuple(dict.fromkeys(problem for extraction in extractions for problem in extraction.problems))
    return Heard(
        matrix=np.concatenate([extraction.matrix for extraction in extractions], axis=1),
        blocks=tuple(extraction.matrix.shape[1] for extraction in extractions),
        heard=heard,
        problems=(*problems, *notices),
        hits=sum(extraction.hits for extraction in extractions),
        misses=sum(extraction.misses for extraction in extractions),
        audio_seconds=max((extraction.audio_seconds for extraction in extractions), default=0.0),
    )
