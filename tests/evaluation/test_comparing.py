"""Paired comparisons and the test against chance: right on average, and never surer than the speakers allow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from tonewise.evaluation import against_chance, compare_scores
from tonewise.evaluation import permutation as module


def two_models(random, speakers, each, *, better=0.0, shared=1.0, own=0.0):
    """Scores of two models of one slope (the first `better`), errors partly shared, `own` luck with each speaker."""
    n = speakers * each
    positive = random.random(n) < 0.5
    group = np.repeat(np.arange(speakers), each)
    common = shared * random.normal(size=n)
    luck = own * random.normal(size=(2, speakers))[:, group]
    slopes = np.array([[1 + better], [1]]) + luck
    first, second = slopes * positive + common + random.normal(size=(2, n))
    return first, second, positive, group


def test_the_difference_is_that_of_the_aucs():
    first, second, positive, group = two_models(np.random.default_rng(0), 10, 30, better=1.0)
    found = compare_scores(first, second, positive, group)
    assert found.difference == pytest.approx(roc_auc_score(positive, first) - roc_auc_score(positive, second))
    assert (found.n, found.groups, found.method) == (300, 10, "cluster bootstrap")
    turned = compare_scores(second, first, positive, group)
    assert turned.difference == pytest.approx(-found.difference) and turned.p_value == pytest.approx(found.p_value)
    assert (turned.ci_low, turned.ci_high) == pytest.approx((-found.ci_high, -found.ci_low))


def test_delong_is_the_textbook_formula():
    """Covariances of placements, summed as in DeLong et al. (1988), equation 6, written out here pair by pair."""
    random = np.random.default_rng(1)
    first, second, positive, _ = two_models(random, 1, 60)
    wins = [
        (s[positive][:, None] > s[~positive]) + 0.5 * (s[positive][:, None] == s[~positive]) for s in (first, second)
    ]
    ups, downs = np.array([w.mean(axis=1) for w in wins]), np.array([w.mean(axis=0) for w in wins])
    covariance = np.cov(ups) / ups.shape[1] + np.cov(downs) / downs.shape[1]
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    found = compare_scores(first, second, positive, np.arange(60))
    assert found.method == "DeLong"
    assert (found.ci_high - found.ci_low) / 2 == pytest.approx(2.00 * error, rel=0.002)  # t of 59


@pytest.mark.parametrize(("speakers", "each", "own"), [(300, 1, 0.0), (12, 25, 0.8), (20, 12, 0.8)])
def test_false_alarms_are_about_one_in_twenty(speakers, each, own):
    """Equally good models that differ by luck with each speaker: of 200 comparisons p < 0.05 in about 10."""
    random = np.random.default_rng(speakers)
    found = [compare_scores(*two_models(random, speakers, each, own=own)) for _ in range(200)]
    alarms = sum(each.p_value < 0.05 for each in found)
    assert 2 <= alarms <= 19
    assert all((each.p_value < 0.05) == (each.ci_low > 0 or each.ci_high < 0) for each in found)


def test_coverage_of_a_true_difference():
    random = np.random.default_rng(3)
    first, second, positive, _ = two_models(random, 20_000, 1, better=0.7)
    truth = roc_auc_score(positive, first) - roc_auc_score(positive, second)
    held = 0
    for _ in range(200):
        found = compare_scores(*two_models(random, 15, 20, better=0.7))
        held += found.ci_low <= truth <= found.ci_high
    assert 0.91 <= held / 200 <= 0.995


def test_pairs_tell_what_two_intervals_cannot():
    first, second, positive, group = two_models(np.random.default_rng(4), 40, 20, better=0.5, shared=3.0)
    found = compare_scores(first, second, positive, group)
    assert found.p_value < 0.05 and found.ci_low > 0
    alone = compare_scores(first, np.random.default_rng(5).permutation(second), positive, group)
    assert found.ci_high - found.ci_low < alone.ci_high - alone.ci_low


def test_speakers_count_not_utterances():
    first, second, positive, group = two_models(np.random.default_rng(6), 8, 200, own=1.0)
    by_speaker = compare_scores(first, second, positive, group)
    by_utterance = compare_scores(first, second, positive, np.arange(len(group)))
    assert by_speaker.ci_high - by_speaker.ci_low > 2 * (by_utterance.ci_high - by_utterance.ci_low)


def test_what_is_undefined():
    ones = np.ones(4, dtype=bool)
    found = compare_scores(np.arange(4.0), np.arange(4.0), ones, np.arange(4))
    assert found.difference is found.ci_low is found.p_value is None and found.n == 4
    positive = np.array([False, False, True, True])
    one_voice = compare_scores(np.arange(4.0), -np.arange(4.0), positive, np.zeros(4))
    assert (one_voice.difference, one_voice.ci_low, one_voice.ci_high, one_voice.p_value) == (1.0, -1.0, 1.0, None)
    same = compare_scores(np.arange(4.0), np.arange(4.0), positive, np.arange(4))
    assert (same.difference, same.ci_low, same.ci_high, same.p_value) == (0.0, 0.0, 0.0, 1.0)
    opposite = compare_scores(np.arange(4.0), -np.arange(4.0), positive, np.arange(4))
    assert opposite.difference == 1.0 and opposite.ci_low is opposite.p_value is None
    assert compare_scores(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0)).difference is None


def test_against_chance_is_mann_whitneys_where_everybody_speaks_once():
    random = np.random.default_rng(7)
    positive = np.arange(14) < 6
    scores = random.normal(size=14) + positive
    expected = mannwhitneyu(scores[positive], scores[~positive], method="exact").pvalue
    assert against_chance(scores, positive, np.arange(14)) == pytest.approx(expected)
    assert against_chance(-scores, positive, np.arange(14)) == pytest.approx(expected)  # two-sided


def test_against_chance_counts_voices():
    """Six voices of one class each: however many utterances, there are 20 ways to deal the classes out."""
    group = np.repeat(np.arange(6), 50)
    positive = group < 3
    scores = np.random.default_rng(8).normal(size=300) + 9.0 * positive
    assert against_chance(scores, positive, group) == pytest.approx(2 / 20)
    assert against_chance(scores, positive, np.arange(300)) < 0.001


def test_of_thousands_the_normal_deals_are_those_that_are_shuffled(monkeypatch):
    """Voices of both classes, and some of one class only, of unequal length, which stay shuffled."""
    random = np.random.default_rng(10)
    group = np.sort(random.integers(0, 60, 2400))
    positive = np.where(group < 12, group % 2 == 0, random.random(2400) < 0.3)
    scores = random.normal(size=2400) + 0.08 * positive + 0.3 * random.normal(size=60)[group]
    fast = against_chance(scores, positive, group)
    monkeypatch.setattr(module, "MANY", 10**9)
    slow = against_chance(scores, positive, group)
    assert fast == pytest.approx(slow, abs=0.02) and 0.001 < slow < 0.5


@pytest.mark.parametrize("groups", [np.zeros(3000), np.arange(3000)])
def test_a_model_that_says_the_same_of_thousands_is_no_better_than_chance(groups):
    positive = np.arange(3000) % 2 == 0
    assert against_chance(np.full(3000, 0.5), positive, groups) == 1.0


def test_against_chance_without_two_classes():
    assert against_chance(np.arange(3.0), np.zeros(3, dtype=bool), np.arange(3)) is None


def test_against_chance_is_seldom_small_by_chance():
    random = np.random.default_rng(9)
    found = [against_chance(*_noise(random)) for _ in range(60)]
    assert sum(p < 0.05 for p in found) <= 8 and min(found) > 0


def _noise(random):
    first, _, positive, group = two_models(random, 5, 6)
    return random.permutation(first), positive, group
