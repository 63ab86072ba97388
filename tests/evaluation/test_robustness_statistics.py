"""What counts as a change of scores, and what as too much of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tonewise.errors import InputError
from tonewise.evaluation.robustness import LIMITS, Limits, stability

LOOSE = Limits(change=1.1, correlation=-1.1, auc_drop=1.1)


@pytest.fixture
def scores():
    """200 clips of 10 speakers: clean tones that know gold fairly well."""
    rng = np.random.default_rng(0)
    positive = rng.random(200) < 0.5
    clean = 1 / (1 + np.exp(-(rng.standard_normal(200) + 1.5 * (2 * positive - 1))))
    return clean, positive, np.array([f"s{place % 10}" for place in range(200)]), rng


def test_nothing_changed(scores):
    clean, positive, groups, _ = scores
    found = stability(clean, clean, groups, limits=LIMITS["subtle"], positive=positive)
    assert found.passed and found.certain
    assert (found.change.value, found.shift.value, found.unchanged.value, found.flipped.value) == (0, 0, 1, 0)
    assert found.correlation.value == pytest.approx(1)
    assert found.drop is not None and found.drop.value == 0
    assert found.clean_auc == found.auc
    assert (found.n, found.groups) == (200, 10)


def test_figures_by_hand():
    clean, changed = np.array([0.1, 0.4, 0.6, 0.9]), np.array([0.2, 0.42, 0.3, 0.9])
    found = stability(clean, changed, np.array(["a", "a", "b", "b"]), limits=LOOSE)
    assert found.change.value == pytest.approx(0.105)
    assert found.shift.value == pytest.approx(-0.045)
    assert found.unchanged.value == 0.5
    assert found.flipped.value == 0.25
    assert found.correlation.value == pytest.approx(0.8)  # ranks 1 2 3 4 and 1 3 2 4
    assert found.drop is found.auc is found.certain is None


def test_fall_of_the_auc(scores):
    clean, positive, groups, rng = scores
    found = stability(clean, rng.permutation(clean), groups, limits=LIMITS["plain"], positive=positive)
    assert found.failed == ("change", "order", "gold")
    assert found.clean_auc is not None and found.auc is not None and found.drop is not None
    assert found.drop.value == pytest.approx(found.clean_auc.roc_auc - found.auc.roc_auc)
    assert found.drop.ci_low < found.drop.value < found.drop.ci_high
    assert found.certain


def test_a_rise_is_no_fall(scores):
    clean, positive, groups, _ = scores
    better = 0.5 * clean + 0.5 * positive
    found = stability(clean, better, groups, limits=replace(LOOSE, auc_drop=0.05), positive=positive)
    assert found.drop is not None and found.drop.value < 0
    assert found.passed


def test_few_speakers_leave_the_fall_open(scores):
    clean, positive, _, rng = scores
    changed = np.clip(clean + 0.15 * rng.standard_normal(200), 0, 1)
    groups = np.array([f"s{place % 3}" for place in range(200)])
    found = stability(clean, changed, groups, limits=replace(LOOSE, auc_drop=0.02), positive=positive)
    assert found.certain is False


def test_a_model_that_says_the_same_of_everything_fails(scores):
    _, positive, groups, _ = scores
    same = np.full(200, 0.5)
    found = stability(same, same, groups, limits=LIMITS["subtle"], positive=positive)
    assert found.correlation.value is None
    assert found.failed == ("order",)


def test_intervals_hold_their_estimates_and_widen_with_fewer_speakers(scores):
    clean, _, groups, rng = scores
    changed = np.clip(clean + 0.1 * rng.standard_normal(200), 0, 1)
    many = stability(clean, changed, groups, limits=LOOSE)
    for each in (many.change, many.shift, many.unchanged, many.flipped, many.correlation):
        assert each.ci_low <= each.value <= each.ci_high
    alone = stability(clean, changed, np.repeat("a", 200), limits=LOOSE)
    assert (alone.change.ci_low, alone.change.ci_high) == (0, 1)
    assert (alone.shift.ci_low, alone.correlation.ci_high) == (-1, 1)


def test_clips_that_were_not_heard_are_left_out(scores):
    clean, positive, groups, _ = scores
    changed = clean.copy()
    changed[:50] = np.nan
    assert stability(clean, changed, groups, limits=LOOSE, positive=positive).n == 150
    with pytest.raises(InputError, match="no clip could be heard"):
        stability(clean, np.full(200, np.nan), groups, limits=LOOSE)


def test_one_class_has_no_auc(scores):
    clean, _, groups, _ = scores
    found = stability(clean, clean, groups, limits=LOOSE, positive=np.ones(200, dtype=bool))
    assert found.auc is None and found.drop is None and found.passed


def test_same_seed_same_figures(scores):
    clean, positive, groups, rng = scores
    changed = np.clip(clean + 0.1 * rng.standard_normal(200), 0, 1)
    first, second = (stability(clean, changed, groups, limits=LOOSE, positive=positive, seed=4) for _ in range(2))
    assert first == second
