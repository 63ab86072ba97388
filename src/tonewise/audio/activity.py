"""Where somebody speaks: voice activity by Silero VAD (MIT), which faster-whisper carries as ONNX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.audio.decode import TOLERANCE, Recording, probe
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

#: Seconds looked at and seconds decoded at a time: a day-long recording takes no more memory than this.
BLOCK = 600.0
PIECE = 30.0

LOOKERS = 1  # thread that looks for voices while the next block is decoded; each takes 300 MB


def speech_segments(
    path: str | Path, *, channel: int | None = None, maximum: float = 15.0
) -> list[tuple[float, float]]:
    """Find the stretches of speech of a recording, split so that none is longer than `maximum` seconds.

    Returns:
        (start, end) in seconds from the start of the recording, in order; empty where nobody speaks.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    return speech_of_channels(path, (channel,), maximum=maximum)[0]


def speech_of_channels(
    path: str | Path, channels: Sequence[int | None], *, maximum: float = 15.0
) -> list[list[tuple[float, float]]]:
    """`speech_segments` of several channels, decoding the recording once."""
    duration = probe(path).duration
    found: list[list[Future[list[tuple[float, float]]]]] = [[] for _ in channels]
    with Recording(path) as recording, ThreadPoolExecutor(LOOKERS, thread_name_prefix="voices") as pool:
        start = 0.0
        while not start or duration - start > TOLERANCE:  # so much less a file may hold, and nobody speaks in it
            blocks = _block(recording, start, min(BLOCK, duration - start), channels)
            for block, of_channel in zip(blocks, found, strict=True):
                if of_channel:  # decoding runs ahead of looking by a block, and no further
                    of_channel[-1].result()
                of_channel.append(pool.submit(_in_block, block, start, maximum))
            start += BLOCK
        return [[segment for future in of_channel for segment in future.result()] for of_channel in found]


def _block(recording: Recording, start: float, duration: float, channels: Sequence[int | None]) -> list[np.ndarray]:
    """Samples of each channel, decoded piece by piece: at its own rate, a block of all channels would fill the memory."""
    import numpy as np

    pieces: list[list[np.ndarray]] = [[] for _ in channels]
    number = max(int(duration // PIECE), 1)
    for position in range(number):
        seconds = PIECE if position < number - 1 else duration - position * PIECE
        for channel, found in zip(channels, pieces, strict=True):
            found.append(recording.read(start + position * PIECE, seconds, channel=channel))
    return [np.concatenate(found) for found in pieces]


def _in_block(samples: np.ndarray, start: float, maximum: float) -> list[tuple[float, float]]:
    found = ((start + first / SAMPLE_RATE, start + last / SAMPLE_RATE) for first, last in speech_in(samples, maximum))
    return [segment for segment in found if segment[1] > segment[0]]


def speech_in(samples: np.ndarray, maximum: float = math.inf) -> list[tuple[int, int]]:
    """Stretches of speech in float32 samples at 16 kHz, (first, last) each, none longer than `maximum` seconds."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(max_speech_duration_s=maximum, min_silence_duration_ms=300, speech_pad_ms=100)
    return [(found["start"], found["end"]) for found in get_speech_timestamps(samples, options)]
