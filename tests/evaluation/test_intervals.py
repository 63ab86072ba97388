"""Intervals: right on average, wide where there is little, never narrower than utterances alone allow."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tonewise.evaluation import evaluate, roc_auc_interval
from tonewise.evaluation import intervals as module


def sample(random, speakers=25, each=20, between=0.5):
    """Scores with a share of variation that belongs to the speaker; true AUC 0.76 without it."""
    positive = random.random(speakers * each) < 0.5
    group = np.repeat(np.arange(speakers), each)
    slope = 1.0 + between * random.normal(size=speakers)[group]
    return slope * positive + random.normal(size=len(positive)), positive, group


def test_the_estimate_is_sklearns():
    scores, positive, group = sample(np.random.default_rng(0))
    found = roc_auc_interval(scores, positive, group)
    assert found.roc_auc == pytest.approx(roc_auc_score(positive, scores))
    assert (found.n, found.positives, found.groups) == (500, positive.sum(), 25)
    assert found.ci_low < found.roc_auc < found.ci_high


def test_pair_counts_are_the_auc_of_the_resample():
    random = np.random.default_rng(1)
    scores, positive, group = sample(random, speakers=9)
    scores = scores.round(1)  # ties
    drawn = random.multinomial(9, np.full(9, 1 / 9), size=20)
    fast = module._by_pair_counts(scores, positive, group, 9, drawn.astype(float))
    slow = module._by_weights(scores, positive, group, drawn)
    np.testing.assert_allclose(fast, slow)


def test_coverage_of_the_interval():
    """Of 200 corpora of 15 speakers, the interval holds the AUC of the population in about 95 of 100."""
    truth_scores, truth_positive, _ = sample(np.random.default_rng(9), speakers=4000)
    truth = roc_auc_score(truth_positive, truth_scores)
    random = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        found = roc_auc_interval(*sample(random, speakers=15))
        held += found.ci_low <= truth <= found.ci_high
    assert 0.91 <= held / 200 <= 0.995


def test_speakers_widen_the_interval():
    scores, positive, group = sample(np.random.default_rng(3), speakers=12, each=100, between=1.0)
    by_speaker = roc_auc_interval(scores, positive, group)
    by_utterance = roc_auc_interval(scores, positive, np.arange(len(group)))
    assert by_speaker.ci_high - by_speaker.ci_low > 1.5 * (by_utterance.ci_high - by_utterance.ci_low)


def test_one_speaker_says_nothing_of_others():
    scores, positive, _ = sample(np.random.default_rng(4))
    found = roc_auc_interval(scores, positive, np.zeros(len(scores)))
    assert (found.ci_low, found.ci_high) == (0.0, 1.0)


def test_perfect_ranking_of_few_is_not_certain():
    found = roc_auc_interval(np.arange(10.0), np.arange(10) >= 5, np.arange(10))
    assert found.roc_auc == 1.0 and found.ci_high == 1.0 and found.ci_low < 0.75


def test_newcombe_is_symmetric_and_narrows():
    low, high = module.newcombe(0.7, [(30, 50, 1.0)])
    assert module.newcombe(0.3, [(30, 50, 1.0)]) == pytest.approx((1 - high, 1 - low))
    narrow = module.newcombe(0.7, [(300, 500, 1.0)])
    assert narrow[1] - narrow[0] < (high - low) / 2.5
    assert low < 0.7 < high


def test_one_class_is_undefined_not_a_number():
    found = evaluate(np.array([0.1, 0.9]), np.array([True, True]), np.array(["a", "b"]))
    assert found.auc.roc_auc is found.auc.ci_low is found.pr_auc is found.balanced_accuracy is None
    assert found.auc.n == 2
    assert roc_auc_interval(np.zeros(0), np.zeros(0, bool), np.zeros(0)).roc_auc is None


def test_baselines_stand_beside():
    random = np.random.default_rng(5)
    positive = random.random(400) < 0.7
    scores = np.clip(0.5 + 0.3 * (positive - 0.5) + 0.2 * random.normal(size=400), 0, 1)
    words = np.where(random.random(400) < 0.5, np.nan, positive - 0.5)
    found = evaluate(scores, positive, np.arange(400) % 20, words=words)
    assert found.majority == pytest.approx(max(positive.mean(), 1 - positive.mean()))
    assert found.positive_rate == pytest.approx(positive.mean())
    assert found.words_auc.roc_auc == pytest.approx(roc_auc_score(positive, np.nan_to_num(words)))
    assert found.curve[0] == (0.0, 0.0) and found.curve[-1] == (1.0, 1.0) and len(found.curve) <= 200


def test_many_recordings_take_the_other_road(monkeypatch):
    random = np.random.default_rng(6)
    scores, positive, group = sample(random, speakers=40)
    fast = roc_auc_interval(scores, positive, group)
    monkeypatch.setattr(module, "MATRIX_GROUPS", 10)
    slow = roc_auc_interval(scores, positive, group)
    assert (slow.ci_low, slow.ci_high) == pytest.approx((fast.ci_low, fast.ci_high), abs=0.02)
