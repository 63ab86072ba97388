"""A room around a voice. See `perturb.Perturbation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

DIRECT = 0.0025  # s, after which what arrives counts as the room's


@dataclass(frozen=True, slots=True)
class Reverberation:
    """A made room whose sound dies away by 60 dB in `rt60` seconds, as loud as the voice itself.

    The room's response is white noise that decays exponentially, after Polack's model (1988, "La transmission de l'énergie
    sonore dans les salles"), one drawn for each clip; `direct` is the direct-to-reverberant ratio in dB, 0 as at the
    critical distance. The result is as loud as the clip was, and what rings on after its end is cut off.
    """

    rt60: float
    direct: float = 0.0

    family: ClassVar[str] = "reverberation"
    level: ClassVar[Literal["plain"]] = "plain"

    @property
    def name(self) -> str:
        """Such as "reverberation-0.3s"."""
        return f"reverberation-{self.rt60:g}s"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"reverberation, RT60 {self.rt60:g} s"

    def response(self, rng: np.random.Generator) -> np.ndarray:
        """An impulse response, float64 `(n_samples,)`, the direct sound first."""
        import numpy as np

        time = np.arange(round(self.rt60 * SAMPLE_RATE)) / SAMPLE_RATE
        tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / self.rt60)  # 60 dB are a factor of 1000
        tail[time < DIRECT] = 0.0
        tail /= np.sqrt(np.sum(tail**2) * 10 ** (self.direct / 10))
        tail[0] = 1.0
        return tail

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound in the room, of the same length and power."""
        import numpy as np
        from scipy.signal import fftconvolve

        if not len(samples):
            return samples.copy()
        wet = fftconvolve(samples.astype(np.float64), self.response(rng))[: len(samples)]
        power, before = float(np.mean(wet**2)), float(np.mean(np.square(samples, dtype=np.float64)))
        reverberant: np.ndarray = (wet * np.sqrt(before / power) if power else wet).astype(np.float32)
        return reverberant
