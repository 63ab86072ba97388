"""What FFmpeg's libraries (PyAV) read and libsndfile does not: M4A, MP4, WebM, AAC, AMR, video with sound …"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import AudioError

if TYPE_CHECKING:
    import numpy as np

#: Compressed formats decode right only some packets after a seek: this many seconds are decoded and thrown away.
PREROLL = 0.5

#: Containers that name other files or addresses (playlists, concatenation scripts) are never followed.
REFUSED_FORMATS = frozenset({"hls", "applehttp", "concat", "dash", "rtsp", "sdp", "rtp", "lavfi", "image2"})


def probe(file: Path) -> tuple[float, int, int, str] | None:
    """Duration in s, rate in Hz, channels and format; None where FFmpeg finds no sound in the file."""
    container = _open(file)
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
        return duration, stream.rate, stream.channels, container.format.name


def read(file: Path, start: float, duration: float | None) -> tuple[np.ndarray, int] | None:
    """Frames `(n_frames, n_channels)` from `start` and their rate in Hz; None where FFmpeg finds no sound."""
    import numpy as np

    container = _open(file)
    if container is None:
        return None
    with container:
        stream = container.streams.audio[0]
        rate, channels = stream.rate, stream.channels
        blocks = list(_blocks(container, stream, file, start, duration))
    if not blocks:
        return np.zeros((0, channels), dtype=np.float32), rate
    frames = np.concatenate(blocks, axis=0)
    return (frames if duration is None else frames[: round(duration * rate)]), rate


def _open(file: Path) -> Any | None:
    import av

    try:
        # Of a "file:" FFmpeg takes the rest as the name, whatever stands in it.
        container = av.open(f"file:{file}", metadata_errors="ignore", options={"protocol_whitelist": "file"})
    except (av.FFmpegError, UnicodeError):
        return None
    if REFUSED_FORMATS & set(container.format.name.split(",")) or not _decodable(container):
        container.close()
        return None
    return container


def _decodable(container: Any) -> bool:
    """Whether there is sound, and FFmpeg knows how to decode it."""
    found = container.streams.audio[:1]
    return bool(found) and found[0].codec_context is not None and bool(found[0].rate and found[0].channels)


def _blocks(container: Any, stream: Any, file: Path, start: float, duration: float | None) -> Any:
    """Decoded blocks `(n_frames, n_channels)` from exactly `start` on."""
    import numpy as np

    rate = stream.rate
    origin = float((stream.start_time or 0) * stream.time_base)
    if start > PREROLL:
        container.seek(int((start - PREROLL + origin) / stream.time_base), stream=stream, backward=True)
    end = float("inf") if duration is None else start + duration
    position = None  # seconds, of the next decoded sample; timestamps of packets are too coarse to add up
    for frame in _decoded(container, stream, file):
        if position is None:
            position = 0.0 if frame.time is None else max(frame.time - origin, 0.0)
        block = _as_float(frame)
        skip = min(max(round((start - position) * rate), 0), len(block))
        position += len(block) / rate
        if skip < len(block):
            yield np.ascontiguousarray(block[skip:])
        if position >= end:
            return


def _decoded(container: Any, stream: Any, file: Path) -> Any:
    import av

    try:
        yield from container.decode(stream)
    except av.FFmpegError as error:
        raise AudioError(f"{file} is damaged ({error.strerror}); export it again") from error


def _as_float(frame: Any) -> np.ndarray:
    import numpy as np

    samples = frame.to_ndarray()
    channels = frame.layout.nb_channels
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / 128
    if samples.dtype.kind == "i":
        return samples.astype(np.float32) / np.float32(np.iinfo(samples.dtype).max + 1)
    return samples.astype(np.float32)


def _decoded_length(container: Any, stream: Any, file: Path) -> float:
    """Seconds of sound where no header states them (streamed WebM): counted by decoding it."""
    return sum(frame.samples for frame in _decoded(container, stream, file)) / stream.rate
