"""Log-Mel spectrograms, and their average over time: the features of the founding article."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from tonewise.errors import OptionError
from tonewise.features.base import JSON, library
from tonewise.records import SAMPLE_RATE, Progress

if TYPE_CHECKING:
    import numpy as np

N_FFT = 512  # samples = 32 ms, a Hann window of the same length
HOP = 160  # samples = 10 ms
N_MELS = 64  # bands from 0 to 8,000 Hz
AMIN = 1e-10  # power that counts as silence: no value lies below -100 dB
TOP_DB = 80.0  # dB below the clip's loudest value, where the clip's floor is


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log-Mel spectrogram in dB of a clip, float32 `(64, 1 + n_samples // 160)`, lowest band first.

    The reference is 1.0 and not the clip's maximum, so that loud and soft stay apart. Digital silence and the padding of
    short clips would be infinitely soft: power below `AMIN` counts as `AMIN`, and what is more than `TOP_DB` softer than
    the loudest value of the same clip is raised to that floor (librosa's defaults). Both look at this clip only.

    Args:
        samples: float32 `(n_samples,)` at 16 kHz, at least 512 of them (32 ms).
    """
    import librosa

    spectrum = librosa.stft(samples, n_fft=N_FFT, hop_length=HOP)
    power = spectrum.real**2 + spectrum.imag**2
    return librosa.power_to_db(_filters() @ power, ref=1.0, amin=AMIN, top_db=TOP_DB)


@functools.cache
def _filters() -> np.ndarray:
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
    }


def no_argument(name: str, argument: str) -> None:
    """Refuse an argument where an encoder takes none."""
    if argument:
        raise OptionError(f"features '{name}' take no argument, but '{argument}' was given; write '{name}'")


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

    @classmethod
    def parse(cls, argument: str) -> Self:
        """`mel` takes no argument."""
        no_argument(cls.name, argument)
        return cls()

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
        import numpy as np

        return np.stack([log_mel(clip).mean(axis=1) for clip in clips])
