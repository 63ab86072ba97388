"""Two-way clustered estimates: the right values, and intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tonewise.evaluation.audit_intervals import Clusters, auc_interval, estimate, explained, kept_share, ranked


def crossed(speakers: int, words: int) -> tuple[np.ndarray, np.ndarray]:
    """Every speaker says every word."""
    return np.repeat(np.arange(speakers), words), np.tile(np.arange(words), speakers)


def test_auc_of_one_stratum_is_the_usual_one():
    rng = np.random.default_rng(0)
    scores, positive = np.round(rng.normal(size=80), 1), rng.random(80) < 0.4  # rounded: ties
    found = ranked(scores, positive, np.zeros(80, dtype=int))
    assert found is not None and found.value == pytest.approx(roc_auc_score(positive, scores))
    assert found.influence.sum() == pytest.approx(0, abs=1e-12) and found.positives == positive.sum()


def test_pairs_are_made_within_strata_and_untested_rows_have_no_part():
    scores = np.array([0.0, 1.0, 10.0, 11.0, np.nan, 5.0])
    positive = np.array([False, True, False, True, True, True])
    found = ranked(scores, positive, np.array([0, 0, 1, 1, 1, -1]))
    assert found is not None and found.value == 1.0  # though 10 (negative) is above 1 (positive)
    assert found.used.tolist() == [True] * 4 + [False] * 2
    assert ranked(scores, np.ones(6, dtype=bool), np.zeros(6, dtype=int)) is None


def test_the_interval_knows_that_words_repeat():
    """Scores that only know the word: with 12 words nothing is known, however many say them."""
    speakers, words = crossed(40, 12)
    rng = np.random.default_rng(1)
    scores = rng.normal(size=12)[words] + 0.01 * rng.normal(size=len(words))
    positive = words < 6
    found = ranked(scores, positive, np.zeros(len(words), dtype=int))
    by_word = auc_interval(found, Clusters.of(speakers, words), np.ones(len(words), dtype=bool))
    by_voice = auc_interval(found, Clusters.of(speakers, np.arange(len(words))), np.ones(len(words), dtype=bool))
    assert by_word.ci_high - by_word.ci_low > 5 * (by_voice.ci_high - by_voice.ci_low)


@pytest.mark.parametrize(("of_words", "of_voices"), [(1.0, 0.0), (0.5, 0.5), (0.0, 0.0)])
def test_intervals_hold_chance_about_as_often_as_they_say(of_words, of_voices):
    """Labels go by word, scores by word, voice and clip, with nothing in common."""
    speakers, words = crossed(12, 30)
    clusters, rng, held = Clusters.of(speakers, words), np.random.default_rng(2), 0
    tested = np.ones(len(words), dtype=bool)
    for _ in range(200):
        scores = of_words * rng.normal(size=30)[words] + of_voices * rng.normal(size=12)[speakers]
        scores = scores + rng.normal(size=len(words))
        found = auc_interval(ranked(scores, words < 15, np.zeros(len(words), dtype=int)), clusters, tested)
        held += found.ci_low <= 0.5 <= found.ci_high
    assert 182 <= held <= 200  # 91 % to 100 %


def test_differences_are_paired():
    speakers, words = crossed(10, 20)
    rng = np.random.default_rng(3)
    positive = rng.random(200) < 0.5
    first = positive + rng.normal(size=200)
    second = first - 0.3 * positive + 0.05 * rng.normal(size=200)
    strata, clusters = np.zeros(200, dtype=int), Clusters.of(speakers, words)
    one, other = ranked(first, positive, strata), ranked(second, positive, strata)
    fall = estimate(one.minus(other), clusters)
    assert fall.value == pytest.approx(one.value - other.value) and fall.ci_low > 0
    alone = auc_interval(one, clusters, np.ones(200, dtype=bool))
    assert fall.ci_high - fall.ci_low < (alone.ci_high - alone.ci_low) / 2


def test_the_share_that_is_kept():
    speakers, words = crossed(20, 40)
    rng = np.random.default_rng(4)
    tone = rng.random(800) < 0.5
    strata, clusters = np.zeros(800, dtype=int), Clusters.of(speakers, words)
    before = ranked(1.5 * tone + rng.normal(size=800), tone, strata)
    same = kept_share(before, ranked(1.5 * tone + rng.normal(size=800), tone, strata), clusters)
    nothing = kept_share(before, ranked(rng.normal(size=800), tone, strata), clusters)
    assert same.ci_low < 1 < same.ci_high and same.ci_low > 0.7
    assert nothing.ci_low < 0 < nothing.ci_high < 0.4
    chance = ranked(rng.normal(size=800), tone, strata)
    assert kept_share(chance, before, clusters) is None  # a share of nothing


def test_one_voice_tells_nothing():
    rng = np.random.default_rng(5)
    positive, strata = np.arange(40) % 2 == 0, np.zeros(40, dtype=int)
    clusters = Clusters.of(["alone"] * 40, np.arange(40))
    found = ranked(rng.normal(size=40), positive, strata)
    assert estimate(found, clusters).ci_low is None
    interval = auc_interval(found, clusters, np.ones(40, dtype=bool))
    assert (interval.ci_low, interval.ci_high, interval.groups) == (0.0, 1.0, 1)


def test_explained_variance():
    rng = np.random.default_rng(6)
    values = rng.normal(size=300)
    found = explained(values, values + 0.5 * rng.normal(size=300))
    assert found.value == pytest.approx(0.75, abs=0.06)
    assert explained(values, np.full(300, 9.0)).value < 0
    assert explained(np.ones(5), np.ones(5)) is None
    assert explained(np.full(3, np.nan), np.zeros(3)) is None
