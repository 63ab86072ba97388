"""Any range of any channel of a recording as 16 kHz mono float32, without loading the whole file.

libsndfile (soundfile) reads WAV, FLAC, OGG/Opus, MP3 and what has no header, and seeks to the sample; FFmpeg's libraries
(PyAV) read everything else: M4A, MP4, WebM, AAC, AMR … Both come inside Python wheels: no system package is needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tonewise.audio import container, sndfile
from tonewise.audio.opening import existing, first_bytes
from tonewise.audio.raw import RawFormat, raw_format
from tonewise.audio.stream import open_frames
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


def probe(path: str | Path, *, raw: RawFormat | None = None) -> AudioInfo:
    """State a recording's duration, rate and channels from its header, without decoding the sound where possible.

    Args:
        path: any recording that libsndfile or FFmpeg reads.
        raw: what a file without a header holds; None = as it was declared, or by its extension.

    Raises:
        AudioError: the file is missing, empty, no recording, has no samples or states an absurd rate, number of channels
            or length; or it has no header and nobody said what it holds.
    """
    file = existing(path)
    raw = raw or raw_format(file)
    info = sndfile.probe(file, raw)
    if info is None and raw is None:
        info = container.probe(file)
    if info is None:
        raise AudioError(_not_audio(file))
    duration, sample_rate, channels, name = info
    if not duration > 0:
        raise AudioError(f"{file} holds no sound: its length is zero; record or export it again")
    return AudioInfo(str(file), duration, sample_rate, channels, name)


def read(
    path: str | Path,
    start: float = 0.0,
    duration: float | None = None,
    *,
    channel: int | None = None,
    rate: int = SAMPLE_RATE,
    raw: RawFormat | None = None,
) -> np.ndarray:
    """Decode `duration` seconds from `start` of one channel.

    Args:
        path: any recording that libsndfile or FFmpeg reads.
        start: seconds from the beginning of the file, 0 or more.
        duration: seconds; None reads to the end.
        channel: counted from 0; None takes the mean of all channels.
        rate: sampling rate of the result in Hz.
        raw: see `probe`.

    Returns:
        float32 array of shape `(n_samples,)`, `n_samples = round(duration * rate)` where the file is long enough.

    Raises:
        AudioError: the file cannot be decoded, ends before the range does (a truncated file), has no such channel, or
            holds samples that are not finite.
    """
    with Recording(path, raw=raw) as recording:
        return recording.read(start, duration, channel=channel, rate=rate)


class Recording:
    """An open recording, to be closed; several of its ranges cost one decoding where they are read in the order of time.

    The samples of a range depend on the file and the range alone, never on what was read before. Not for several threads
    at once.

    Attributes:
        sample_rate: of the file, Hz.
        channels: of the file.
    """

    def __init__(self, path: str | Path, *, raw: RawFormat | None = None) -> None:
        """Open a recording.

        Args:
            path: any recording that libsndfile or FFmpeg reads.
            raw: see `probe`.

        Raises:
            AudioError: see `probe`; a file without samples can be opened.
        """
        self._file = existing(path)
        frames = open_frames(self._file, raw or raw_format(self._file))
        if frames is None:
            raise AudioError(_not_audio(self._file))
        self._frames = frames
        self.sample_rate, self.channels = frames.rate, frames.channels

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._frames.close()

    def read(
        self,
        start: float = 0.0,
        duration: float | None = None,
        *,
        channel: int | None = None,
        rate: int = SAMPLE_RATE,
    ) -> np.ndarray:
        """Decode `duration` seconds from `start` of one channel; see the function `read`."""
        import numpy as np

        if start < 0:
            raise AudioError(
                f"{self._file}: a range cannot start at {start:g} s; times count from 0, the start of the recording"
            )
        before = min(PREROLL, start)
        window = None if duration is None else round((before + duration + POSTROLL) * self.sample_rate)
        frames = self._frames.read(round((start - before) * self.sample_rate), window)
        samples = one_channel(frames, channel, self._file)
        if not np.isfinite(samples).all():
            raise AudioError(
                f"{self._file} holds samples that are not numbers (NaN or infinite); export it again as 16-bit PCM"
            )
        return _trim(resampled(samples, self.sample_rate, rate), self._file, before, duration, rate)

    def blocks(self, seconds: float) -> Iterator[np.ndarray]:
        """All that can be decoded, in order: float32 `(n, channels)` at the file's own rate, `seconds` at a time.

        Samples are as the file has them, be they numbers or not.

        Raises:
            AudioError: from some place on it cannot be decoded.
        """
        size = round(seconds * self.sample_rate)
        for first in itertools.count(step=size):
            frames = self._frames.read(first, size)
            if len(frames):
                yield frames
            if len(frames) < size:
                return


def decoder_versions() -> dict[str, str]:
    """Versions of what decodes and resamples: with other versions the samples may differ in their last bits."""
    from importlib.metadata import version

    return {name: version(name) for name in ("soundfile", "av", "soxr")}


def _not_audio(file: Path) -> str:
    head = first_bytes(file, 512)
    looks_text = b"\0" not in head and all(byte >= 9 for byte in head)
    what = "is a text file" if looks_text else "is no recording that libsndfile or FFmpeg can read, or it is damaged"
    return f"{file} {what}; expected audio such as WAV, FLAC, OGG/Opus, MP3, M4A or WebM"


def one_channel(frames: np.ndarray, channel: int | None, file: str | Path) -> np.ndarray:
    """Samples `(n,)` of a channel of `(n, channels)`, None being their mean.

    Raises:
        AudioError: `file` has no such channel.
    """
    channels = frames.shape[1]
    if channel is None:
        return frames[:, 0] if channels == 1 else frames.mean(axis=1)
    if not 0 <= channel < channels:
        expected = "channel 0" if channels == 1 else f"0 to {channels - 1}"
        raise AudioError(f"{file} has no channel {channel}: it has {channels}; choose {expected}")
    return frames[:, channel]


def resampled(samples: np.ndarray, source_rate: float, rate: float) -> np.ndarray:
    """Samples `(n,)` at another rate, Hz: float32."""
    import numpy as np

    if source_rate == rate:
        return np.ascontiguousarray(samples, dtype=np.float32)
    import soxr

    made: np.ndarray = soxr.resample(np.ascontiguousarray(samples), source_rate, rate)
    return made.astype(np.float32, copy=False)


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
