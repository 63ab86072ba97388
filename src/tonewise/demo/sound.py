"""Voice quality, loudness and rooms: what is done to a spoken sentence after espeak-ng has said it.

Sounds are float32, mono, `(n_samples,)`, full scale ±1, at `espeak.SAMPLE_RATE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tonewise.demo.espeak import SAMPLE_RATE

if TYPE_CHECKING:
    from tonewise.demo.prosody import Manner

SPEECH_LEVEL = -29.0  # dB re full scale, of a sentence at the usual loudness: loud styles need room
_PEAK = 0.89  # -1 dB: nothing clips
_CORNER = 1_000.0  # Hz, above which brightness raises or lowers
_MARGIN = 0.03  # s of near-silence kept around a sentence


@dataclass(frozen=True, slots=True)
class Room:
    """What a recording adds whatever the tone: `gain` in dB, `colour` in dB above 1 kHz, `noise` in dBFS."""

    gain: float
    colour: float
    noise: float


def draw_room(rng: np.random.Generator) -> Room:
    """Draw a microphone and a room: ±3 dB of gain, some colour, and noise 25 to 45 dB under the speech."""
    gain = float(rng.uniform(-3.0, 3.0))
    colour = float(rng.normal(0.0, 1.5))
    return Room(gain, colour, SPEECH_LEVEL + gain - float(rng.uniform(25.0, 45.0)))


def colour_voice(spoken: np.ndarray, manner: Manner, room: Room, rng: np.random.Generator) -> np.ndarray:
    """Turn espeak-ng's int16 samples into the sentence as recorded: trimmed, its quality, then its level."""
    voice = trim(spoken.astype(np.float32) / 32768.0)
    voice = roughen(voice, manner.harshness, rng)
    voice = add_breath(voice, manner.breath, rng)
    voice = tilt(voice, manner.brightness + room.colour)
    voice *= from_db(SPEECH_LEVEL + manner.level + room.gain) / _rms(voice)
    return (voice * min(1.0, _PEAK / float(np.abs(voice).max()))).astype(np.float32)


def room_noise(n_samples: int, room: Room, rng: np.random.Generator) -> np.ndarray:
    """Steady noise of a room, falling with frequency above 500 Hz."""
    from scipy.signal import lfilter

    pole = float(np.exp(-2 * np.pi * 500.0 / SAMPLE_RATE))
    noise = lfilter(*_one_pole(pole), _white(n_samples, rng))
    scaled: np.ndarray = (noise * (from_db(room.noise) / _rms(noise))).astype(np.float32)
    return scaled


def trim(sound: np.ndarray) -> np.ndarray:
    """Cut silence (40 dB under the peak) from both ends, but for 30 ms."""
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    if not len(loud):
        return sound
    margin = int(_MARGIN * SAMPLE_RATE)
    return sound[max(loud[0] - margin, 0) : loud[-1] + margin]


def tilt(sound: np.ndarray, decibels: float) -> np.ndarray:
    """Raise (or lower) what lies above 1 kHz by so many dB with a first-order shelf."""
    from scipy.signal import bilinear, lfilter

    corner = 2 * np.pi * _CORNER
    # H(s) = (g s + w) / (s + w): 1 at DC and g far above the corner.
    b, a = bilinear([from_db(decibels), corner], [1.0, corner], fs=SAMPLE_RATE)
    tilted: np.ndarray = lfilter(b.astype(np.float32), a.astype(np.float32), sound)
    return tilted


def add_breath(sound: np.ndarray, decibels: float, rng: np.random.Generator) -> np.ndarray:
    """Add noise above 1 kHz that follows the voice's envelope, at so many dB relative to the voice."""
    from scipy.signal import sosfilt

    noise = sosfilt(_design(2, "high", 1_000.0), _white(len(sound), rng)) * _smooth(np.abs(sound), 0.010)
    breathy: np.ndarray = (sound + noise * (from_db(decibels) * _rms(sound) / _rms(noise))).astype(np.float32)
    return breathy


def roughen(sound: np.ndarray, depth: float, rng: np.random.Generator) -> np.ndarray:
    """Modulate the amplitude irregularly at 30 to 90 Hz, as a tense or creaky voice does; `depth` is 0..1."""
    from scipy.signal import sosfilt

    flutter = sosfilt(_design(1, "band", 30.0, 90.0), _white(len(sound), rng))
    flutter = np.clip(flutter / _rms(flutter), -2.0, 2.0) / 2.0
    rough: np.ndarray = (sound * (1.0 + depth * flutter)).astype(np.float32)
    return rough


def from_db(decibels: float) -> float:
    """Amplitude factor of a level in dB."""
    return float(10.0 ** (decibels / 20.0))


@cache
def _design(order: int, kind: str, *corners: float) -> np.ndarray:
    from scipy.signal import butter

    edges = corners[0] if len(corners) == 1 else corners
    # float32, as the sound is: lfilter and sosfilt compute in the wider of the two types.
    sections: np.ndarray = butter(order, edges, kind, fs=SAMPLE_RATE, output="sos").astype(np.float32)
    return sections


def _one_pole(pole: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([1 - pole], np.float32), np.array([1, -pole], np.float32)


def _white(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(n_samples, dtype=np.float32)


def _smooth(sound: np.ndarray, seconds: float) -> np.ndarray:
    from scipy.signal import lfilter

    pole = float(np.exp(-1.0 / (seconds * SAMPLE_RATE)))
    smooth: np.ndarray = lfilter(*_one_pole(pole), sound)
    return smooth


def _rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) + 1e-12
