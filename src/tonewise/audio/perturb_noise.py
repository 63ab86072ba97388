"""Noise behind a voice: white, pink, and like the babble of a crowd. See `perturb.Perturbation`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

Colour = Literal["white", "pink", "babble"]

TALKERS = 6  # of babble: with more it becomes steady noise, with fewer single voices stand out
SYLLABLES = 4.0  # Hz, where the loudness of speech moves most (Greenberg and others 2003)
PITCH = (90.0, 260.0)  # Hz, of men to women
SPEECH_CORNER = 500.0  # Hz, above which the long-term spectrum of speech falls by about 9 dB an octave (Byrne 1994)
SPEECH_FLOOR = 100.0  # Hz, below which there is little of it


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of a `colour`, `snr` dB below the mean power of the clip, its pauses included.

    Babble is made, not recorded: six voices of gliding pitch whose loudness moves as syllables do, with the long-term
    spectrum of speech. It has no words in it.
    """

    colour: Colour
    snr: float

    family: ClassVar[str] = "noise"

    @property
    def name(self) -> str:
        """Such as "noise-white-20dB"."""
        return f"noise-{self.colour}-{self.snr:g}dB"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"{self.colour} noise, SNR {self.snr:g} dB"

    @property
    def level(self) -> Literal["subtle", "plain"]:
        """At 30 dB and more it is there and hardly noticed."""
        return "subtle" if self.snr >= 30 else "plain"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound with the noise added; silence stays silence."""
        import numpy as np

        power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
        if power == 0:
            return samples.copy()
        noise = coloured(self.colour, len(samples), rng)
        wanted = power / 10 ** (self.snr / 10)
        scale = np.sqrt(wanted / max(float(np.mean(noise**2)), np.finfo(np.float64).tiny))
        noisy: np.ndarray = (samples + scale * noise).astype(np.float32)
        return noisy


def coloured(colour: Colour, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of any power, float64 `(n_samples,)`."""
    if colour == "babble":
        return _babble(n_samples, rng)
    noise = rng.standard_normal(n_samples)
    return noise if colour == "white" else _shaped(noise, _pink)


def _pink(frequencies: np.ndarray) -> np.ndarray:
    """Power that falls by 3 dB an octave; 20 Hz and below are as loud as 20 Hz, so that none of it is a drift."""
    import numpy as np

    shape: np.ndarray = 1 / np.sqrt(np.maximum(frequencies, 20.0))
    return shape


def _speech(frequencies: np.ndarray) -> np.ndarray:
    """Roughly the long-term spectrum of speech in many languages."""
    import numpy as np

    falling = (np.maximum(frequencies, SPEECH_CORNER) / SPEECH_CORNER) ** -1.5
    shape: np.ndarray = falling * np.minimum(frequencies / SPEECH_FLOOR, 1.0)
    return shape


def _shaped(noise: np.ndarray, curve: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Noise whose spectrum is multiplied by a curve over frequencies in Hz."""
    import numpy as np

    frequencies = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    return np.fft.irfft(np.fft.rfft(noise) * curve(frequencies), len(noise))


def _babble(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    import numpy as np

    return _shaped(np.sum([_talker(n_samples, rng) for _ in range(TALKERS)], axis=0), _speech)


def _talker(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A buzz with some breath, gliding in pitch and swelling with syllables: a flat spectrum, to be shaped."""
    import numpy as np

    glide = 2 ** (_slow(n_samples, rng, 1.0) * 0.25)  # a quarter of an octave of deviation
    phase = np.cumsum(rng.uniform(*PITCH) * glide / SAMPLE_RATE) + rng.uniform()
    pulses = np.diff(np.floor(phase), prepend=np.floor(phase[:1]))
    loudness = np.maximum(_slow(n_samples, rng, SYLLABLES), 0.0)
    pulse_power = max(float(np.mean(pulses**2)), np.finfo(np.float64).tiny)
    voice: np.ndarray = loudness * (pulses / np.sqrt(pulse_power) + 0.3 * rng.standard_normal(n_samples))
    return voice


def _slow(n_samples: int, rng: np.random.Generator, rate: float) -> np.ndarray:
    """Something of deviation about 1 that takes new values `rate` times a second and moves evenly between them."""
    import numpy as np

    knots = int(n_samples * rate / SAMPLE_RATE) + 3
    places = np.arange(n_samples) * rate / SAMPLE_RATE + rng.uniform()
    return np.interp(places, np.arange(knots), rng.standard_normal(knots))
