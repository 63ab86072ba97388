"""Short-time spectra of a clip, a block of frames at a time, and where in the clip somebody speaks."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tonewise.features.prosody_measure import HOP, keep_runs, quantiles
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

WINDOW = 1024  # samples = 64 ms, Hann: three periods of the lowest voice
BIN = SAMPLE_RATE / WINDOW  # Hz from one number of a spectrum to the next
BLOCK = 64  # frames at once: what one step leaves is still in the processor's cache for the next

LOUDNESS = 0.1  # root mean square that every clip is brought to
SILENT = 1e-6  # root mean square of what counts as digital silence: a tenth of the last bit of 16

#: The telephone band: what is measured in it is the same on a telephone.
LOW, HIGH = 300.0, 3400.0  # Hz
FLOOR = 1e-12  # power that is added to every number of a spectrum: together 75 dB below a clip's own level

DYNAMICS = 25.0  # dB below the loudest frames, where speech ends (de Jong and Wempe 2009)
SHORTEST_PAUSE = 13  # frames = 0.2 s; a shorter gap is a stop consonant
SHORTEST_SPEECH = 3  # frames = 48 ms; a shorter burst without voice is a click


def levelled(samples: np.ndarray) -> np.ndarray | None:
    """The clip at a level that is the same for all, without its constant part; None where it is digital silence."""
    import numpy as np

    centred = samples - samples.mean(dtype=np.float64)
    loudness = float(np.sqrt(np.square(centred).mean()))
    return None if loudness < SILENT else (centred * (LOUDNESS / loudness)).astype(np.float32)


def bins(low: float, high: float) -> slice:
    """The numbers of a spectrum that lie in [low, high) Hz."""
    return slice(-int(-low // BIN), -int(-high // BIN))


def decibels(power: np.ndarray) -> np.ndarray:
    """Power in dB."""
    import numpy as np

    levels: np.ndarray = 10 * np.log10(power)
    return levels


def blocks(samples: np.ndarray, frames: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Power spectra of `frames` frames centred on every 256th sample: the frames of a block, float32 `(m, 513)`.

    The clip is mirrored at its ends. The numbers of a frame add up to its mean square.
    """
    import numpy as np

    padded = np.pad(samples, WINDOW // 2, mode="reflect")
    cut = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    for first in range(0, frames, BLOCK):
        spectrum = np.fft.rfft(cut[first : min(first + BLOCK, frames)] * _window())
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        yield slice(first, first + len(power)), power + np.float32(FLOOR)


def levels(power: np.ndarray) -> np.ndarray:
    """Level of each frame in the telephone band, float32 `(m,)`, dB."""
    return decibels(power[:, bins(LOW, HIGH)].sum(axis=1))


def softest(level: np.ndarray, voiced: np.ndarray) -> float:
    """Level below which nobody speaks: 25 dB below the one that a twentieth of the voiced frames exceed.

    Where nothing is voiced, of all frames. A cough, or a minute of silence, moves it little.
    """
    return float(quantiles(level[voiced] if voiced.any() else level, (0.95,))[0]) - DYNAMICS


def speech(level: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Whether somebody speaks in each frame: loud enough or voiced, pauses of less than 0.2 s included."""
    spoken = keep_runs((level > softest(level, voiced)) | voiced, SHORTEST_SPEECH)
    return ~keep_runs(~spoken, SHORTEST_PAUSE)


def hann() -> np.ndarray:
    """The window of every frame, float64 `(1024,)`, 1 at its middle."""
    import numpy as np

    window: np.ndarray = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return window


@functools.cache
def _window() -> np.ndarray:
    import numpy as np

    window: np.ndarray = (hann() / np.sqrt(np.square(hann()).sum() * WINDOW / 2)).astype(np.float32)
    return window
