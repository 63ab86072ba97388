"""Log-Mel spectrograms, and their average over time: the features of the founding article."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tonewise.features.base import JSON, library
from tonewise.features.threads import each
from tonewise.records import SAMPLE_RATE, Progress

if TYPE_CHECKING:
    import numpy as np

N_FFT = 512  # samples = 32 ms, a Hann window of the same length
HOP = 160  # samples = 10 ms
N_MELS = 64  # bands from 0 to 8,000 Hz
AMIN = 1e-10  # power that counts as silence: no value lies below -100 dB
TOP_DB = 80.0  # dB below the clip's loudest value, where the clip's floor is
FRAMES_AT_ONCE = 64  # 256 kB of windowed frames: what the FFT reads is still in the processor's cache


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log-Mel spectrogram in dB of a clip, float32 `(64, 1 + n_samples // 160)`, lowest band first.

    The reference is 1.0 and not the clip's maximum, so that loud and soft stay apart. Digital silence and the padding of
    short clips would be infinitely soft: power below `AMIN` counts as `AMIN`, and what is more than `TOP_DB` softer than
    the loudest value of the same clip is raised to that floor (librosa's defaults). Both look at this clip only.

    Args:
        samples: float32 `(n_samples,)` at 16 kHz, at least 512 of them (32 ms).
    """
    import librosa

    decibels: np.ndarray = librosa.power_to_db(_mel_power(samples), ref=1.0, amin=AMIN, top_db=TOP_DB)
    return decibels


def _mel_power(samples: np.ndarray) -> np.ndarray:
    """Mel spectrogram in power, float32 `(64, n_frames)`, of frames centred on every 10 ms, zeros around the clip.

    What `librosa.feature.melspectrogram` does, but faster (`benchmarks/mel_speed.py`): large arrays are made anew as
    seldom as can be, since the system takes longer to hand them out than the FFT to fill them. Like there, the transform
    is computed in float64: the rounding of float32 would change soft frames by up to a thousandth of a decibel.
    """
    import numpy as np

    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, N_FFT // 2), N_FFT)[::HOP]
    mel = np.empty((N_MELS, len(frames)), dtype=np.float32)
    windowed = np.empty((FRAMES_AT_ONCE, N_FFT))
    spectrum = np.empty((FRAMES_AT_ONCE, N_FFT // 2 + 1), dtype=np.complex128)
    for first in range(0, len(frames), FRAMES_AT_ONCE):
        block = frames[first : first + FRAMES_AT_ONCE]
        np.multiply(block, _window(), out=windowed[: len(block)])
        np.fft.rfft(windowed[: len(block)], out=spectrum[: len(block)])
        mel[:, first : first + len(block)] = _filters() @ _squared(spectrum[: len(block)]).T
    return mel


def _squared(spectrum: np.ndarray) -> np.ndarray:
    """Its power, float32; the spectrum itself is overwritten."""
    import numpy as np

    parts = spectrum.view(np.float64)  # real and imaginary in turn
    np.square(parts, out=parts)
    return np.add(parts[:, ::2], parts[:, 1::2], dtype=np.float32, casting="same_kind")


@functools.cache
def _window() -> np.ndarray:
    import librosa

    return librosa.filters.get_window("hann", N_FFT)


@functools.cache
def _filters() -> np.ndarray:
    """Triangles of unit area on Slaney's Mel scale, `(64, 257)`."""
    import librosa

    return librosa.filters.mel(sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=N_MELS)


def log_mel_identity() -> dict[str, JSON]:
    """What the numbers of `log_mel` depend on."""
    return {
        "n_fft": N_FFT,
        "hop": HOP,
        "n_mels": N_MELS,
        "amin": AMIN,
        "top_db": TOP_DB,
        "librosa": library("librosa"),
        "numpy": library("numpy"),
    }


@dataclass(frozen=True)
class Mel:
    """The mean over time of the log-Mel spectrogram of a clip of 7 s (S. Safaryan, Towards Data Science).

    64 numbers in dB. Clips that are shorter than 7 s are padded with zeros, so the numbers also say how long a clip is.
    """

    clip_seconds: float = 7.0

    name: ClassVar[str] = "mel"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    dimensions: ClassVar[int] = N_MELS

    def prepare(self, progress: Progress | None = None) -> None:
        """Nothing is pretrained."""

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers."""
        return {
            "name": self.name,
            "version": self.version,
            "clip_seconds": self.clip_seconds,
            **log_mel_identity(),
        }

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, 64)`, dB."""
        return each(lambda clip: log_mel(clip).mean(axis=1), clips)
