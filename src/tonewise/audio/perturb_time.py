"""Less, more or faster of the same sound: crops, silence, speed. See `perturb.Perturbation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from tonewise.audio.decode import resampled
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Crop:
    """A `share` (0..1) of the clip cut off at its `side`, as a transcript with other times would."""

    side: Literal["start", "end"]
    share: float

    family: ClassVar[str] = "crop"

    @property
    def name(self) -> str:
        """Such as "crop-start-10%"."""
        return f"crop-{self.side}-{self.share * 100:g}%"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"{self.side} cropped, {self.share * 100:g} %"

    @property
    def level(self) -> Literal["subtle", "plain"]:
        """A tenth is within what transcripts disagree about."""
        return "subtle" if self.share <= 0.1 else "plain"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What is left of the sound."""
        gone = round(len(samples) * self.share)
        return (samples[gone:] if self.side == "start" else samples[: len(samples) - gone]).copy()


@dataclass(frozen=True, slots=True)
class Silence:
    """Digital silence of `seconds` put before or after the sound, as loose times of a transcript do."""

    side: Literal["before", "after"]
    seconds: float

    family: ClassVar[str] = "silence"
    level: ClassVar[Literal["subtle"]] = "subtle"

    @property
    def name(self) -> str:
        """Such as "silence-before-0.5s"."""
        return f"silence-{self.side}-{self.seconds:g}s"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"{self.seconds:g} s of silence {self.side}"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound, longer."""
        import numpy as np

        zeros = np.zeros(round(self.seconds * SAMPLE_RATE), dtype=np.float32)
        return np.concatenate([zeros, samples] if self.side == "before" else [samples, zeros])


@dataclass(frozen=True, slots=True)
class Speed:
    """Played `factor` times as fast, so that tempo and pitch change together."""

    factor: float

    family: ClassVar[str] = "speed"
    level: ClassVar[Literal["plain"]] = "plain"

    @property
    def name(self) -> str:
        """Such as "speed-1.05"."""
        return f"speed-{self.factor:g}"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"speed × {self.factor:g}"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound, shorter or longer."""
        return resampled(samples, self.factor * SAMPLE_RATE, SAMPLE_RATE)
