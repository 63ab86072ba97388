"""Speech without its words: what is left when nobody could tell what was said, only how.

Two ways, since each takes something of the voice along. A low-pass keeps pitch, loudness and timing as they were recorded
and muffles what makes vowels and consonants apart (Rogers, Scherer and Rosenthal 1971, "Content filtering human speech").
A hum is made anew from the contours of pitch and loudness alone, as in Sonntag and Portele (1998, "PURR – a method for
prosody evaluation and investigation"). Voice quality is lost in both: a model that hears it falls although it reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

SHORTEST = 0.3  # s: shorter sounds are padded while their pitch is looked for
ENVELOPE_HZ = 8.0  # loudness and pitch are smoothed to this: syllables stay, single sounds go
HUM_TOP = 4000.0  # Hz, no harmonic above
PITCH_RANGE = (65.0, 500.0)  # Hz, of speaking voices
HOP = 256  # samples from one frame of the pitch tracker to the next
VOICED = 0.5  # the tracker's own threshold of confidence


@dataclass(frozen=True)
class LowPass:
    """Everything above `cutoff` Hz removed (Butterworth, forwards and backwards), then brought back to the same level."""

    cutoff: float = 350.0
    order: int = 6

    name: ClassVar[str] = "low-pass"
    version: ClassVar[int] = 1

    def identity(self) -> dict[str, str | int | float]:
        """Everything that changes the sound."""
        return {"name": self.name, "version": self.version, "cutoff": self.cutoff, "order": self.order}

    def apply(self, samples: np.ndarray) -> np.ndarray:
        """float32 `(n,)` at 16 kHz, of the same length and level."""
        from scipy.signal import butter, sosfiltfilt

        if not len(samples):
            return samples.copy()
        filters = butter(self.order, self.cutoff, fs=SAMPLE_RATE, output="sos")
        padding = min(len(samples) - 1, SAMPLE_RATE // 10)
        return _levelled(sosfiltfilt(filters, samples, padlen=padding), samples)


@dataclass(frozen=True)
class Hum:
    """One steady vowel-less buzz that follows the voice's pitch and loudness, silent where nothing is voiced.

    `tilt` is the fall of its harmonics in dB an octave, the same for every sound. Pitch is found by SwiftF0 (Nieradzik
    2025).
    """

    tilt: float = 9.0

    name: ClassVar[str] = "hum"
    version: ClassVar[int] = 1

    def identity(self) -> dict[str, str | int | float]:
        """Everything that changes the sound."""
        from importlib.metadata import version

        return {"name": self.name, "version": self.version, "tilt": self.tilt, "swift-f0": version("swift-f0")}

    def apply(self, samples: np.ndarray) -> np.ndarray:
        """float32 `(n,)` at 16 kHz, of the same length and level; silence where there is no voice."""
        import numpy as np

        pitch, voiced = _pitch(samples)
        if not voiced.any():
            return np.zeros(len(samples), dtype=np.float32)
        smooth = np.exp(_smoothed(np.log(pitch)))
        return _levelled(self._harmonics(smooth) * _loudness(samples) * _smoothed(voiced.astype(float)), samples)

    def _harmonics(self, pitch: np.ndarray) -> np.ndarray:
        import numpy as np

        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        sound = np.zeros(len(pitch))
        for harmonic in range(1, int(HUM_TOP / pitch.min()) + 1):
            level = 10 ** (-self.tilt * np.log2(harmonic) / 20)
            sound += np.where(harmonic * pitch < HUM_TOP, level * np.sin(harmonic * phase), 0.0)
        return sound


#: All ways, by name.
DELEXICALISERS: tuple[LowPass | Hum, ...] = (LowPass(), Hum())


def _pitch(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pitch in Hz and whether there is a voice, for each sample; pitch is interpolated where there is none."""
    import numpy as np

    padded = np.pad(samples, (0, max(round(SHORTEST * SAMPLE_RATE) - len(samples), 0)))
    found = _tracker().detect(np.asarray(padded, dtype=np.float32), SAMPLE_RATE, *PITCH_RANGE)
    voiced = np.asarray(found.confidence) >= VOICED
    if not voiced.any():
        return np.full(len(samples), PITCH_RANGE[0]), np.zeros(len(samples), dtype=bool)
    now, frames = np.arange(len(samples)) / HOP, np.flatnonzero(voiced)
    heard = np.interp(now, frames, np.asarray(found.pitch_hz)[frames])
    nearest = np.minimum(np.round(now).astype(int), len(voiced) - 1)
    return np.clip(heard, *PITCH_RANGE), voiced[nearest]


def _loudness(samples: np.ndarray) -> np.ndarray:
    """The amplitude of the sound over time, without what changes from one speech sound to the next."""
    import numpy as np

    level: np.ndarray = np.sqrt(np.maximum(_smoothed(np.asarray(samples, dtype=float) ** 2), 0.0))
    return level


def _smoothed(values: np.ndarray) -> np.ndarray:
    from scipy.signal import butter, sosfiltfilt

    padding = min(len(values) - 1, SAMPLE_RATE // 4)
    smooth: np.ndarray = sosfiltfilt(
        butter(2, ENVELOPE_HZ, fs=SAMPLE_RATE, output="sos"), values, padlen=max(padding, 0)
    )
    return smooth


def _levelled(sound: np.ndarray, like: np.ndarray) -> np.ndarray:
    """`sound` at the root mean square of `like`, float32."""
    import numpy as np

    wanted, got = (
        float(np.sqrt(np.mean(np.square(each, dtype=float)))) if len(each) else 0.0 for each in (like, sound)
    )
    return (sound * (wanted / got if got > 0 else 0.0)).astype(np.float32)


@cache
def _tracker() -> Any:
    import swift_f0

    return swift_f0.SwiftF0(threads=1)
