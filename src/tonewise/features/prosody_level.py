"""Level: how loudness moves within an utterance. How loud it is says as much of the microphone, and is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.features.prosody_measure import (
    FRAMES_PER_SECOND,
    Measure,
    changes,
    correlation,
    deviation,
    mean,
    movement,
    quantiles,
    slope,
)

if TYPE_CHECKING:
    import numpy as np

#: Hz: phrases and stress, syllables, the parts of syllables.
RHYTHMS = {"rhythm_slow": (0.75, 3.0), "rhythm_syllables": (3.0, 6.0), "rhythm_fast": (6.0, 12.0)}
SPECTRUM = 512  # frames = 8 s: what a contour is padded to

MEASURES = (
    Measure("level_floor", "dB", "softest speech (5th percentile), from the median"),
    Measure("level_ceiling", "dB", "loudest speech (95th percentile), from the median"),
    Measure("level_range", "dB", "80th less 20th percentile of the level of speech"),
    Measure("level_deviation", "dB", "standard deviation of the level of speech"),
    Measure("level_slope", "dB/s", "swelling (or fading) over the whole utterance"),
    Measure("level_speed", "dB/s", "how fast level changes either way"),
    Measure("level_rise", "dB/s", "how fast level rises where it does: hard or soft attacks"),
    Measure("level_rise_deviation", "dB/s", "how much rises differ in speed"),
    Measure("level_fall", "dB/s", "how fast level falls where it does"),
    Measure("level_fall_deviation", "dB/s", "how much falls differ in speed"),
    Measure("level_start", "dB", "level in the first fifth of the speech, from the mean"),
    Measure("level_end", "dB", "level in the last fifth of the speech, from the mean"),
    Measure("level_peak_place", "share", "where in the utterance it is loudest, 0 = at its beginning", 0.5),
    Measure("level_voice", "dB", "level of voiced less that of unvoiced speech"),
    Measure("level_pitch", "correlation", "whether higher is louder, too"),
    Measure("rhythm_slow", "share", "share of the level's movement below 3 Hz: stress and phrases", 1 / 3),
    Measure("rhythm_syllables", "share", "share of it from 3 to 6 Hz: syllables", 1 / 3),
    Measure("rhythm_fast", "share", "share of it from 6 to 12 Hz: fast or jagged speech", 1 / 3),
)


def measure(level: np.ndarray, spoken: np.ndarray, voiced: np.ndarray, semitones: np.ndarray) -> dict[str, float]:
    """Measures of an utterance.

    Args:
        level: `(n,)` in dB, pauses at the lowest level of speech; the reference is of no matter.
        spoken: `(n,)`, where somebody speaks; not nowhere.
        voiced: `(n,)`, where with voice.
        semitones: `(n,)`, pitch where voiced.
    """
    found = _spread(level, spoken) | movement("level", changes(level, spoken)) | _rhythm(level)
    if voiced.any():
        found["level_pitch"] = correlation(level[voiced], semitones[voiced])
        if (spoken & ~voiced).any():
            found["level_voice"] = mean(level[voiced]) - mean(level[spoken & ~voiced])
    return found


def _spread(level: np.ndarray, spoken: np.ndarray) -> dict[str, float]:
    import numpy as np

    frames = np.flatnonzero(spoken)
    values = level[frames]
    low, lower, median, higher, high = map(float, quantiles(values, (0.05, 0.2, 0.5, 0.8, 0.95)))
    fifth = -(-len(values) // 5)
    return {
        "level_floor": low - median,
        "level_ceiling": high - median,
        "level_range": higher - lower,
        "level_deviation": deviation(values),
        "level_slope": slope(values, frames),
        "level_start": mean(values[:fifth]) - mean(values),
        "level_end": mean(values[-fifth:]) - mean(values),
        "level_peak_place": mean(frames[values >= high]) / max(len(level) - 1, 1),
    }


def _rhythm(level: np.ndarray) -> dict[str, float]:
    """Shares of the modulation spectrum of level; none of a level that does not move."""
    import numpy as np

    swing = (level - level.mean()) * np.hanning(len(level))
    length = max(SPECTRUM, len(level))
    power = np.square(np.abs(np.fft.rfft(swing, length)))
    hertz = np.arange(len(power)) * (FRAMES_PER_SECOND / length)
    bands = {name: float(power[(hertz >= low) & (hertz < high)].sum()) for name, (low, high) in RHYTHMS.items()}
    whole = sum(bands.values())
    return {name: part / whole for name, part in bands.items()} if whole > 1e-6 else {}
