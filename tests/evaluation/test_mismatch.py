"""Words against voice: the score, and the rate of its false alarms."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise.evaluation.mismatch import THRESHOLD, agreeing_quantiles, disagreement, opposition


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


def test_nothing_known_keeps_nothing():
    assert agreeing_quantiles(np.array([np.nan])) == ()
