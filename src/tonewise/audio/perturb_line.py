"""What a microphone and a line do to a sound: gain, the telephone's band, clipping. See `perturb.Perturbation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

SUBTLE_CLIPPING = 0.003  # of the samples: up to here people call it subtle (ser-tests)


@dataclass(frozen=True, slots=True)
class Gain:
    """Louder or softer by `decibels`. Nothing is clipped: samples are floats, and clipping is a change of its own."""

    decibels: float

    family: ClassVar[str] = "gain"
    level: ClassVar[Literal["subtle"]] = "subtle"

    @property
    def name(self) -> str:
        """Such as "gain-10dB" and "gain+10dB"."""
        return f"gain{self.decibels:+g}dB"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"gain {self.decibels:+g} dB".replace("-", "\N{MINUS SIGN}")

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The same sound at another level."""
        import numpy as np

        return (samples * np.float32(10 ** (self.decibels / 20))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TelephoneBand:
    """The band of an analogue telephone, `low` to `high` Hz (300–3400 Hz, ITU-T G.120), at full sampling rate."""

    low: float = 300.0
    high: float = 3400.0

    family: ClassVar[str] = "telephone"
    level: ClassVar[Literal["plain"]] = "plain"

    @property
    def name(self) -> str:
        """Such as "telephone-300-3400Hz"."""
        return f"telephone-{self.low:g}-{self.high:g}Hz"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"telephone band {self.low:g}–{self.high:g} Hz"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The same sound through Butterworth filters of order 4, 24 dB an octave on either side."""
        import numpy as np
        from scipy.signal import butter, sosfilt

        if not len(samples):
            return samples.copy()
        # A band-pass of order n has n poles on either side.
        filters = butter(4, (self.low, self.high), "bandpass", fs=SAMPLE_RATE, output="sos")
        filtered: np.ndarray = sosfilt(filters, samples.astype(np.float64)).astype(np.float32)
        return filtered


@dataclass(frozen=True, slots=True)
class Clipped:
    """The loudest `share` of the samples (0..1) cut off at one level, as an overdriven input does."""

    share: float

    family: ClassVar[str] = "clipping"

    @property
    def name(self) -> str:
        """Such as "clipping-10%"."""
        return f"clipping-{self.share * 100:g}%"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"clipping, loudest {self.share * 100:g} %"

    @property
    def level(self) -> Literal["subtle", "plain"]:
        """A few samples in a thousand are hardly heard."""
        return "subtle" if self.share <= SUBTLE_CLIPPING else "plain"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The same sound without its peaks, at its own level."""
        import numpy as np

        if not len(samples):
            return samples.copy()
        ceiling = np.quantile(np.abs(samples), 1 - self.share).astype(np.float32)
        clipped: np.ndarray = np.clip(samples, -ceiling, ceiling)
        return clipped
