"""Means of groups of few calls: nobody is told apart by chance, and those who differ are."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise.evaluation.pooling import group_means, partially_pooled


def draw(random: np.random.Generator, centres: list[float], calls: list[int]) -> dict[str, list[float]]:
    return {f"g{i}": random.normal(c, 0.15, n).tolist() for i, (c, n) in enumerate(zip(centres, calls, strict=True))}


@pytest.mark.parametrize("calls", [[2] * 4, [1, 2, 3, 5, 8, 13, 21, 34], [6] * 20])
def test_alike_groups_are_told_apart_in_one_table_of_twenty_at_most(calls):
    random = np.random.default_rng(0)
    rounds = 300
    wrong = sum(
        any(each.apart for each in partially_pooled(draw(random, [0.5] * len(calls), calls))[0]) for _ in range(rounds)
    )
    assert wrong / rounds <= 0.05


def test_intervals_hold_all_differences_together_and_hardly_anybody_is_on_the_wrong_side():
    random = np.random.default_rng(1)
    held = wrong = 0
    for _ in range(200):
        truth = random.normal(0.5, 0.1, 8)
        found, common = partially_pooled(draw(random, truth.tolist(), [4, 4, 8, 8, 12, 12, 20, 20]))
        away = list(zip(found, truth - truth.mean(), strict=True))
        held += all(each.low - common <= true <= each.high - common for each, true in away)
        wrong += any(each.apart is not None and (each.apart == "higher") != (true > 0) for each, true in away)
    assert held / 200 >= 0.9 and wrong / 200 <= 0.02


def test_who_differs_is_told_apart_and_few_calls_are_drawn_further():
    random = np.random.default_rng(2)
    found, common = partially_pooled(draw(random, [0.5] * 6 + [0.2, 0.2], [30] * 6 + [30, 1]))
    # The six others are above the mean of all, in truth, too.
    assert [each.apart for each in found if each.apart != "higher"][-2:] == ["lower", None]
    assert not any(each.apart == "lower" for each in found[:6])
    assert 0.35 < common < 0.5
    many, few = found[6], found[7]
    assert abs(many.estimate - many.mean) < 0.02 < few.estimate - few.mean


def test_too_few_calls_have_no_interval():
    found, common = partially_pooled({"a": [0.2], "b": [0.8], "c": []})
    assert common == pytest.approx(0.5)
    assert all(each.low is None and each.apart is None for each in found)
    assert found[2].mean is None
    alone, _ = partially_pooled({"a": [0.2, 0.3, 0.4]})
    assert alone[0].low is None and alone[0].estimate == pytest.approx(0.3)
    assert partially_pooled({}) == ([], None)


def test_calls_that_are_all_alike():
    found, _ = partially_pooled({"a": [0.5, 0.5], "b": [0.5, 0.5]})
    assert [each.apart for each in found] == [None, None]


def test_plain_means_have_intervals_within_bounds():
    found = group_means({"a": [0.1, 0.3], "b": [0.9], "c": []}, bounds=(0.0, 1.0))
    assert found[0].low == 0.0 and found[0].high == 1.0 and found[1].low is not None
    assert found[2].mean is None and found[2].low is None
    assert all(each.low is None for each in group_means({"a": [0.5], "b": [0.4]}, bounds=(0.0, 1.0)))
