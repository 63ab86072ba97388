"""Pitch: how high a voice is, how it moves, and when there is one."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.features.prosody_measure import (
    FRAMES_PER_SECOND,
    LEAST_FRAMES,
    Measure,
    bends,
    changes,
    deviation,
    keep_runs,
    mean,
    movement,
    peaks,
    quantiles,
    runs,
    slope,
)
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

LOWEST, HIGHEST = 50.0, 800.0  # Hz: from creak to a scream
REFERENCE = 55.0  # Hz that is 0 semitones
VOICED = 0.5  # the tracker's own threshold of confidence
SHORTEST = 3  # frames = 48 ms; a shorter stretch of voice is taken for a mistake
FASTEST = 100.0  # st/s; no larynx is faster (Xu and Sun 2002), so that it is the tracker that jumped
ACCENT = 2.0  # st by which a peak of the melody stands out
FINAL = 19  # voiced frames = 0.3 s

#: Without a voiced frame, the level is that of 150 Hz and nothing moves.
MEASURES = (
    Measure("pitch_median", "st", "how high the voice is: median pitch above 55 Hz", 17.4),
    Measure("pitch_floor", "st", "lowest pitch (5th percentile), from the median"),
    Measure("pitch_ceiling", "st", "highest pitch (95th percentile), from the median"),
    Measure("pitch_range", "st", "80th less 20th percentile of pitch"),
    Measure("pitch_deviation", "st", "standard deviation of pitch"),
    Measure("pitch_slope", "st/s", "rise (or fall) over the whole utterance"),
    Measure("pitch_speed", "st/s", "how fast pitch moves either way"),
    Measure("pitch_rise", "st/s", "how fast pitch rises where it does"),
    Measure("pitch_rise_deviation", "st/s", "how much rises differ in speed"),
    Measure("pitch_fall", "st/s", "how fast pitch falls where it does"),
    Measure("pitch_fall_deviation", "st/s", "how much falls differ in speed"),
    Measure("pitch_rise_share", "share", "share of the voice's time in which pitch rises", 0.5),
    Measure("pitch_peaks", "1/s", "peaks of the melody, 2 st or more above what lies around them"),
    Measure("pitch_flutter", "st", "unsteadiness from frame to frame (median), slow jitter"),
    Measure("pitch_flutter_high", "st", "the same at its worst (80th percentile)"),
    Measure("pitch_excursion", "st", "how far pitch moves within a stretch of voice"),
    Measure("pitch_excursion_most", "st", "how far it moves in the liveliest stretch"),
    Measure("pitch_start", "st", "pitch in the first fifth of the voice, from the median"),
    Measure("pitch_end", "st", "pitch in the last fifth of the voice, from the median"),
    Measure("pitch_final_slope", "st/s", "rise (or fall) over the last 0.3 s of voice"),
    Measure("pitch_peak_place", "share", "where in the utterance pitch is highest, 0 = at its beginning", 0.5),
    Measure("voiced_share", "share", "share of the utterance that is voiced"),
    Measure("voiced_rate", "1/s", "stretches of voice a second"),
    Measure("voiced_length", "s", "mean length of a stretch of voice"),
    Measure("voiced_length_deviation", "s", "how much stretches of voice differ in length"),
    Measure("voicing_certainty", "share", "how clearly the voiced frames are voiced"),
)


@dataclass(frozen=True, slots=True)
class Pitch:
    """A pitch contour, a frame every 16 ms, frame 0 at the clip's beginning.

    Attributes:
        semitones: float64 `(n,)` above 55 Hz; without meaning where there is no voice.
        voiced: bool `(n,)`.
        confidence: float64 `(n,)`, 0..1.
    """

    semitones: np.ndarray
    voiced: np.ndarray
    confidence: np.ndarray

    @property
    def hertz(self) -> np.ndarray:
        """float64 `(n,)`."""
        return REFERENCE * 2 ** (self.semitones / 12)


def track(samples: np.ndarray) -> Pitch:
    """Find the pitch of float32 `(n_samples,)` at 16 kHz with SwiftF0 (Nieradzik 2025), 1 frame each 256 samples."""
    import numpy as np

    found = _tracker().detect(samples, SAMPLE_RATE, LOWEST, HIGHEST)
    voiced = keep_runs(found.confidence >= VOICED, SHORTEST)
    return Pitch(12 * np.log2(found.pitch_hz / REFERENCE), voiced, found.confidence)


def tracker_file() -> Path:
    """The tracker's network, which comes with its package."""
    return Path(str(files("swift_f0") / "model.onnx"))


