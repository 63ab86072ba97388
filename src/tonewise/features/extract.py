"""Features of many clips: found in the cache, or decoded ahead, encoded batch by batch and kept at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.errors import AudioError
from tonewise.features.base import Encoder
from tonewise.features.cache import FeatureCache
from tonewise.records import SAMPLE_RATE, Clip, Problem, Progress

if TYPE_CHECKING:
    import numpy as np

Decode = Callable[[Clip], "np.ndarray"]

DECODERS = 2  # threads that decode while the encoder works
AHEAD = 2  # batches decoded ahead of the encoder: this bounds the memory
BATCH_CLIPS = 16
BATCH_SECONDS = 60.0  # of sound; a longer clip is a batch of its own


@dataclass(frozen=True, slots=True)
class Extraction:
    """Features of clips, row by row.

    Attributes:
        matrix: float32 `(n_clips, dimensions)`; the rows of clips that failed hold NaN.
        failed: why a clip failed, by row.
        hits: rows found in the cache.
        misses: rows that were not.
        audio_seconds: seconds of sound in the clips that did not fail, without the silence around it.
        problems: what went wrong with the cache itself.
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
    """Encode clips that are not in the cache yet; one broken clip does not stop the others.

    Args:
        clips: what is to be heard.
        encoder: what hears it.
        decode: gives float32 `(n_samples,)` at 16 kHz, or raises `AudioError`; called from several threads at once.
        cache: where vectors are looked for and kept as soon as they are made.
        progress: called with stage "features NAME" and the number of clips that are done.

    Raises:
        WeightsError: the encoder's weights cannot be had.
    """
    work = _Work(clips, encoder, cache, progress)
    hits = work.recall()
    todo = work.todo()
    with closing(_decoded_ahead(_batches(todo, clips), clips, decode)) as batches:
        for rows, sounds in batches:
            work.encode(rows, sounds)
    return Extraction(
        matrix=work.matrix,
        failed=dict(sorted(work.failed.items())),
        hits=hits,
        misses=len(todo),
        audio_seconds=sum(clip.duration for row, clip in enumerate(clips) if row not in work.failed),
        problems=tuple(cache.problems),
    )


class _Work:
    """The rows of one extraction as they fill up."""

    def __init__(self, clips: Sequence[Clip], encoder: Encoder, cache: FeatureCache, progress: Progress | None) -> None:
        import numpy as np

        self.matrix = np.full((len(clips), encoder.dimensions), np.nan, dtype=np.float32)
        self.failed: dict[int, str] = {}
        self._clips, self._encoder, self._cache, self._progress = clips, encoder, cache, progress
        self._keys = cache.keys(clips, encoder.identity())
        self._done: set[int] = set()

    def recall(self) -> int:
        """Fill the rows that are in the cache and fail those that are too short to be heard; returns the hits."""
        for row, clip in enumerate(self._clips):
            if clip.before + clip.duration + clip.after < self._encoder.minimum_seconds:
                self._fail(row, self._too_short())
        rows = self.todo()
        vectors = self._cache.get_many([self._keys[row] for row in rows], self._encoder.dimensions)
        for row, vector in zip(rows, vectors, strict=True):
            if vector is not None:
                self.matrix[row] = vector
                self._done.add(row)
        self._report()
        return len(rows) - len(self.todo())

    def todo(self) -> list[int]:
        """Rows without an outcome."""
        return [row for row in range(len(self._clips)) if row not in self._done]

    def encode(self, rows: Sequence[int], sounds: Sequence[np.ndarray | str]) -> None:
        """Encode one batch; a sound that is a text is the reason why there is none."""
        import numpy as np

        heard: dict[int, np.ndarray] = {}
        for row, sound in zip(rows, sounds, strict=True):
            if isinstance(sound, str):
                self._fail(row, sound)
            elif len(sound) < self._encoder.minimum_seconds * SAMPLE_RATE:
                self._fail(row, self._too_short())
            else:
                heard[row] = sound
        vectors = self._encoder.encode(list(heard.values())) if heard else ()
        for row, vector in zip(heard, vectors, strict=True):
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
            self._progress(f"features {self._encoder.name}", len(self._done), len(self._clips))


def _batches(rows: Sequence[int], clips: Sequence[Clip]) -> Iterator[list[int]]:
    """Rows in the order of the clips, so that neighbours in a recording are read one after the other."""
    batch: list[int] = []
    seconds = 0.0
    for row in rows:
        length = clips[row].before + clips[row].duration + clips[row].after
        if batch and (len(batch) == BATCH_CLIPS or seconds + length > BATCH_SECONDS):
            yield batch
            batch, seconds = [], 0.0
        batch.append(row)
        seconds += length
    if batch:
        yield batch


def _decoded_ahead(
    batches: Iterator[list[int]], clips: Sequence[Clip], decode: Decode
) -> Generator[tuple[list[int], list[np.ndarray | str]]]:
    """Batches with their sounds, decoded in threads while the one before is encoded."""
    waiting: deque[tuple[list[int], list[Future[np.ndarray | str]]]] = deque()
    pool = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")
    try:
        for batch in batches:
            waiting.append((batch, [pool.submit(_attempt, decode, clips[row]) for row in batch]))
            if len(waiting) > AHEAD:
                yield _sounds(*waiting.popleft())
        while waiting:
            yield _sounds(*waiting.popleft())
    finally:
        # An interrupt must not wait for sounds that nobody will encode.
        pool.shutdown(wait=True, cancel_futures=True)


def _sounds(rows: list[int], futures: list[Future[np.ndarray | str]]) -> tuple[list[int], list[np.ndarray | str]]:
    return rows, [future.result() for future in futures]


def _attempt(decode: Decode, clip: Clip) -> np.ndarray | str:
    try:
        return decode(clip)
    except AudioError as error:
        return str(error)
