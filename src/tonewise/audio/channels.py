"""Channels of a recording against one another."""

from __future__ import annotations

from pathlib import Path

from tonewise.audio.decode import probe, read

#: Seconds decoded at a time: a day-long recording takes no more memory than this.
BLOCK = 60.0

#: Two channels are copies where they differ by less than 60 dB below what is heard, or by less than half a step of 16 bits:
#: lossy formats and dither leave that much.
_RELATIVE = 1e-3
_ABSOLUTE = 0.5 / 32_768


def identical_channels(path: str | Path) -> bool:
    """Whether a recording has several channels and all are copies of one: mono that was saved as stereo.

    Decodes block by block and stops at the first that differs; silence differs from nothing.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    info = probe(path)
    if info.channels < 2:
        return False
    start = 0.0
    while start < info.duration:
        seconds = min(BLOCK, info.duration - start)
        if not _alike(path, start, seconds, info.channels, info.sample_rate):
            return False
        start += BLOCK
    return True


def _alike(path: str | Path, start: float, seconds: float, channels: int, rate: int) -> bool:
    import numpy as np

    first = read(path, start, seconds, channel=0, rate=rate)
    allowed = max(_RELATIVE * float(np.sqrt(np.mean(np.square(first)))), _ABSOLUTE)
    for channel in range(1, channels):
        difference = read(path, start, seconds, channel=channel, rate=rate) - first
        if float(np.sqrt(np.mean(np.square(difference)))) > allowed:
            return False
    return True
