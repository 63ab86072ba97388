"""Frames of an open recording at its own rate: opened once, any number of ranges are cut from it as they pass.

What is lossless (PCM, FLAC) is sought in. A seek in MP3 or Opus leaves the decoder in another state than decoding straight
on does, by 1e-7 to 3e-3, and which state depends on what was decoded before. So these are decoded straight on, in sections
that begin at fixed places: a frame is a function of the file and of its place alone, and no range costs more than a section.
FFmpeg's containers state times too coarse to begin in the middle: they are decoded from their beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tonewise.audio import container, sndfile
from tonewise.audio.raw import RawFormat
from tonewise.errors import AudioError

if TYPE_CHECKING:
    import numpy as np

SECTION = 300  # seconds: decoding as much of MP3 takes 0.4 s, opening it in the middle 0.1 s
WARM_UP = 1.0  # seconds decoded before a section and thrown away: lossy decoders remember that much
BLOCK = 5.0  # seconds decoded at a time

JITTER = 0.05  # seconds that the times of a container's frames may be late by without something having been left out
LONGEST_GAP = 600.0  # seconds; what is later still has a damaged time

#: libsndfile's names of what is lossy and remembers earlier frames.
_REMEMBERING = ("VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III")


class Frames(Protocol):
    """Frames of a recording that is open: `rate` in Hz, `channels`."""

    rate: int
    channels: int

    def read(self, first: int, count: int | None) -> np.ndarray:
        """Frames from `first` on, float32 `(n, channels)`, fewer than `count` at the end; None reads to the end.

        Raises:
            AudioError: they cannot be decoded.
        """

    def close(self) -> None:
        """Close the file."""


def open_frames(file: Path, raw: RawFormat | None) -> Frames | None:
    """Open a file that exists; None where neither libsndfile nor FFmpeg finds sound in it.

    Args:
        file: a recording.
        raw: what it holds where it has no header.

    Raises:
        AudioError: it states an absurd rate or number of channels.
    """
    stream = sndfile.opened(file, raw)
    if stream is not None:
        if raw is not None or stream.subtype not in _REMEMBERING:
            return _Sought(file, stream)
        with stream:
            return _Passing(
                stream.samplerate,
                stream.channels,
                lambda section: _sections(file, section),
                SECTION * stream.samplerate,
            )
    if raw is not None or (found := container.opened(file)) is None:
        return None
    with found:
        stated = found.streams.audio[0]
        return _Passing(stated.rate, stated.channels, lambda _: _of_container(file), None)


class _Sought:
    """What can be sought in to the frame."""

    def __init__(self, file: Path, stream: Any) -> None:
        self._file, self._stream = file, stream
        self.rate: int = stream.samplerate
        self.channels: int = stream.channels

    def read(self, first: int, count: int | None) -> np.ndarray:
        import soundfile

        try:
            self._stream.seek(min(first, self._stream.frames))
            found: np.ndarray = self._stream.read(-1 if count is None else count, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise _damaged(self._file, first / self.rate, error) from error
        return found

    def close(self) -> None:
        self._stream.close()


class _Passing:
    """What is decoded straight on. Kept are the frames from the last range's first on: ranges come in the order of time."""

    def __init__(
        self, rate: int, channels: int, begin: Callable[[int], Iterator[np.ndarray]], section: int | None
    ) -> None:
        """Frames of `begin(k)`, blocks from the `k`-th section of `section` frames on; None = there is one section."""
        self.rate, self.channels = rate, channels
        self._begin, self._section = begin, section
        self._blocks: Iterator[np.ndarray] = iter(())
        self._kept: list[np.ndarray] = []
        self._from, self._to = 0, -1  # the place of what is kept; nothing was decoded yet
        self._broken: AudioError | None = None

    def read(self, first: int, count: int | None) -> np.ndarray:
        import numpy as np

        if first < self._from or self._number(first) > self._number(self._to):
            self._start(self._number(first))
        self._drop(first)
        while count is None or self._to < first + count:
            block = self._next()
            if block is None:
                break
            self._kept.append(block)
            self._to += len(block)
            self._drop(first)
        frames = self._kept[0] if len(self._kept) == 1 else np.concatenate([self._nothing(), *self._kept])
        last = None if count is None else max(first - self._from + count, 0)
        return frames[first - self._from : last]

    def close(self) -> None:
        self._blocks = iter(())
        self._kept = []

    def _number(self, frame: int) -> int:
        if frame < 0:
            return -1
        return 0 if self._section is None else frame // self._section

    def _start(self, number: int) -> None:
        self._blocks, self._kept, self._broken = self._begin(number), [], None
        self._from = self._to = number * (self._section or 0)

    def _drop(self, first: int) -> None:
        """Forget blocks that lie before the range."""
        while self._kept and self._from + len(self._kept[0]) <= first:
            self._from += len(self._kept.pop(0))

    def _next(self) -> np.ndarray | None:
        if self._broken is not None:  # a generator that has failed says no more
            raise self._broken
        try:
            return next(self._blocks, None)
        except AudioError as error:
            self._broken = error
            raise

    def _nothing(self) -> np.ndarray:
        import numpy as np

        return np.zeros((0, self.channels), dtype=np.float32)


