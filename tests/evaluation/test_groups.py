"""Results by group: a group that lags is named, chance and small groups are not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tonewise.evaluation import by_group


def languages(random, slopes, speakers=12, each=30):
    """Scores of one slope a language; speakers are nested in languages."""
    count = len(slopes)
    n = count * speakers * each
    value = np.repeat([f"l{k}" for k in range(count)], speakers * each)
    group = np.repeat(np.arange(count * speakers), each)
    positive = random.random(n) < 0.5
    slope = np.repeat(slopes, speakers * each) + 0.3 * random.normal(size=count * speakers)[group]
    return slope * positive + random.normal(size=n), positive, group, value


def test_the_one_that_lags_is_named():
    scores, positive, group, value = languages(np.random.default_rng(0), [1.5, 1.5, 0.2, 1.5])
    found = {each.value: each for each in by_group(scores, positive, group, value)}
    assert [name for name, each in found.items() if each.lags] == ["l2"]
    assert found["l2"].auc.roc_auc == pytest.approx(roc_auc_score(positive[value == "l2"], scores[value == "l2"]))
    assert found["l2"].rest == pytest.approx(roc_auc_score(positive[value != "l2"], scores[value != "l2"]))
    assert found["l2"].auc.ci_high < found["l2"].upper < found["l2"].rest
    assert (found["l2"].auc.n, found["l2"].auc.groups) == (360, 12)


def test_of_groups_alike_hardly_any_is_accused():
    """Of 40 evaluations with six groups alike, about one in twenty may accuse any: of them all, hardly five."""
    random = np.random.default_rng(1)
    accused = sum(
        any(each.lags for each in by_group(*languages(random, [1.0] * 6, speakers=5, each=12))) for _ in range(40)
    )
    assert accused <= 5


def test_the_more_are_looked_at_the_wider():
    random = np.random.default_rng(2)
    scores, positive, group, value = languages(random, [1.0] * 6, speakers=4)
    two = np.isin(value, ["l0", "l1"])
    few, many = by_group(scores[two], positive[two], group[two], value[two]), by_group(scores, positive, group, value)
    assert few[0].auc == many[0].auc and few[0].upper < many[0].upper


def test_too_few_to_tell_is_no_warning():
    random = np.random.default_rng(3)
    scores, positive, group, value = languages(random, [2.0, -2.0, 2.0])
    kept = (value != "l1") | np.isin(group, [12, 13])  # two speakers of the worst language
    found = {each.value: each for each in by_group(scores[kept], positive[kept], group[kept], value[kept])}
    assert found["l1"].lags is found["l1"].upper is None and found["l0"].lags is False
    kept = (value != "l1") | (np.cumsum(value == "l1") <= 12)
    found = {each.value: each for each in by_group(scores[kept], positive[kept], np.arange(kept.sum()), value[kept])}
    assert found["l1"].lags is None and found["l1"].auc.n == 12


def test_undefined_is_missing():
    scores, positive, group, value = languages(np.random.default_rng(4), [1.0, 1.0])
    found = {each.value: each for each in by_group(scores, positive | (value == "l0"), group, value)}
    assert found["l0"].auc.roc_auc is found["l0"].lags is None and found["l1"].rest is found["l1"].lags is None


def test_rows_without_a_value_are_left_out_and_numbers_are_values():
    scores, positive, group, _ = languages(np.random.default_rng(5), [1.0])
    values = np.array([None, 1.0, 2.0], dtype=object)[np.arange(360) % 3]
    values[3] = float("nan")
    found = by_group(scores, positive, group, values, grouped_by="recording")
    assert [(each.value, each.auc.n, each.auc.grouped_by) for each in found] == [
        ("1.0", 120, "recording"), ("2.0", 120, "recording"),
    ]  # fmt: skip
    assert by_group(scores, positive, group, np.full(360, None)) == ()
