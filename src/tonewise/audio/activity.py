"""Where somebody speaks: voice activity by Silero VAD (MIT), which faster-whisper carries as ONNX."""

from __future__ import annotations

from pathlib import Path

from tonewise.audio.decode import probe, read
from tonewise.records import SAMPLE_RATE

#: Seconds decoded at a time: a day-long recording takes no more memory than this.
BLOCK = 600.0


def speech_segments(
    path: str | Path, *, channel: int | None = None, maximum: float = 15.0
) -> list[tuple[float, float]]:
    """Find the stretches of speech of a recording, split so that none is longer than `maximum` seconds.

    Returns:
        (start, end) in seconds from the start of the recording, in order; empty where nobody speaks.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(max_speech_duration_s=maximum, min_silence_duration_ms=300, speech_pad_ms=100)
    duration = probe(path).duration
    segments = []
    start = 0.0
    while start < duration:
        samples = read(path, start, min(BLOCK, duration - start), channel=channel)
        for found in get_speech_timestamps(samples, options):
            segments.append((start + found["start"] / SAMPLE_RATE, start + found["end"] / SAMPLE_RATE))
        start += BLOCK
    return [segment for segment in segments if segment[1] > segment[0]]