@functools.cache
def _tracker() -> Any:
    import swift_f0

    # One thread a run: clips run side by side. `detect` may be called from several threads at once.
    return swift_f0.SwiftF0(threads=1)


def measure(pitch: Pitch, first: int, end: int) -> dict[str, float]:
    """Measures of the utterance from frame `first` to before `end`; none of pitch where nothing is voiced."""
    import numpy as np

    voiced = pitch.voiced[first:end]
    found = _voicing(voiced, pitch.confidence[first:end])
    frames = np.flatnonzero(voiced)
    if len(frames):
        track = pitch.semitones[first:end]
        found |= _level(track[frames], frames, len(track))
        found |= _movement(track, voiced) | _excursions(track, voiced)
    return found


def _voicing(voiced: np.ndarray, confidence: np.ndarray) -> dict[str, float]:
    firsts, ends = runs(voiced)
    lengths = (ends - firsts) / FRAMES_PER_SECOND
    return {
        "voiced_share": float(voiced.mean()),
        "voiced_rate": len(lengths) / (len(voiced) / FRAMES_PER_SECOND),
        "voiced_length": mean(lengths),
        "voiced_length_deviation": deviation(lengths),
        "voicing_certainty": mean(confidence[voiced]),
    }


def _level(values: np.ndarray, frames: np.ndarray, length: int) -> dict[str, float]:
    """How high the voiced frames are, and where."""
    low, lower, median, higher, high = map(float, quantiles(values, (0.05, 0.2, 0.5, 0.8, 0.95)))
    fifth = -(-len(values) // 5)
    return {
        "pitch_median": median,
        "pitch_floor": low - median,
        "pitch_ceiling": high - median,
        "pitch_range": higher - lower,
        "pitch_deviation": deviation(values),
        "pitch_start": mean(values[:fifth]) - median,
        "pitch_end": mean(values[-fifth:]) - median,
        "pitch_slope": _possible(slope(values, frames)),
        "pitch_final_slope": _possible(slope(values[-FINAL:], frames[-FINAL:])),
        "pitch_peaks": len(peaks(values.tolist(), ACCENT)) * FRAMES_PER_SECOND / length,
        "pitch_peak_place": mean(frames[values >= high]) / max(length - 1, 1),
    }


def _movement(track: np.ndarray, voiced: np.ndarray) -> dict[str, float]:
    import numpy as np

    slopes = changes(track, voiced)
    slopes = slopes[np.abs(slopes) <= FASTEST]
    if not len(slopes):
        return {}
    flutter, worst = quantiles(bends(track, voiced), (0.5, 0.8))
    return movement("pitch", slopes) | {
        "pitch_rise_share": np.count_nonzero(slopes > 0) / len(slopes),
        "pitch_flutter": float(flutter),
        "pitch_flutter_high": float(worst),
    }


def _excursions(track: np.ndarray, voiced: np.ndarray) -> dict[str, float]:
    import numpy as np

    stretches = [track[first:end] for first, end in zip(*runs(voiced), strict=True) if end - first >= LEAST_FRAMES]
    if not stretches:
        return {}
    far = np.array([np.ptp(quantiles(stretch, (0.1, 0.9))) for stretch in stretches])
    return {"pitch_excursion": mean(far), "pitch_excursion_most": float(far.max())}


def _possible(speed: float) -> float:
    return min(max(speed, -FASTEST), FASTEST)
