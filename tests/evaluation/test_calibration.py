"""Calibration: what is fitted recovers the truth, and what is reported adds up."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss

from tonewise.errors import LabelError
from tonewise.evaluation import Platt, calibration, fit_platt


def honest(n, seed=0, groups=20):
    """Scores that are true probabilities, their labels, and who speaks."""
    random = np.random.default_rng(seed)
    scores = random.beta(1.5, 1.5, size=n)
    return scores, random.random(n) < scores, np.arange(n) % groups


def test_platt_undoes_what_it_can():
    scores, positive, _ = honest(4000)
    sure = expit(3 * logit(scores) + 1)  # three times too sure, and tilted
    found = fit_platt(sure, positive)
    assert found.slope == pytest.approx(1 / 3, rel=0.1) and found.intercept == pytest.approx(-1 / 3, abs=0.1)
    np.testing.assert_allclose(found.apply(sure), scores, atol=0.06)
    assert calibration(found.apply(sure), positive, np.arange(4000)).ece < 0.03
    assert calibration(sure, positive, np.arange(4000)).ece > 0.1


def test_platt_leaves_the_order_and_extremes_alone():
    found = Platt(0.5, -0.2)
    scores = np.array([0.0, 0.2, 0.9, 1.0, np.nan])
    once = found.apply(scores)
    assert (np.diff(once[:4]) > 0).all() and once[0] > 0 and once[3] < 1 and np.isnan(once[4])
    np.testing.assert_allclose(Platt(1.0, 0.0).apply(scores[1:3]), scores[1:3])


def test_platt_of_few_perfect_scores_is_not_certain():
    found = fit_platt(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]))
    assert found.apply(np.array([0.95]))[0] < 0.95


def test_weights_count_as_copies_do_about():
    scores, positive, _ = honest(300)
    weights = np.random.default_rng(1).integers(1, 4, 300)
    weighted = fit_platt(scores, positive, weights)
    copied = fit_platt(np.repeat(scores, weights), np.repeat(positive, weights))
    assert (weighted.slope, weighted.intercept) == pytest.approx((copied.slope, copied.intercept), abs=1e-3)


def test_one_class_cannot_be_calibrated():
    with pytest.raises(LabelError, match="needs positive and negative utterances, and there are 0 positive of 3"):
        fit_platt(np.array([0.1, 0.2, 0.3]), np.zeros(3, dtype=bool))


def test_brier_and_its_parts():
    scores, positive, groups = honest(1000)
    found = calibration(scores, positive, groups)
    assert found.brier == pytest.approx(brier_score_loss(positive, scores))
    assert found.brier == pytest.approx(found.reliability - found.resolution + found.uncertainty + found.within)
    assert found.uncertainty == pytest.approx(positive.mean() * (1 - positive.mean()))
    assert abs(found.within) < 0.01 and found.brier_low < found.brier < found.brier_high
    coarse = calibration(scores.round(1), positive, groups)  # within a bin all scores are equal, or almost
    assert abs(coarse.within) < abs(found.within) + 0.002


def test_ece_stands_beside_what_chance_makes_of_it():
    scores, positive, groups = honest(400, seed=3)
    found = calibration(scores, positive, groups)
    assert 0.4 * found.ece_chance < found.ece < 2.2 * found.ece_chance
    wrong = calibration(1 - scores, positive, groups)
    assert wrong.ece > 4 * wrong.ece_chance


def test_bins_are_about_equal_and_hold_the_truth():
    scores, positive, groups = honest(2000, seed=4)
    found = calibration(scores, positive, groups)
    assert len(found.bins) == 10 and {each.n for each in found.bins} == {200}
    assert [each.score for each in found.bins] == sorted(each.score for each in found.bins)
    assert sum(each.ci_low <= each.score <= each.ci_high for each in found.bins) >= 8


def test_equal_scores_share_a_bin_and_small_samples_have_few():
    found = calibration(np.repeat([0.3, 0.7], 50), np.arange(100) % 2 == 0, np.arange(100))
    assert [(each.score, each.n) for each in found.bins] == [(pytest.approx(0.3), 50), (pytest.approx(0.7), 50)]
    assert len(calibration(*honest(50)).bins) == 2
    assert len(calibration(*honest(5)).bins) == 1


def test_voices_widen_the_intervals():
    scores, _, groups = honest(1000)
    positive = np.isin(groups, np.arange(10))  # a voice is all one or all the other
    by_voice, alone = calibration(scores, positive, groups), calibration(scores, positive, np.arange(1000))
    assert by_voice.bins[0].ci_high - by_voice.bins[0].ci_low > 2 * (alone.bins[0].ci_high - alone.bins[0].ci_low)
    one = calibration(scores, positive, np.zeros(1000))
    assert (one.brier_low, one.brier_high) == (0.0, 1.0) and (one.bins[0].ci_low, one.bins[0].ci_high) == (0.0, 1.0)


def test_one_class_has_a_brier_score_and_nothing_has_none():
    found = calibration(np.array([0.2, 0.6]), np.ones(2, dtype=bool), np.array(["a", "b"]))
    assert found.brier == pytest.approx((0.64 + 0.16) / 2) and found.uncertainty == 0.0
    nothing = calibration(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0))
    assert nothing.brier is nothing.ece is None and nothing.bins == () and nothing.n == 0


def test_it_is_json():
    told = json.loads(json.dumps(asdict(calibration(*honest(100))), allow_nan=False))
    assert {"brier", "ece", "reliability", "bins", "n"} <= set(told)
    assert set(told["bins"][0]) == {"score", "share", "ci_low", "ci_high", "n"}
