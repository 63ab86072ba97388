"""Our Mel spectrogram is librosa's, to a ten-thousandth of a decibel, on made sounds and on real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tonewise import audio, features

RATE = 16_000
PARITY = 1e-4  # dB


def librosa_levels(samples: np.ndarray) -> np.ndarray:
    """Straight from librosa, with the numbers written out: nothing of ours is in it."""
    import librosa

    power = librosa.feature.melspectrogram(y=samples, sr=16_000, n_fft=512, hop_length=160, n_mels=64, power=2.0)
    return librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80.0)


def assert_equal(samples: np.ndarray) -> None:
    ours, theirs = features.log_mel(samples), librosa_levels(samples)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype == np.float32
    assert np.abs(ours - theirs).max() <= PARITY


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    return (level * np.random.default_rng(3).normal(size=round(seconds * RATE))).astype(np.float32)


def fading() -> np.ndarray:
    """From full level to 100 dB below it, where the rounding of float32 would show."""
    return noise(3.0, 0.3) * np.logspace(0, -5, 3 * RATE, dtype=np.float32)


MADE = {
    "noise": lambda: noise(2.0),
    "soft noise": lambda: noise(2.0, 1e-4),
    "fading": fading,
    "a tone beside silence": lambda: np.sin(np.arange(RATE) * 0.3).astype(np.float32) * (np.arange(RATE) < 9_000),
    "clipped": lambda: np.clip(noise(1.0, 3.0), -1, 1),
    "an offset": lambda: noise(1.0, 0.01) + np.float32(0.5),
    "an impulse": lambda: np.eye(1, 5_000, 2_345, dtype=np.float32)[0],
    "silence": lambda: np.zeros(RATE, dtype=np.float32),
    "7 s with padding": lambda: np.pad(noise(2.5), (RATE, 7 * RATE - 7 * RATE // 2)),
    "a minute": lambda: noise(60.0),
}


@pytest.mark.parametrize("name", MADE)
def test_made_sounds(name):
    assert_equal(MADE[name]())


@pytest.mark.parametrize("length", [512, 513, 671, 672, 10_079, 10_080, 10_081, 10_240, 20_479, 20_480])
def test_every_frame_is_there_whatever_the_length(length):
    """Around a hop, around the 64 frames of a block, and at the shortest clip."""
    assert_equal(noise(2.0)[:length])
    assert features.log_mel(noise(2.0)[:length]).shape == (64, 1 + length // 160)


def test_samples_may_be_every_second_of_others():
    stereo = noise(2.0).reshape(-1, 2)
    assert_equal(stereo[:, 1])


def test_the_clip_is_left_as_it_was():
    samples = noise(1.0)
    kept = samples.copy()
    features.log_mel(samples)
    assert np.array_equal(samples, kept)


def test_the_test_can_tell_a_difference():
    assert np.abs(features.log_mel(fading()) - librosa_levels(fading() * np.float32(1.0001))).max() > PARITY


@pytest.mark.parametrize("name", ["mel", "melstats"])
def test_cached_features_of_another_transform_are_not_taken(name):
    """The identity names what computes: numpy's FFT, and librosa's filters and decibels."""
    assert {"numpy", "librosa", "n_fft", "hop"} <= set(features.create(name).identity())


REAL = {
    "acted": "acted/*/**/*.opus",
    "town hall": "townhall/*.mp3",
    "earnings call": "earnings/*/Audio/*.mp3",
    "contact centre": "calls/*.wav",
}


@pytest.mark.real
@pytest.mark.parametrize("source", REAL)
def test_real_clips(shared: Path, source: str):
    files = sorted((shared / "data").glob(REAL[source]))
    assert files, f"no recordings match {REAL[source]}"
    for file in files[:: max(1, len(files) // 8)][:8]:
        duration = audio.probe(file).duration
        assert_equal(audio.read(file, 0.0, min(7.0, duration)))
