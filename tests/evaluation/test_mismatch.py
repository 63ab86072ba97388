"""Words against voice: the score, and the rate of its false alarms."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise.evaluation.mismatch import DIGITS, THRESHOLD, agreeing_quantiles, disagreement, opposition, rank_among


def test_opposition_is_large_where_both_are_clear_and_differ():
    words = np.array([1.0, 1.0, -1.0, 0.0, 0.1])
    rank = np.array([0.0, 1.0, 1.0, 0.0, 0.0])
    assert opposition(words, rank) == pytest.approx([1, -1, 1, 0, 0.1])
    assert np.isnan(opposition(np.array([np.nan, 0.5]), np.array([0.5, np.nan]))).all()


def test_false_alarms_on_agreeing_segments_are_no_more_than_stated():
    random = np.random.default_rng(0)
    alarms = []
    for _ in range(200):
        seen, fresh = random.normal(size=60), random.normal(size=200)
        alarms.append(np.mean(disagreement(fresh, agreeing_quantiles(seen)) >= THRESHOLD))
    assert 0.03 < np.mean(alarms) < 0.055


def test_disagreement_rises_and_stays_within_its_bounds():
    quantiles = agreeing_quantiles(np.linspace(-1, 0.5, 200))
    found = disagreement(np.array([-2.0, -0.5, 0.2, 0.49, 2.0]), quantiles)
    assert found[0] == 0 and found[-1] == 1 and (np.diff(found) > 0).all()
    assert np.isnan(disagreement(np.array([np.nan]), quantiles))


@pytest.mark.parametrize("levels", [1, 2, 5, 20])
def test_equal_oppositions_are_no_alarms(levels):
    """As a model of few tones and a list of words with few scores have them; kept quantiles are rounded."""
    random = np.random.default_rng(levels)
    alarms = []
    for _ in range(100):
        values, shares = random.normal(size=levels), random.dirichlet(np.ones(levels))
        seen, fresh = (random.choice(values, 300, p=shares) for _ in range(2))
        kept = [round(each, DIGITS) for each in agreeing_quantiles(seen)]
        alarms.append(np.mean(disagreement(fresh, kept) >= THRESHOLD))
    assert np.mean(alarms) <= 0.05


def test_a_place_among_equal_tones_is_their_middle():
    quantiles = [0.1, 0.2, 0.3, 0.3, 0.3]
    found = rank_among(np.array([0.0, 0.1, 0.15, 0.25, 0.3, 0.3 + 1e-9, 0.4, np.nan]), quantiles)
    assert found == pytest.approx([0, 0, 0.125, 0.375, 0.75, 0.75, 1, np.nan], nan_ok=True)
    assert rank_among(np.full(3, 1 / 3), [0.333333] * 101).tolist() == [0.5] * 3


def test_distinct_quantiles_are_gone_between_evenly():
    random = np.random.default_rng(0)
    quantiles = np.sort(random.random(101))
    values = np.concatenate([random.random(500), quantiles])
    expected = np.interp(values, quantiles, np.linspace(0, 1, 101))
    assert (rank_among(values, quantiles.tolist()) == expected).all()
    assert (disagreement(values, quantiles.tolist()) == expected).all()


def test_nothing_known_keeps_nothing():
    assert agreeing_quantiles(np.array([np.nan])) == ()
