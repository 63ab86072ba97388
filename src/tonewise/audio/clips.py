"""What is heard of an utterance: all of it, or the founding article's fixed clips."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.audio.decode import PREROLL, Recording
from tonewise.audio.raw import declared, is_raw, parse_raw
from tonewise.errors import AudioError
from tonewise.records import SAMPLE_RATE, Clip

if TYPE_CHECKING:
    import numpy as np


#: How ranges of lossy files are decoded since they are decoded straight on (see `stream`): it changes their last bits.
STRAIGHT = 2

#: Extensions of what is sought in, and always was.
_LOSSLESS = (".wav", ".flac", ".aif", ".aiff", ".au", ".w64", ".rf64")


def whole_clip(audio: str, start: float, end: float, channel: int | None = None) -> Clip:
    """All of an utterance, for encoders that pool over any length. Times in seconds."""
    return _clip(audio, start, end - start, channel)


def fixed_clip(
    audio: str, start: float, end: float, channel: int | None = None, *, seconds: float, seed: int, name: str
) -> Clip:
    """A clip of exactly `seconds`: a longer utterance is cropped, a shorter one zero-padded, at a random offset.

    This is how the founding article cuts its 7 s clips. The offset depends on `seed`, on `name` (the recording's) and on
    the times only: not on the order of the work, nor on where the files lie.
    """
    share = _uniform(seed, name, start, end)
    spare = seconds - (end - start)
    if spare >= 0:
        before = spare * share
        return _clip(audio, start, end - start, channel, before=before, after=spare - before)
    return _clip(audio, start - spare * share, seconds, channel)


def _clip(
    audio: str, start: float, duration: float, channel: int | None, *, before: float = 0.0, after: float = 0.0
) -> Clip:
    from_beginning = start <= PREROLL or is_raw(audio) or Path(audio).suffix.lower() in _LOSSLESS
    decoding = None if from_beginning else STRAIGHT
    return Clip(audio, start, duration, channel, before, after, declared(audio), decoding)


def hear(clip: Clip, rate: int = SAMPLE_RATE) -> np.ndarray:
    """Decode a clip: float32 `(n_samples,)`, its zeros included.

    Raises:
        AudioError: see `read`.
    """
    with _opened(clip) as recording:
        return _heard(recording, clip, rate)


def hear_all(clips: Sequence[Clip], rate: int = SAMPLE_RATE) -> Generator[np.ndarray | AudioError, None, None]:
    """As `hear`, for several clips of one file, which is opened once; cheapest in the order of time.

    Yields:
        Of each clip in turn its samples, or why it cannot be heard.
    """
    if not clips:
        return
    try:
        recording = _opened(clips[0])
    except AudioError as error:
        yield from [error] * len(clips)
        return
    with recording:
        for clip in clips:
            try:
                heard: np.ndarray | AudioError = _heard(recording, clip, rate)
            except AudioError as error:
                heard = error
            yield heard


def _opened(clip: Clip) -> Recording:
    return Recording(clip.audio, raw=parse_raw(clip.raw) if clip.raw else None)


def _heard(recording: Recording, clip: Clip, rate: int) -> np.ndarray:
    import numpy as np

    samples = recording.read(clip.start, clip.duration, channel=clip.channel, rate=rate)
    before = round(clip.before * rate)
    total = round((clip.before + clip.duration + clip.after) * rate)
    return np.pad(samples, (before, max(total - before - len(samples), 0)))[:total]


def _uniform(*parts: object) -> float:
    """A number in [0, 1) that depends on nothing but `parts`."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
