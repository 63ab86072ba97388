"""Changes of a sound: each does what it says, at the strength it says, and the same whenever it is asked."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise.audio import perturb_codec
from tonewise.audio.perturb import SUITE, choose, perturb
from tonewise.audio.perturb_codec import Companded
from tonewise.audio.perturb_line import Clipped, Gain, TelephoneBand
from tonewise.audio.perturb_noise import Noise
from tonewise.audio.perturb_room import Reverberation
from tonewise.audio.perturb_time import Crop, Silence, Speed
from tonewise.errors import AudioError, OptionError

RATE = 16_000
SAME_LENGTH = [each for each in SUITE if each.family not in ("crop", "silence", "speed")]


def named(changes):
    return pytest.mark.parametrize("change", changes, ids=lambda change: change.name)


@pytest.fixture(scope="module")
def sweep() -> np.ndarray:
    """Two seconds that glide from 200 to 2,000 Hz and swell: no two moments are alike."""
    time = np.arange(2 * RATE) / RATE
    return (0.3 * np.sin(2 * np.pi * (200 * time + 450 * time**2)) * np.abs(np.sin(4 * time))).astype(np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def decibels(ratio: float) -> float:
    return 10 * np.log10(ratio)


def share_in_band(samples: np.ndarray, low: float, high: float) -> float:
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float(spectrum[(frequencies >= low) & (frequencies <= high)].sum() / spectrum.sum())


@named(SUITE)
def test_same_sound_and_seed_give_the_same_change(change, sweep):
    before = sweep.copy()
    found = perturb(sweep, change, seed=3)
    assert found.dtype == np.float32 and found.ndim == 1 and np.isfinite(found).all()
    np.testing.assert_array_equal(found, perturb(sweep, change, seed=3))
    np.testing.assert_array_equal(sweep, before)
    assert len(found) != len(sweep) or not np.array_equal(found, sweep)


@named(SUITE)
def test_nothing_and_silence_are_taken(change):
    assert np.isfinite(perturb(np.zeros(RATE, dtype=np.float32), change)).all()
    assert len(perturb(np.zeros(0, dtype=np.float32), change)) in (0, RATE // 2)


def test_what_is_drawn_depends_on_sound_and_seed(sweep):
    change = Noise("white", 20)
    noise = perturb(sweep, change) - sweep
    assert not np.allclose(noise, perturb(sweep, change, seed=1) - sweep)
    assert not np.allclose(noise, perturb(sweep[::-1].copy(), change) - sweep[::-1])


@named(SAME_LENGTH)
def test_sound_stays_where_it_was(change, sweep):
    """A codec that shifted the sound would look like one that damaged it."""
    found = perturb(sweep, change)
    assert len(found) == len(sweep)
    around = np.fft.irfft(np.fft.rfft(found, 2**16) * np.conj(np.fft.rfft(sweep, 2**16)))
    lag = int(np.argmax(around))
    assert abs(lag if lag < 2**15 else lag - 2**16) <= 0.01 * RATE


def test_names_are_unique_and_levels_known():
    assert len({each.name for each in SUITE}) == len({each.title for each in SUITE}) == len(SUITE)
    assert {each.level for each in SUITE} == {"subtle", "plain"}


def test_choose_by_name_and_family():
    assert choose() == SUITE
    assert [each.name for each in choose(["mu-law-8kHz"])] == ["mu-law-8kHz"]
    assert {each.family for each in choose(["noise", "speed"])} == {"noise", "speed"}
    with pytest.raises(OptionError, match=r"unknown change 'hiss'.*gain, noise, telephone"):
        choose(["gain", "hiss"])


def test_gain(sweep, rng):
    assert decibels(power(Gain(-20).apply(sweep, rng)) / power(sweep)) == pytest.approx(-20, abs=1e-3)
    assert np.abs(Gain(20).apply(sweep, rng)).max() > 1  # floats are not clipped


@pytest.mark.parametrize("colour", ["white", "pink", "babble"])
@pytest.mark.parametrize("snr", [30, 10])
def test_noise_has_its_ratio(colour, snr, sweep, rng):
    noise = Noise(colour, snr).apply(sweep, rng) - sweep
    assert decibels(power(sweep) / power(noise)) == pytest.approx(snr, abs=0.05)


def test_noise_has_its_colour(rng):
    loud = np.ones(4 * RATE, dtype=np.float32)
    high = {
        colour: share_in_band(Noise(colour, 0).apply(loud, rng) - loud, 2000, 8000)
        for colour in ("white", "pink", "babble")
    }
    assert high["white"] == pytest.approx(0.75, abs=0.02)
    assert high["pink"] == pytest.approx(np.log(4) / (np.log(400) + 1), abs=0.05)
    assert high["babble"] < 0.15


def test_babble_swells_as_syllables_do(rng):
    loud = np.ones(4 * RATE, dtype=np.float32)

    def unsteadiness(colour):
        noise = Noise(colour, 0).apply(loud, rng) - loud
        frames = np.sqrt(np.mean(noise.reshape(-1, RATE // 20) ** 2, axis=1))
        return frames.std() / frames.mean()

    assert unsteadiness("babble") > 3 * unsteadiness("white")


def test_telephone_band(rng):
    hiss = rng.standard_normal(RATE).astype(np.float32)
    assert share_in_band(TelephoneBand().apply(hiss, rng), 250, 3800) > 0.97


@pytest.mark.parametrize("law", ["mu-law", "a-law"])
def test_companding_is_a_line_of_8_khz_and_8_bits(law, rng):
    hiss = (0.1 * rng.standard_normal(RATE)).astype(np.float32)
    assert share_in_band(Companded(law).apply(hiss, rng), 0, 4000) > 0.999
    time = np.arange(RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    middle = slice(RATE // 4, -RATE // 4)
    error = (Companded(law).apply(tone, rng) - tone)[middle]
    # G.711 keeps about 38 dB between signal and its quantisation.
    assert 34 < decibels(power(tone[middle]) / power(error)) < 44


@named([each for each in SUITE if each.family == "codec"])
def test_codecs_keep_the_sound_but_not_its_samples(change, sweep):
    error = perturb(sweep, change) - sweep
    assert 0 < power(error) < 0.2 * power(sweep)


def test_missing_codec_is_told(monkeypatch, sweep, rng):
    with pytest.raises(AudioError, match="no encoder libnothing"):
        perturb_codec._coded(sweep, "mp3", "libnothing", 32_000, RATE)


def test_clipping(sweep, rng):
    found = Clipped(0.1).apply(sweep, rng)
    assert np.mean(np.abs(found) == np.abs(found).max()) == pytest.approx(0.1, abs=0.01)
    kept = np.abs(sweep) < np.abs(found).max()
    np.testing.assert_array_equal(found[kept], sweep[kept])


def test_changes_of_length(sweep, rng):
    np.testing.assert_array_equal(Crop("start", 0.1).apply(sweep, rng), sweep[RATE // 5 :])
    np.testing.assert_array_equal(Crop("end", 0.2).apply(sweep, rng), sweep[: -2 * RATE // 5])
    before = Silence("before", 0.5).apply(sweep, rng)
    assert not before[: RATE // 2].any()
    np.testing.assert_array_equal(before[RATE // 2 :], sweep)
    np.testing.assert_array_equal(Silence("after", 0.5).apply(sweep, rng)[: len(sweep)], sweep)


def test_speed_moves_pitch_and_length(rng):
    time = np.arange(2 * RATE) / RATE
    found = Speed(1.05).apply(np.sin(2 * np.pi * 400 * time).astype(np.float32), rng)
    assert len(found) == pytest.approx(2 * RATE / 1.05, abs=2)
    assert share_in_band(found, 415, 425) > 0.95


@pytest.mark.parametrize("rt60", [0.3, 0.8])
def test_room_dies_away_as_stated(rt60, rng):
    response = Reverberation(rt60).response(rng)
    energy = np.cumsum(response[::-1] ** 2)[::-1]  # Schroeder's backward integration
    level = 10 * np.log10(energy / energy[RATE // 200])
    from_5_to_25 = np.flatnonzero((level < -5) & (level > -25))
    assert 3 * len(from_5_to_25) / RATE == pytest.approx(rt60, rel=0.15)
    assert decibels(response[0] ** 2 / energy[1]) == pytest.approx(0, abs=0.01)


def test_room_is_no_louder(sweep, rng):
    assert power(Reverberation(0.8).apply(sweep, rng)) == pytest.approx(power(sweep), rel=1e-4)
