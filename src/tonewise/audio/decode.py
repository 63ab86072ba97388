"""Any range of any channel of a recording as 16 kHz mono float32, without loading the whole file.

libsndfile (soundfile) reads WAV, FLAC, OGG/Opus and MP3 and seeks to the sample; FFmpeg's libraries (PyAV) read
everything else: M4A, MP4, WebM, AAC, AMR … Both come inside Python wheels: no system package is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.audio import container
from tonewise.errors import AudioError
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

#: Seconds decoded before a range and thrown away: MP3 refers back to earlier frames (its bit reservoir), so that the
#: first ones after a seek are silent or wrong. The resampler's filter, too, wants the neighbours it has in the whole.
PREROLL = 0.5
POSTROLL = 0.05  # seconds after a range, for the filter

#: Seconds that a file may end before its header says so: encoders round to whole frames (MP3: 1,152 samples).
TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file's header states: `duration` in seconds, `sample_rate` in Hz, number of `channels`, `format`."""

    path: str
    duration: float
    sample_rate: int
    channels: int
    format: str


def probe(path: str | Path) -> AudioInfo:
    """State a recording's duration, rate and channels from its header, without decoding the sound where possible.

    Raises:
        AudioError: the file is missing, empty, no recording, or has no samples.
    """
    file = _existing(path)
    info = _probe_sndfile(file) or container.probe(file)
    if info is None:
        raise AudioError(_not_audio(file))
    duration, sample_rate, channels, name = info
    if duration <= 0:
        raise AudioError(f"{file} holds no sound: its length is zero; record or export it again")
    return AudioInfo(str(file), duration, sample_rate, channels, name)


def read(
    path: str | Path,
    start: float = 0.0,
    duration: float | None = None,
    *,
    channel: int | None = None,
    rate: int = SAMPLE_RATE,
) -> np.ndarray:
    """Decode `duration` seconds from `start` of one channel.

    Args:
        path: any recording that libsndfile or FFmpeg reads.
        start: seconds from the beginning of the file, 0 or more.
        duration: seconds; None reads to the end.
        channel: counted from 0; None takes the mean of all channels.
        rate: sampling rate of the result in Hz.

    Returns:
        float32 array of shape `(n_samples,)`, `n_samples = round(duration * rate)` where the file is long enough.

    Raises:
        AudioError: the file cannot be decoded, ends before the range does (a truncated file), has no such channel, or
            holds samples that are not finite.
    """
    import numpy as np

    file = _existing(path)
    if start < 0:
        raise AudioError(f"{file}: a range cannot start at {start:g} s; times count from 0, the start of the recording")
    before = min(PREROLL, start)
    window = None if duration is None else before + duration + POSTROLL
    decoded = _read_sndfile(file, start - before, window) or container.read(file, start - before, window)
    if decoded is None:
        raise AudioError(_not_audio(file))
    frames, source_rate = decoded
    samples = _one_channel(frames, channel, file)
    if not np.isfinite(samples).all():
        raise AudioError(f"{file} holds samples that are not numbers (NaN or infinite); export it again as 16-bit PCM")
    return _trim(_resample(samples, source_rate, rate), file, before, duration, rate)


def decoder_versions() -> dict[str, str]:
    """Versions of what decodes and resamples: with other versions the samples may differ in their last bits."""
    from importlib.metadata import version

    return {name: version(name) for name in ("soundfile", "av", "soxr")}


def _existing(path: str | Path) -> Path:
    file = Path(path)
    if file.is_dir():
        raise AudioError(f"{file} is a folder; a recording (a file) was expected")
    if not file.exists():
        raise AudioError(f"{file} does not exist; check the path")
    try:
        with file.open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise AudioError(f"{file} cannot be opened ({error.strerror}); check its permissions") from error
    if empty:
        raise AudioError(f"{file} is empty (0 bytes); copy or export the recording again")
    return file


def _not_audio(file: Path) -> str:
    with file.open("rb") as stream:
        head = stream.read(512)
    looks_text = b"\0" not in head and all(byte >= 9 for byte in head)
    what = "is a text file" if looks_text else "is no recording that libsndfile or FFmpeg can read, or it is damaged"
    return f"{file} {what}; expected audio such as WAV, FLAC, OGG/Opus, MP3, M4A or WebM"


def _probe_sndfile(file: Path) -> tuple[float, int, int, str] | None:
    import soundfile

    try:
        info = soundfile.info(str(file))
    except soundfile.LibsndfileError:
        return None
    return info.frames / info.samplerate, info.samplerate, info.channels, f"{info.format}/{info.subtype}"


def _read_sndfile(file: Path, start: float, duration: float | None) -> tuple[np.ndarray, int] | None:
    """Frames `(n_frames, n_channels)` and their rate, or None where libsndfile does not know the format."""
    import soundfile

    try:
        stream = soundfile.SoundFile(str(file))
    except soundfile.LibsndfileError:
        return None
    with stream:
        first = round(start * stream.samplerate)
        wanted = -1 if duration is None else round(duration * stream.samplerate)
        try:
            stream.seek(min(first, stream.frames))
            return stream.read(wanted, dtype="float32", always_2d=True), stream.samplerate
        except soundfile.LibsndfileError as error:
            raise AudioError(f"{file} is damaged at {start:.1f} s ({error.error_string}); export it again") from error


def _one_channel(frames: np.ndarray, channel: int | None, file: Path) -> np.ndarray:
    channels = frames.shape[1]
    if channel is None:
        return frames[:, 0] if channels == 1 else frames.mean(axis=1)
    if not 0 <= channel < channels:
        expected = "channel 0" if channels == 1 else f"0 to {channels - 1}"
        raise AudioError(f"{file} has no channel {channel}: it has {channels}; choose {expected}")
    return frames[:, channel]


def _resample(samples: np.ndarray, source_rate: int, rate: int) -> np.ndarray:
    import numpy as np

    if source_rate == rate:
        return np.ascontiguousarray(samples, dtype=np.float32)
    import soxr

    return soxr.resample(np.ascontiguousarray(samples), source_rate, rate).astype(np.float32, copy=False)


def _trim(samples: np.ndarray, file: Path, before: float, duration: float | None, rate: int) -> np.ndarray:
    first = round(before * rate)
    if duration is None:
        return samples[first:]
    wanted = round(duration * rate)
    kept = samples[first : first + wanted]
    if len(kept) >= wanted:
        return kept
    if wanted - len(kept) > TOLERANCE * rate or not len(kept):
        # The same words for every range of a file, so that a summary counts them as one problem.
        raise AudioError(f"{file} ends before its header or its transcript says: it is truncated; copy it again")
    import numpy as np

    return np.pad(kept, (0, wanted - len(kept)))
