"""What is heard of an utterance: all of it, or the founding article's fixed clips."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tonewise.audio.decode import read
from tonewise.audio.raw import declared, parse_raw
from tonewise.records import SAMPLE_RATE, Clip

if TYPE_CHECKING:
    import numpy as np


def whole_clip(audio: str, start: float, end: float, channel: int | None = None) -> Clip:
    """All of an utterance, for encoders that pool over any length. Times in seconds."""
    return Clip(audio, start, end - start, channel, raw=declared(audio))


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
        return Clip(audio, start, end - start, channel, before=before, after=spare - before, raw=declared(audio))
    return Clip(audio, start - spare * share, seconds, channel, raw=declared(audio))


def hear(clip: Clip, rate: int = SAMPLE_RATE) -> np.ndarray:
    """Decode a clip: float32 `(n_samples,)`, its zeros included.

    Raises:
        AudioError: see `read`.
    """
    import numpy as np

    raw = parse_raw(clip.raw) if clip.raw else None
    samples = read(clip.audio, clip.start, clip.duration, channel=clip.channel, rate=rate, raw=raw)
    before = round(clip.before * rate)
    total = round((clip.before + clip.duration + clip.after) * rate)
    return np.pad(samples, (before, max(total - before - len(samples), 0)))[:total]


def _uniform(*parts: object) -> float:
    """A number in [0, 1) that depends on nothing but `parts`."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
