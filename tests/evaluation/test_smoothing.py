"""The smoothed tone and its interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from tonewise.evaluation.smoothing import SECONDS, smooth


def walk(random, *, n=60, step=0.15, noise=0.8):
    """A level that walks at random and segments that show it: (times, truth, tones, seconds)."""
    seconds = random.uniform(1, 8, n)
    times = np.cumsum(seconds + random.exponential(2, n))
    level = np.cumsum(np.concatenate([[0.3], step * random.normal(size=n - 1) * np.sqrt(np.diff(times))]))
    seen = level + noise * random.normal(size=n) * np.sqrt(SECONDS / seconds)
    return times, expit(level), expit(seen), seconds


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(0)
    covered = []
    for _ in range(60):
        times, truth, tones, seconds = walk(random, step=random.choice([0.0, 0.03, 0.1]))
        found = smooth(times, tones, seconds)
        covered.append(np.mean((found.low <= truth) & (truth <= found.high)))
    assert 0.92 < np.mean(covered) < 0.985


def test_the_curve_is_nearer_the_truth_than_single_segments():
    random = np.random.default_rng(1)
    times, truth, tones, seconds = walk(random, n=200, step=0.05)
    found = smooth(times, tones, seconds)
    assert np.mean((found.tone - truth) ** 2) < 0.3 * np.mean((tones - truth) ** 2)


def test_steady_tones_are_left_alone_and_more_of_them_are_surer():
    few, many = (smooth(np.arange(n) * 5.0, np.full(n, 0.7), np.full(n, 4.0)) for n in (3, 60))
    assert few.tone == pytest.approx(0.7) and many.tone == pytest.approx(0.7)
    assert (many.high - many.low).max() < 0.5 * (few.high - few.low).min()


def test_short_segments_count_less():
    times, tones = [0.0, 5.0, 10.0], [0.3, 0.9, 0.3]
    short = smooth(times, tones, [4.0, 0.5, 4.0]).tone[1]
    long = smooth(times, tones, [4.0, 16.0, 4.0]).tone[1]
    assert short < long < 0.9


def test_a_gap_makes_it_less_sure():
    random = np.random.default_rng(2)
    times, _, tones, seconds = walk(random, step=0.3, noise=0.2, n=80)
    near = smooth(times, tones, seconds)
    far = smooth(np.where(np.arange(80) < 40, times, times + 600), tones, seconds)
    width = [each.high[40] - each.low[40] for each in (near, far)]
    assert width[1] > width[0]


def test_order_does_not_matter_and_ends_are_in_order():
    random = np.random.default_rng(3)
    times, _, tones, seconds = walk(random)
    mixed = random.permutation(len(times))
    straight, turned = smooth(times, tones, seconds), smooth(times[mixed], tones[mixed], seconds[mixed])
    assert straight.tone[mixed] == pytest.approx(turned.tone)
    assert ((straight.low < straight.tone) & (straight.tone < straight.high)).all()


def test_one_segment_none_and_extremes():
    alone = smooth([2.0], [0.6], [4.0])
    assert alone.tone == pytest.approx(0.6) and alone.low < 0.3 and alone.high > 0.8
    assert len(smooth([], [], []).tone) == 0
    extreme = smooth([1.0, 1.0, 2.0], [0.0, 1.0, 1.0], [0.1, 0.1, 100.0])
    assert np.isfinite(extreme.low).all() and ((extreme.low > 0) & (extreme.high < 1)).all()
