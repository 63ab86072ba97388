"""Log-Mel features measure what they say, in dB."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise import features
from tonewise.features.mel import HOP, N_MELS


def test_log_mel_agrees_with_librosa(tone):
    import librosa

    samples = tone(1.5) + 0.01 * np.random.default_rng(0).normal(size=24_000).astype(np.float32)
    power = librosa.feature.melspectrogram(y=samples, sr=16_000, n_fft=512, hop_length=160, n_mels=64)
    assert np.abs(features.log_mel(samples) - librosa.power_to_db(power, ref=1.0)).max() < 1e-3


def test_shape_and_level(tone):
    soft, loud = features.log_mel(tone(1.0, level=0.03)), features.log_mel(tone(1.0, level=0.3))
    assert loud.shape == (N_MELS, 1 + 16_000 // HOP)
    assert loud.max() - soft.max() == pytest.approx(20.0, abs=0.01), "ten times the pressure is 20 dB"


def test_the_floor_is_80_db_below_the_loudest_value(tone):
    padded = np.concatenate([tone(0.5), np.zeros(8_000, dtype=np.float32)])
    levels = features.log_mel(padded)
    assert levels[:, -10:] == pytest.approx(levels.max() - 80.0)
    assert features.log_mel(np.zeros(8_000, dtype=np.float32)) == pytest.approx(-100.0)


def test_mel_is_the_mean_over_time(tone):
    clip = tone(7.0)
    assert features.create("mel").clip_seconds == 7.0
    assert np.allclose(features.create("mel").encode([clip])[0], features.log_mel(clip).mean(axis=1))


def test_melstats_are_the_named_statistics(tone):
    clip = np.concatenate([tone(0.6, 120), tone(0.4, 300)])
    levels = features.log_mel(clip)
    change = np.abs(levels[:, 1:] - levels[:, :-1]).mean(axis=1)
    expected = [levels.mean(axis=1), levels.std(axis=1), change]
    expected += [np.percentile(levels, percent, axis=1) for percent in (10, 50, 90)]
    assert np.allclose(features.create("melstats").encode([clip])[0], np.concatenate(expected), atol=1e-4)


def test_melstats_do_not_depend_on_length_of_a_steady_sound(tone):
    short, long = features.create("melstats").encode([tone(1.0), tone(4.0)])
    assert np.abs(short[:64] - long[:64]).max() < 3.0
