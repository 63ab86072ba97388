"""What FFmpeg's libraries (PyAV) read and libsndfile does not: M4A, MP4, WebM, AAC, AMR, video with sound …"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.audio.allowed import CODECS, GROWING, MAX_HOURS, OPTIONS, check_stated
from tonewise.errors import AudioError

if TYPE_CHECKING:
    import numpy as np


def probe(file: Path) -> tuple[float, int, int, str] | None:
    """Duration in s, rate in Hz, channels and format; None where FFmpeg finds no sound in the file."""
    container = opened(file)
    if container is None:
        return None
    with container:
        stream = container.streams.audio[0]
        if stream.duration is not None:
            duration = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            duration = container.duration / 1_000_000  # FFmpeg's AV_TIME_BASE is a microsecond
        else:
            duration = _decoded_length(container, stream, file)
        check_stated(file, stream.rate, stream.channels, duration)
        return duration, stream.rate, stream.channels, container.format.name


def opened(file: Path) -> Any | None:
    """An `av` input container, to be closed; None where FFmpeg finds no sound in it that `allowed` lets it decode.

    Nothing else opens a file with FFmpeg: what a file may ask for is limited here.

    Raises:
        AudioError: an absurd rate or number of channels.
    """
    container = _open(file, OPTIONS)
    if container is not None and GROWING & set(container.format.name.split(",")):
        known = len(container.streams)
        container.close()
        container = _open(file, {**OPTIONS, "max_streams": str(known)})
    if container is None:
        return None
    stream = container.streams.audio[0]
    try:
        check_stated(file, stream.rate, stream.channels)
    except AudioError:
        container.close()
        raise
    return container


def _open(file: Path, options: Mapping[str, str]) -> Any | None:
    import av

    try:
        # Of a "file:" FFmpeg takes the rest as the name, whatever stands in it.
        container = av.open(f"file:{file}", container_options=dict(options), **_titles(av.__version__))
    except (av.FFmpegError, UnicodeError):
        return None
    if _decodable(container):
        return container
    container.close()
    return None


def _titles(version: str) -> dict[str, Any]:
    """What lets titles be no text: PyAV 19 takes them as they are, and has no such option any more."""
    return {} if int(version.split(".", maxsplit=1)[0]) >= 19 else {"metadata_errors": "ignore"}


def _decodable(container: Any) -> bool:
    """Whether there is sound, and FFmpeg may and can decode it."""
    found = container.streams.audio[:1]
    if not found or found[0].codec_context is None or found[0].codec_context.codec.name not in CODECS:
        return False
    return bool(found[0].rate and found[0].channels)


def _decoded(container: Any, stream: Any, file: Path) -> Any:
    """Frames of one rate and one number of channels, as the header states them."""
    import av

    stated = stream.rate, stream.channels
    try:
        for frame in container.decode(stream):
            if (frame.sample_rate, frame.layout.nb_channels) != stated:
                raise AudioError(f"{file} changes its sample rate or its channels half-way; export it again")
            yield frame
    except av.FFmpegError as error:
        # FFmpeg says so of both.
        what = "more streams or memory than it may have" if isinstance(error, MemoryError) else error.strerror
        raise AudioError(f"{file} is damaged ({what}); export it again") from error


def timed_blocks(container: Any, stream: Any, file: Path) -> Any:
    """Every block of frames `(n_frames, n_channels)` in order, each with its time in s, None where none is stated."""
    origin = float((stream.start_time or 0) * stream.time_base)
    for frame in _decoded(container, stream, file):
        yield None if frame.time is None else frame.time - origin, _as_float(frame)


def _as_float(frame: Any) -> np.ndarray:
    import numpy as np

    samples: np.ndarray = frame.to_ndarray()
    channels = frame.layout.nb_channels
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / 128
    if samples.dtype.kind == "i":
        return samples.astype(np.float32) / np.float32(np.iinfo(samples.dtype).max + 1)
    return samples.astype(np.float32)


def _decoded_length(container: Any, stream: Any, file: Path) -> float:
    """Seconds of sound where no header states them (streamed WebM): counted by decoding it, `MAX_HOURS` at most."""
    rate: int = stream.rate
    samples: int = 0
    for frame in _decoded(container, stream, file):
        samples += frame.samples
        if samples > MAX_HOURS * 3600 * rate:
            break
    return samples / rate
