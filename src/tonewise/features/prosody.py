"""Prosody: some ninety named numbers about how something is said.

What a voice does with pitch, level, time and effort, measured on frames of 64 ms every 16 ms. Nothing depends on how loud a
clip is. But for pitch and `breathiness`, only the telephone band is heard, 300 to 3,400 Hz, so that a telephone changes
little. A clip without a voice, a pause or a syllable has the neutral values of `MEASURES` there. Definitions follow eGeMAPS
(Eyben et al. 2016) where it has them; the modules `prosody_…` name the sources of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tonewise import weights
from tonewise.features import (
    prosody_level,
    prosody_pitch,
    prosody_spectra,
    prosody_tempo,
    prosody_tilt,
    prosody_voice,
)
from tonewise.features.base import JSON, library
from tonewise.features.prosody_measure import Measure
from tonewise.features.prosody_pitch import Pitch
from tonewise.features.threads import each
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np

#: What the columns are, in their order.
MEASURES: tuple[Measure, ...] = (
    *prosody_pitch.MEASURES,
    *prosody_level.MEASURES,
    *prosody_tempo.MEASURES,
    *prosody_tilt.MEASURES,
    *prosody_voice.MEASURES,
)

#: Names of the columns.
NAMES: tuple[str, ...] = tuple(measure.name for measure in MEASURES)


@dataclass(frozen=True)
class Prosody:
    """The numbers of `MEASURES`, clip by clip."""

    name: ClassVar[str] = "prosody"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    clip_seconds: ClassVar[float | None] = None
    dimensions: ClassVar[int] = len(NAMES)

    def prepare(self, progress: Progress | None = None) -> None:
        """Nothing is fetched: the pitch tracker comes with its package."""

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers."""
        return {
            "name": self.name,
            "version": self.version,
            "tracker": weights.digest(prosody_pitch.tracker_file()),
            "swift-f0": library("swift-f0"),
            "onnxruntime": library("onnxruntime"),
            "numpy": library("numpy"),
        }

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, dimensions)`, columns as in `NAMES`."""
        return each(_encode, clips)


def measure(samples: np.ndarray) -> dict[str, float]:
    """All measures of one clip by name, float32 `(n_samples,)` at 16 kHz and 0.1 s or more.

    Where nobody speaks, before and after, is left out; so is a clip of digital silence, all of whose values are neutral.
    """
    found = {measure.name: measure.neutral for measure in MEASURES}
    sound = prosody_spectra.levelled(samples)
    return found if sound is None else found | _spoken(sound)


def _encode(samples: np.ndarray) -> np.ndarray:
    import numpy as np

    found = measure(samples)
    return np.array([found[name] for name in NAMES], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Contours:
    """What is known of each frame `(n,)`, and of each voiced one `(v,)`."""

    level: np.ndarray  # (n,) dB
    shape: np.ndarray  # (n, 16) dB
    alpha: np.ndarray  # (n,) dB
    tilt: np.ndarray  # (v, 14)
    voice: np.ndarray  # (v, 2)


def _spoken(sound: np.ndarray) -> dict[str, float]:
    """The measures of a levelled clip, as far as there are any."""
    import numpy as np

    pitch = prosody_pitch.track(sound)
    contours = _contours(sound, pitch)
    spoken = prosody_spectra.speech(contours.level, pitch.voiced)
    if not spoken.any():
        return {}
    first, end = int(spoken.argmax()), len(spoken) - int(spoken[::-1].argmax())
    part = slice(first, end)
    spoken, voiced, semitones = spoken[part], pitch.voiced[part], pitch.semitones[part]
    # What is softer than speech is background: how soft, depends on the room and not on the voice.
    level = np.maximum(contours.level, prosody_spectra.softest(contours.level, pitch.voiced))[part]
    return (
        prosody_pitch.measure(pitch, first, end)
        | prosody_level.measure(level, spoken, voiced, semitones)
        | prosody_tempo.measure(level, spoken, voiced, semitones)
        | prosody_tilt.measure(contours.tilt, level[voiced], semitones[voiced])
        | prosody_tilt.measure_speech(contours.shape[part], spoken, contours.alpha[part], voiced)
        | prosody_voice.measure(contours.voice, level, voiced)
    )


def _contours(sound: np.ndarray, pitch: Pitch) -> _Contours:
    import numpy as np

    hertz = pitch.hertz
    found: list[tuple[np.ndarray, ...]] = []
    for frames, power in prosody_spectra.blocks(sound, len(hertz)):
        voiced = pitch.voiced[frames]
        shape, strong = prosody_tilt.band_levels(power), power[voiced]
        found.append(
            (
                prosody_spectra.levels(power),
                shape,
                prosody_tilt.alpha_ratio(power),
                prosody_tilt.tracks(strong, shape[voiced]),
                prosody_voice.tracks(strong, hertz[frames][voiced]),
            )
        )
    return _Contours(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
