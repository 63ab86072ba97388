"""Where in the spectrum a voice has its power: effort and brightness, between 300 and 3,400 Hz.

The bands and slopes are those of eGeMAPS (Eyben et al. 2016) brought into the telephone band, so that they are the same on
a telephone. `resonance_1` to `_3` are centroids of the bands where the formants lie (Paliwal 1998), which are never lost
as formants are.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from tonewise.features.prosody_measure import Measure, correlation, deviation, mean, medians_and_ranges
from tonewise.features.prosody_spectra import BIN, HIGH, LOW, WINDOW, bins, decibels

if TYPE_CHECKING:
    import numpy as np

MIDDLE, FORMANTS_END = 1000.0, 2000.0  # Hz
SLOPES = ((500.0, 1500.0), (1500.0, HIGH))  # Hz
RESONANCES = ((LOW, 1000.0), (1000.0, 2200.0), (2200.0, HIGH))  # Hz
BANDS = 16  # of equal width on the Mel scale
TIMBRES = 4

#: What is measured of every frame: name, unit, meaning, neutral value.
TRACKS = (
    ("alpha_ratio", "dB", "power below 1 kHz against above: falls with vocal effort", 0.0),
    ("hammarberg", "dB", "strongest partial below 2 kHz against above: falls with vocal effort", 0.0),
    ("slope_mid", "dB/kHz", "slope of the spectrum from 500 to 1,500 Hz", 0.0),
    ("slope_high", "dB/kHz", "slope of the spectrum from 1,500 to 3,400 Hz", 0.0),
    ("centroid", "Hz", "centre of the spectrum's power: brightness", 800.0),
    ("bandwidth", "Hz", "how far power is spread around the centre", 500.0),
    ("flatness", "dB", "geometric against arithmetic mean of the power: 0 = noise, low = clear partials", -10.0),
    ("resonance_1", "Hz", "centre of power below 1 kHz: an open mouth is higher", 550.0),
    ("resonance_2", "Hz", "centre of power from 1 to 2.2 kHz: a smile is higher, rounded lips lower", 1500.0),
    ("resonance_3", "Hz", "centre of power above 2.2 kHz", 2700.0),
    *(
        (f"timbre_{k}", "dB", f"cosine series of the band levels, term {k}: shape of the mouth", 0.0)
        for k in range(1, 5)
    ),
)

#: How much these move is lost in white noise of 20 dB below the voice; the others survive it.
NOISY = ("slope_high", "resonance_3")

MEASURES = (
    *(Measure(name, unit, f"{meaning} (median of voiced frames)", neutral) for name, unit, meaning, neutral in TRACKS),
    *(
        Measure(f"{name}_range", unit, f"{meaning} (80th less 20th percentile)")
        for name, unit, meaning, _ in TRACKS
        if name not in NOISY
    ),
    Measure("flux", "dB", "change of the spectrum's shape from one frame of speech to the next"),
    Measure("flux_deviation", "dB", "how much that change varies"),
    Measure("alpha_ratio_unvoiced", "dB", "power below 1 kHz against above in speech without voice"),
    Measure("effort_level", "correlation", "whether louder frames are brighter, too"),
    Measure("effort_pitch", "correlation", "whether higher frames are brighter, too"),
)


def band_levels(power: np.ndarray) -> np.ndarray:
    """Levels of 16 bands of each frame, less their mean: the spectrum's shape, float32 `(m, 16)`, dB."""
    shape = decibels(power[:, bins(LOW, HIGH)] @ _bands())
    relative: np.ndarray = shape - shape.mean(axis=1, keepdims=True)
    return relative


def tracks(power: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """The measures of `TRACKS` for each frame `(m, 14)`, from its power spectrum and `band_levels`."""
    import numpy as np

    band = power[:, bins(LOW, HIGH)]
    centroid = _centroid(power, LOW, HIGH)
    square = band @ np.square(_hertz(LOW, HIGH)) / band.sum(axis=1)
    flatness = decibels(band).mean(axis=1) - decibels(band.mean(axis=1))
    return np.column_stack(
        [
            alpha_ratio(power),
            decibels(power[:, bins(LOW, FORMANTS_END)].max(axis=1) / power[:, bins(FORMANTS_END, HIGH)].max(axis=1)),
            *(decibels(power[:, bins(*edges)]) @ _slope(*edges) for edges in SLOPES),
            centroid,
            np.sqrt(np.maximum(square - centroid**2, 0)),
            flatness,
            *(_centroid(power, *edges) for edges in RESONANCES),
            shape @ _cosines(),
        ]
    )


def _centroid(power: np.ndarray, low: float, high: float) -> np.ndarray:
    band = power[:, bins(low, high)]
    centre: np.ndarray = band @ _hertz(low, high) / band.sum(axis=1)
    return centre


def alpha_ratio(power: np.ndarray) -> np.ndarray:
    """Power from 300 to 1,000 Hz against that from 1,000 to 3,400 Hz, `(m,)`, dB."""
    return decibels(power[:, bins(LOW, MIDDLE)].sum(axis=1) / power[:, bins(MIDDLE, HIGH)].sum(axis=1))


def measure(values: np.ndarray, level: np.ndarray, semitones: np.ndarray) -> dict[str, float]:
    """Measures of the tracks of the voiced frames `(v, 14)`, whose levels and pitch are given; none of nothing."""
    if not len(values):
        return {}
    found = medians_and_ranges([name for name, *_ in TRACKS], values)
    for name in NOISY:
        del found[f"{name}_range"]
    found["effort_level"] = -correlation(values[:, 0], level)
    found["effort_pitch"] = -correlation(values[:, 0], semitones)
    return found


def measure_speech(shape: np.ndarray, spoken: np.ndarray, alpha: np.ndarray, voiced: np.ndarray) -> dict[str, float]:
    """Measures of all frames of speech, voiced or not."""
    import numpy as np

    change = np.abs(np.diff(shape, axis=0)).mean(axis=1)[spoken[1:] & spoken[:-1]]
    return {
        "flux": mean(change),
        "flux_deviation": deviation(change),
        "alpha_ratio_unvoiced": mean(alpha[spoken & ~voiced]),
    }


@functools.cache
def _hertz(low: float, high: float) -> np.ndarray:
    import numpy as np

    return (np.arange(WINDOW // 2 + 1)[bins(low, high)] * BIN).astype(np.float32)


@functools.cache
def _slope(low: float, high: float) -> np.ndarray:
    """What turns levels into the slope of the straight line through them, dB/kHz."""
    kilohertz = _hertz(low, high) / 1000
    away = kilohertz - kilohertz.mean()
    weights: np.ndarray = away / (away @ away)
    return weights


@functools.cache
def _bands() -> np.ndarray:
    """Triangles on the Mel scale of O'Shaughnessy from 300 to 3,400 Hz, `(bins, 16)`."""
    import numpy as np

    lowest, highest = (2595 * np.log10(1 + edge / 700) for edge in (LOW - BIN, HIGH + BIN))
    edges = np.linspace(lowest, highest, BANDS + 2)
    hertz = 700 * (10 ** (edges / 2595) - 1)
    at = _hertz(LOW, HIGH)[:, np.newaxis]
    rising = (at - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - at) / np.diff(hertz)[1:]
    triangles: np.ndarray = np.maximum(np.minimum(rising, falling), 0).astype(np.float32)
    return triangles


@functools.cache
def _cosines() -> np.ndarray:
    import numpy as np

    place = (np.arange(BANDS) + 0.5) / BANDS
    return (np.cos(np.pi * np.outer(place, np.arange(1, TIMBRES + 1))) / BANDS).astype(np.float32)
