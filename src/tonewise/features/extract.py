"""Features of many clips: found in the cache, or decoded once for all encoders, encoded batch by batch and kept at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.errors import AudioError
from tonewise.features.base import Encoder
from tonewise.features.cache import FeatureCache
from tonewise.features.listening import Listen, by_recording, decoded_ahead, length
from tonewise.features.threads import one_blas_thread
from tonewise.records import SAMPLE_RATE, Clip, Problem, Progress

if TYPE_CHECKING:
    import numpy as np

Decode = Callable[[Clip], "np.ndarray"]

BATCH_CLIPS = 32
BATCH_SECONDS = 120.0  # of sound; a longer clip is a batch of its own


@dataclass(frozen=True, slots=True)
class Extraction:
    """Features of clips, row by row.

    Attributes:
        matrix: float32 `(n_clips, dimensions)`; the rows of clips that failed hold NaN.
        failed: why a clip failed, by row.
        hits: rows found in the cache.
        misses: rows that were not.
        audio_seconds: seconds of sound in the clips that did not fail, without the silence around it.
        problems: what went wrong with the cache itself meanwhile.
    """

    matrix: np.ndarray
    failed: dict[int, str]
    hits: int
    misses: int
    audio_seconds: float
    problems: tuple[Problem, ...] = ()


def extract(
    clips: Sequence[Clip], encoder: Encoder, decode: Decode, cache: FeatureCache, progress: Progress | None = None
) -> Extraction:
    """`extract_all` of one encoder, with a function that decodes a single clip (and opens its recording for each)."""
    return extract_all([(encoder, clips)], _one_by_one(decode), cache, progress)[0]


def extract_all(
    wanted: Sequence[tuple[Encoder, Sequence[Clip]]],
    listen: Listen,
    cache: FeatureCache,
    progress: Progress | None = None,
) -> list[Extraction]:
    """Encode clips that are not in the cache yet; one broken clip does not stop the others.

    A recording is decoded once, whatever the number of its clips and of encoders; one whose clips are all known is not
    decoded at all. Sounds wait in memory for a batch of each encoder at most, and for two minutes of sound beyond.

    Args:
        wanted: encoders, and what each is to hear.
        listen: decodes clips of one recording, given in the order of time; called from several threads at once.
        cache: where vectors are looked for and kept as soon as they are made.
        progress: called with stage "features NAME" and the number of clips that are done.

    Returns:
        One extraction an encoder.

    Raises:
        WeightsError: an encoder's weights cannot be had.
    """
    told_before = len(cache.problems)
    works = [_Work(clips, encoder, cache, progress) for encoder, clips in wanted]
    with one_blas_thread():
        _encode_all(works, listen)
    return [
        Extraction(
            matrix=work.matrix,
            failed=dict(sorted(work.failed.items())),
            hits=work.hits,
            misses=len(work.unknown),
            audio_seconds=work.audio_seconds,
            problems=tuple(cache.problems[told_before:]),
        )
        for work in works
    ]


def _encode_all(works: Sequence[_Work], listen: Listen) -> None:
    whose: dict[Clip, list[tuple[_Work, int]]] = {}
    for work in works:
        for row in work.unknown:
            whose.setdefault(work.clips[row], []).append((work, row))
    with closing(decoded_ahead(by_recording(whose), listen)) as sounds:
        for clip, sound in sounds:
            for work, row in whose.pop(clip):
                work.add(row, sound)
    for work in works:
        work.finish()


def _one_by_one(decode: Decode) -> Listen:
    def listen(clips: Sequence[Clip]) -> Generator[np.ndarray | AudioError, None, None]:
        for clip in clips:
            try:
                sound: np.ndarray | AudioError = decode(clip)
            except AudioError as error:
                sound = error
            yield sound

    return listen


class _Work:
    """The rows of one extraction as they fill up.

    Attributes:
        matrix, failed, hits: as in `Extraction`.
        clips: what is to be heard.
        unknown: the rows that are neither in the cache nor too short to be heard.
    """

    def __init__(self, clips: Sequence[Clip], encoder: Encoder, cache: FeatureCache, progress: Progress | None) -> None:
        import numpy as np

        self.matrix = np.full((len(clips), encoder.dimensions), np.nan, dtype=np.float32)
        self.failed: dict[int, str] = {}
        self.clips = clips
        self._encoder, self._cache, self._progress = encoder, cache, progress
        self._keys = cache.keys(clips, encoder.identity())
        self._done: set[int] = set()
        self._batch: dict[int, np.ndarray] = {}
        self._seconds = 0.0  # of sound in the batch
        self.unknown = self._recall()
        self.hits = len(self._done) - len(self.failed)

    @property
    def audio_seconds(self) -> float:
        """Seconds of sound in the clips that did not fail."""
        return sum(clip.duration for row, clip in enumerate(self.clips) if row not in self.failed)

    def _recall(self) -> list[int]:
        """Fill the rows that are in the cache and fail those that are too short to be heard; returns the others."""
        for row, clip in enumerate(self.clips):
            if length(clip) < self._encoder.minimum_seconds:
                self._fail(row, self._too_short())
        rows = [row for row in range(len(self.clips)) if row not in self.failed]
        vectors = self._cache.get_many([self._keys[row] for row in rows], self._encoder.dimensions)
        for row, vector in zip(rows, vectors, strict=True):
            if vector is not None:
                self.matrix[row] = vector
                self._done.add(row)
        self._report()
        return [row for row in rows if row not in self._done]

    def add(self, row: int, sound: np.ndarray | AudioError) -> None:
        """Take a sound into the batch, which is encoded when it is full; or the reason why there is none."""
        if isinstance(sound, AudioError):
            self._fail(row, str(sound))
        elif len(sound) < self._encoder.minimum_seconds * SAMPLE_RATE:
            self._fail(row, self._too_short())
        else:
            seconds = length(self.clips[row])
            if self._seconds + seconds > BATCH_SECONDS:
                self.finish()
            self._batch[row] = sound
            self._seconds += seconds
            if len(self._batch) == BATCH_CLIPS:
                self.finish()

    def finish(self) -> None:
        """Encode the batch, whatever is in it."""
        import numpy as np

        batch, self._batch, self._seconds = self._batch, {}, 0.0
        vectors = self._encoder.encode(list(batch.values())) if batch else ()
        for row, vector in zip(batch, vectors, strict=True):
            if np.isfinite(vector).all():
                self.matrix[row] = vector
                self._cache.put(self._keys[row], vector)
                self._done.add(row)
            else:
                self._fail(row, f"{self._encoder.name} made numbers of it that are not finite; is the sound damaged?")
        self._report()

    def _too_short(self) -> str:
        least = self._encoder.minimum_seconds
        return (
            f"shorter than the {least:g} s that {self._encoder.name} needs; join it with its neighbour or leave it out"
        )

    def _fail(self, row: int, why: str) -> None:
        self.failed[row] = why
        self._done.add(row)

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(f"features {self._encoder.name}", len(self._done), len(self.clips))