def _sections(file: Path, number: int) -> Iterator[np.ndarray]:
    """Blocks from the beginning of a section to the end of the file, each section by a decoder that is opened for it."""
    import soundfile

    while True:
        with _opened_again(sndfile.opened(file, None), file) as stream:
            rate, frames = stream.samplerate, stream.frames
            position, end = number * SECTION * rate, min((number + 1) * SECTION * rate, frames)
            if position >= end:
                return
            try:
                for block in _section(stream, position, end):
                    position += len(block)
                    yield block
            except soundfile.LibsndfileError as error:
                raise _damaged(file, position / rate, error) from error
        if position < end or end == frames:
            return
        number += 1


def _section(stream: Any, position: int, end: int) -> Iterator[np.ndarray]:
    before = min(round(WARM_UP * stream.samplerate), position)
    if position:
        stream.seek(position - before)
        stream.read(before, dtype="float32")
    while position < end:
        count = min(round(BLOCK * stream.samplerate), end - position)
        block = stream.read(count, dtype="float32", always_2d=True)
        if len(block):
            yield block
        if len(block) < count:
            return
        position += count


def _of_container(file: Path) -> Iterator[np.ndarray]:
    """Blocks of what FFmpeg decodes; what was left out of it (a muted line, lost packets) is silence."""
    import numpy as np

    with _opened_again(container.opened(file), file) as found:
        stream = found.streams.audio[0]
        waiting: list[np.ndarray] = []
        frames = 0
        for piece in _without_gaps(container.timed_blocks(found, stream, file), stream.rate):
            waiting.append(piece)
            frames += len(piece)
            if frames >= BLOCK * stream.rate:
                yield np.concatenate(waiting)
                waiting, frames = [], 0
        if waiting:
            yield np.concatenate(waiting)


def _without_gaps(pieces: Iterable[tuple[float | None, np.ndarray]], rate: int) -> Iterator[np.ndarray]:
    """The pieces, and silence where the next one's time says that something was left out."""
    import numpy as np

    position = 0
    for time, piece in pieces:
        late = 0.0 if time is None else time - position / rate
        if JITTER < late < LONGEST_GAP:
            missing, most = round(late * rate), round(BLOCK * rate)
            position += missing
            for first in range(0, missing, most):
                yield np.zeros((min(most, missing - first), piece.shape[1]), dtype=np.float32)
        position += len(piece)
        yield piece


def _opened_again(found: Any | None, file: Path) -> Any:
    """What a decoder opened, which has opened the same file before."""
    if found is None:
        raise AudioError(f"{file} can be opened no more: it was moved or changed while it was read; run the same again")
    return found


def _damaged(file: Path, seconds: float, error: Any) -> AudioError:
    return AudioError(f"{file} is damaged at {seconds:.1f} s ({error.error_string}); export it again")
