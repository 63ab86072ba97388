"""Voice quality: how clear, breathy or pressed a voice is."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from tonewise.features.prosody_measure import Measure, bends, medians_and_ranges, quantiles
from tonewise.features.prosody_spectra import BIN, HIGH, LOW, WINDOW, bins, decibels, hann
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

AWAY = 0.06  # share of a period that the tracker's may be away from the real one
LAGS = 13  # candidates within that
CLEAREST, NOISIEST = 0.999, 0.01  # correlations: 30 dB and −20 dB

#: What is measured of every voiced frame: name, unit, meaning.
TRACKS = (
    ("clarity", "dB", "harmonic-to-noise ratio: low in hoarse, breathy and noisy voices"),
    (
        "breathiness",
        "dB",
        "first against second partial: high in breathy, low in pressed voices; a telephone weakens it",
    ),
)

MEASURES = (
    *(Measure(name, unit, f"{meaning} (median of voiced frames)") for name, unit, meaning in TRACKS),
    *(Measure(f"{name}_range", unit, f"{meaning} (80th less 20th percentile)") for name, unit, meaning in TRACKS),
    Measure("clarity_change", "dB", "clarity in the last third of the voice, less that in the first"),
    Measure("shimmer", "dB", "unsteadiness of level from voiced frame to voiced frame (median), slow shimmer"),
    Measure("shimmer_high", "dB", "the same at its worst (80th percentile)"),
)


def tracks(power: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """The measures of `TRACKS` for each voiced frame, `(m, 2)`, from its power spectrum and its pitch."""
    import numpy as np

    first, second = (_partial(power, hertz * number) for number in (1, 2))
    return np.column_stack([harmonic_to_noise(power, hertz), decibels(first / second)])


def harmonic_to_noise(power: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Harmonic-to-noise ratio of each frame in the telephone band, `(m,)`, −20 to 30 dB (Boersma 1993).

    The autocorrelation of the frame, divided by that of its window, at the period: that share of the power repeats itself.
    """
    import numpy as np

    limited = np.zeros_like(power)
    voice = bins(LOW, HIGH)
    limited[:, voice] = power[:, voice]
    repeated = np.fft.irfft(limited, axis=1)
    repeated /= repeated[:, :1] * _window_correlation()
    clear = np.clip(_peak(repeated, SAMPLE_RATE / hertz), NOISIEST, CLEAREST)
    return decibels(clear / (1 - clear))


def measure(values: np.ndarray, level: np.ndarray, voiced: np.ndarray) -> dict[str, float]:
    """Measures of the tracks of the voiced frames `(v, 2)` and of all frames' levels `(n,)`; none of nothing."""
    if not len(values):
        return {}
    third = -(-len(values) // 3)
    found = medians_and_ranges([name for name, *_ in TRACKS], values)
    found["clarity_change"] = float(values[-third:, 0].mean() - values[:third, 0].mean())
    steps = bends(level, voiced)  # a stretch of voice has three frames or more
    found["shimmer"], found["shimmer_high"] = map(float, quantiles(steps, (0.5, 0.8)))
    return found


def _peak(correlation: np.ndarray, period: np.ndarray) -> np.ndarray:
    """The highest value near a period, between samples, too: a parabola through the highest one and its neighbours."""
    import numpy as np

    around = period[:, np.newaxis] * np.linspace(1 - AWAY, 1 + AWAY, LAGS)
    lags = np.rint(around).astype(int)
    at = np.take_along_axis(lags, np.take_along_axis(correlation, lags, 1).argmax(axis=1)[:, np.newaxis], 1)
    before, top, after = (np.take_along_axis(correlation, at + step, 1)[:, 0] for step in (-1, 0, 1))
    curve = np.minimum(before - 2 * top + after, -1e-9)
    shift = np.clip((before - after) / (2 * curve), -0.5, 0.5)
    height: np.ndarray = top - (before - after) * shift / 4
    return height


def _partial(power: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Power of the partial at these frequencies, `(m,)`: the strongest of the three numbers around it."""
    import numpy as np

    at = np.rint(hertz / BIN).astype(int)[:, np.newaxis] + np.array([-1, 0, 1])
    strongest: np.ndarray = np.take_along_axis(power, at, 1).max(axis=1)
    return strongest


@functools.cache
def _window_correlation() -> np.ndarray:
    """Autocorrelation of the window, 1 at lag 0; where next to nothing is left of it, lags are never looked up."""
    import numpy as np

    power = np.square(np.abs(np.fft.rfft(hann(), 2 * WINDOW)))
    correlation = np.fft.irfft(power)[:WINDOW]
    floored: np.ndarray = np.maximum(correlation / correlation[0], 1e-3).astype(np.float32)
    return floored
