"""Sound without words: what goes, and what stays."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise.audio.delexicalised import DELEXICALISERS, Hum, LowPass

RATE = 16_000


def level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=float))))


def peak_hertz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE / len(sound))


def buzz(hertz: np.ndarray, vowel: float) -> np.ndarray:
    """A voice of sorts: harmonics with a bump at `vowel` Hz."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    levels = [1 / k + 2 * np.exp(-(((hertz.mean() * k - vowel) / 150) ** 2)) for k in range(1, 16)]
    return (0.05 * sum(a * np.sin(k * phase) for k, a in enumerate(levels, start=1))).astype(np.float32)


@pytest.mark.parametrize("change", DELEXICALISERS, ids=lambda each: each.name)
@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.3])
def test_length_type_and_level_stay(change, seconds):
    sound = buzz(np.full(round(seconds * RATE), 150.0), 800)
    found = change.apply(sound)
    assert found.dtype == np.float32 and found.shape == sound.shape and np.isfinite(found).all()
    assert level(found) == pytest.approx(level(sound), rel=0.01) or level(found) == 0


def test_two_vowels_hum_alike():
    pitch = np.full(RATE, 140.0)
    one, other = buzz(pitch, 700), buzz(pitch, 1500)
    assert np.corrcoef(one, other)[0, 1] < 0.8
    assert np.corrcoef(Hum().apply(one), Hum().apply(other))[0, 1] > 0.95


def test_low_pass_mutes_what_is_above():
    time = np.arange(RATE) / RATE
    low, high = np.sin(2 * np.pi * 200 * time), np.sin(2 * np.pi * 2000 * time)
    found = LowPass().apply((low + high).astype(np.float32))
    spectrum = np.abs(np.fft.rfft(found))
    assert peak_hertz(found) == pytest.approx(200, abs=2) and spectrum[2000] < 1e-3 * spectrum[200]


def test_hum_follows_pitch_and_loudness():
    rising = np.linspace(120, 220, 2 * RATE)
    sound = buzz(rising, 900) * np.linspace(0.2, 1, 2 * RATE, dtype=np.float32)
    found = Hum().apply(sound)
    early, late = found[RATE // 4 : 3 * RATE // 4], found[-3 * RATE // 4 : -RATE // 4]
    assert peak_hertz(early) == pytest.approx(145, abs=12) and peak_hertz(late) == pytest.approx(195, abs=12)
    assert level(late) > 1.5 * level(early)


def test_silence_stays_silent_and_nothing_nothing():
    for change in DELEXICALISERS:
        assert change.apply(np.zeros(0, dtype=np.float32)).shape == (0,)
        assert not change.apply(np.zeros(RATE // 2, dtype=np.float32)).any()


def test_identities_tell_everything_apart():
    assert LowPass().identity() != LowPass(cutoff=300.0).identity() and Hum().identity()["swift-f0"]
