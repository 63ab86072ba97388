"""Tempo: syllables and pauses.

How long stretches of speech are is left out: of a clip without a pause, it is how long a sentence was cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.features.prosody_measure import FRAMES_PER_SECOND, Measure, deviation, mean, peaks, runs

if TYPE_CHECKING:
    import numpy as np

DIP = 2.0  # dB between two syllables (de Jong and Wempe 2009)
SMOOTHING = 3  # frames = 48 ms

MEASURES = (
    Measure("syllable_rate", "1/s", "syllables a second, pauses included: tempo of speech", 4.0),
    Measure("articulation_rate", "1/s", "syllables a second of speech: tempo of articulation", 5.0),
    Measure("syllable_gap", "s", "mean time from one syllable to the next", 0.2),
    Measure("syllable_gap_variation", "share", "how much neighbouring gaps differ, against their mean: rhythm"),
    Measure("syllable_depth", "dB", "how far syllables stand out from what lies between them"),
    Measure("syllable_depth_deviation", "dB", "how much syllables differ in that: stress"),
    Measure("syllable_pitch_step", "st", "mean step of pitch from one syllable to the next, either way"),
    Measure("syllable_level_step", "dB", "mean step of level from one syllable to the next, either way"),
    Measure("pause_share", "share", "share of the utterance that is pauses of 0.2 s or more"),
    Measure("pause_rate", "1/s", "pauses a second"),
    Measure("pause_length", "s", "mean length of a pause"),
    Measure("pause_longest", "s", "the longest pause"),
)


def measure(level: np.ndarray, spoken: np.ndarray, voiced: np.ndarray, semitones: np.ndarray) -> dict[str, float]:
    """Measures of an utterance; arguments as in `prosody_level.measure`."""
    nuclei, depths = syllables(level, voiced)
    found = _pauses(spoken) | _steps(nuclei, level, semitones)
    found |= {
        "syllable_rate": len(nuclei) * FRAMES_PER_SECOND / len(spoken),
        "articulation_rate": len(nuclei) * FRAMES_PER_SECOND / int(spoken.sum()),
        "syllable_depth": mean(depths),
        "syllable_depth_deviation": deviation(depths),
    }
    return found


def syllables(level: np.ndarray, voiced: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frames of the nuclei of syllables, and by how many dB each stands out from its two valleys.

    Nuclei are voiced peaks of level with a dip of 2 dB or more between one and the next (de Jong and Wempe 2009).
    """
    import numpy as np

    smooth = np.convolve(np.pad(level, SMOOTHING // 2, mode="edge"), np.full(SMOOTHING, 1 / SMOOTHING), mode="valid")
    found = [frame for frame in peaks(smooth.tolist(), DIP) if voiced[frame]]
    if not found:
        return np.zeros(0, dtype=int), np.zeros(0)
    at = np.array(found)
    valleys = np.minimum.reduceat(smooth, np.concatenate([[0], at]))
    return at, smooth[at] - (valleys[:-1] + valleys[1:]) / 2


def _steps(nuclei: np.ndarray, level: np.ndarray, semitones: np.ndarray) -> dict[str, float]:
    import numpy as np

    if len(nuclei) < 2:
        return {}
    gaps = np.diff(nuclei) / FRAMES_PER_SECOND
    found = {
        "syllable_gap": mean(gaps),
        "syllable_pitch_step": mean(np.abs(np.diff(semitones[nuclei]))),
        "syllable_level_step": mean(np.abs(np.diff(level[nuclei]))),
    }
    if len(gaps) > 1:
        # The normalised pairwise variability index of Grabe and Low (2002).
        found["syllable_gap_variation"] = mean(2 * np.abs(np.diff(gaps)) / (gaps[1:] + gaps[:-1]))
    return found


def _pauses(spoken: np.ndarray) -> dict[str, float]:
    firsts, ends = runs(~spoken)
    pauses = (ends - firsts) / FRAMES_PER_SECOND
    return {
        "pause_share": 1 - float(spoken.mean()),
        "pause_rate": len(pauses) * FRAMES_PER_SECOND / len(spoken),
        "pause_length": mean(pauses),
        "pause_longest": float(pauses.max(initial=0.0)),
    }
