"""What the measures of prosody are made of: stretches, slopes, quantiles, peaks, syllables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonewise.features import prosody_measure, prosody_spectra, prosody_tempo

RATE = prosody_measure.FRAMES_PER_SECOND
FEW = st.lists(st.booleans(), max_size=30)


@given(FEW)
def test_runs_are_the_stretches_of_true(flags):
    mask = np.array(flags, dtype=bool)
    rebuilt = np.zeros_like(mask)
    firsts, ends = prosody_measure.runs(mask)
    for first, end in zip(firsts, ends, strict=True):
        assert not rebuilt[max(first - 1, 0) : end].any(), "stretches do not touch"
        rebuilt[first:end] = True
    assert np.array_equal(rebuilt, mask)


def test_short_runs_are_left_out():
    mask = np.array([1, 0, 1, 1, 0, 1, 1, 1], dtype=bool)
    assert prosody_measure.keep_runs(mask, 3).tolist() == [False] * 5 + [True] * 3
    assert mask[0], "the mask itself is not changed"


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40))
def test_quantiles_are_numpys(values):
    shares = (0.0, 0.05, 0.5, 0.8, 1.0)
    numbers = np.array(values)
    assert np.allclose(prosody_measure.quantiles(numbers, shares), np.quantile(numbers, shares))
    both = np.column_stack([numbers, -numbers])
    assert np.allclose(prosody_measure.quantiles(both, shares), np.quantile(both, shares, axis=0))


def test_slopes_of_a_line_are_exact_and_need_five_frames():
    line = 3.0 * np.arange(20) / RATE
    usable = np.ones(20, dtype=bool)
    assert prosody_measure.changes(line, usable) == pytest.approx(np.full(16, 3.0))
    assert prosody_measure.slope(line, np.arange(20)) == pytest.approx(3.0)
    usable[10] = False
    assert len(prosody_measure.changes(line, usable)) == 11, "no slope is taken across a gap"
    assert len(prosody_measure.changes(line[:4], usable[:4])) == 0
    assert prosody_measure.slope(line[:4], np.arange(4)) == 0
    assert prosody_measure.bends(line, usable) == pytest.approx(0)


def test_correlation_of_what_does_not_change_is_none():
    assert prosody_measure.correlation(np.arange(9.0), -np.arange(9.0)) == pytest.approx(-1)
    assert prosody_measure.correlation(np.ones(9), np.arange(9.0)) == 0
    assert prosody_measure.correlation(np.arange(3.0), np.arange(3.0)) == 0


@pytest.mark.parametrize(
    ("track", "found"),
    [
        ([0, 5, 0, 5, 0], [1, 3]),
        ([0, 5, 4, 5, 0], [1]),
        ([5, 0, 5], [0, 2]),
        ([3, 3, 3], [0]),
        ([0, 1, 2, 9, 8, 7.5, 9.2, 1], [6]),
    ],
)
def test_peaks_stand_out_by_a_dip(track, found):
    assert prosody_measure.peaks(track, 2.0) == found


def test_syllables_are_voiced():
    level = np.tile([0.0, 0.0, 10.0, 20.0, 20.0, 10.0, 0.0], 3)
    voiced = np.ones(len(level), dtype=bool)
    nuclei, depths = prosody_tempo.syllables(level, voiced)
    assert len(nuclei) == 3 and (depths > 10).all()
    voiced[7:14] = False
    assert len(prosody_tempo.syllables(level, voiced)[0]) == 2
    assert len(prosody_tempo.syllables(level, ~voiced & False)[0]) == 0


def test_stops_are_speech_and_pauses_are_not():
    level = np.full(100, 0.0)
    level[20:28] = level[50:80] = -60.0
    spoken = prosody_spectra.speech(level, np.zeros(100, dtype=bool))
    assert spoken[20:28].all(), "0.13 s is a stop consonant"
    assert not spoken[50:80].any() and spoken[80:].all()


def test_spectra_add_up_to_the_mean_square():
    sound = prosody_spectra.levelled(np.random.default_rng(0).normal(size=16_000).astype(np.float32) + 3)
    assert sound is not None
    assert np.square(sound).mean() == pytest.approx(prosody_spectra.LOUDNESS**2, rel=1e-3)
    power = np.concatenate([block for _, block in prosody_spectra.blocks(sound, 62)])
    assert power.shape == (62, 513)
    assert power.sum(axis=1).mean() == pytest.approx(prosody_spectra.LOUDNESS**2, rel=0.05)


def test_a_sine_lies_where_it_should():
    sine = np.sin(2 * np.pi * 1000 * np.arange(8000) / 16_000).astype(np.float32)
    (_, power), *_ = prosody_spectra.blocks(sine, 31)
    at = prosody_spectra.bins(990, 1010)
    assert (power[2:-2].argmax(axis=1) == at.start).all()
    assert prosody_spectra.bins(300, 3400) == slice(20, 218)
