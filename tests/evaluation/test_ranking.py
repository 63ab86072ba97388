"""Small samples: tests that count every deal, intervals that hold what they promise, nothing concluded from nothing."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import binom, mannwhitneyu, norm

from tonewise.evaluation import permutation, ranking, small_samples
from tonewise.evaluation.intervals import newcombe
from tonewise.evaluation.ranking import Ranking, holm, rank


def of(positive, negative, *, groups=None, **options) -> Ranking:
    """Rank some positive against some negative scores; everybody speaks once unless `groups` says otherwise."""
    scores = np.array([*positive, *negative], dtype=float)
    truth = np.arange(len(scores)) < len(positive)
    return rank(scores, truth, np.arange(len(scores)) if groups is None else np.array(groups), **options)


def pairs_won(positive, negative) -> float:
    against = np.asarray(positive)[:, None] - np.asarray(negative)[None, :]
    return float(((against > 0) + (against == 0) / 2).mean())


# -- by hand -------------------------------------------------------------------------------------------------------------


def test_one_against_one_says_nothing():
    found = of([0.9], [0.1])
    assert found.interval.roc_auc == 1.0
    assert (found.interval.ci_low, found.interval.ci_high) == pytest.approx((0.025, 1.0))  # Clopper–Pearson of 1 of 1
    assert found.assumption_free == pytest.approx((0.025, 1.0))
    assert (found.p_greater, found.p_two_sided, found.p_smallest, found.exact) == (0.5, 1.0, 0.5, True)
    wrong = of([0.1], [0.9])
    assert (wrong.interval.roc_auc, wrong.p_greater, wrong.p_two_sided) == (0.0, 1.0, 1.0)
    assert (wrong.interval.ci_low, wrong.interval.ci_high) == pytest.approx((0.0, 0.975))


def test_the_articles_eight_recordings():
    """One voice, four languages, one positive and one negative each, all in order: 1 in 16 at best."""
    scores, positive = np.array([0.6, 0.4, 0.9, 0.8, 0.3, 0.2, 0.7, 0.1]), np.tile([True, False], 4)
    languages = np.repeat(["en", "fr", "ru", "hy"], 2)
    found = rank(scores, positive, np.array(["author"] * 8), languages)
    assert (found.interval.roc_auc, found.strata, found.interval.n) == (1.0, 4, 8)
    assert found.p_greater == found.p_smallest == pytest.approx(1 / 16)
    assert found.p_two_sided == pytest.approx(1 / 8)
    assert found.interval.ci_low == pytest.approx(0.025 ** (1 / 4))  # Clopper–Pearson of 4 of 4
    assert found.assumption_free == pytest.approx((0.025 ** (1 / 4), 1.0))
    assert (found.voices.ci_low, found.voices.ci_high, found.voices.groups) == (0.0, 1.0, 1)


def test_three_of_four_languages_is_a_binomial():
    scores, positive = np.array([1, 0, 1, 0, 1, 0, 0, 1.0]), np.tile([True, False], 4)
    found = rank(scores, positive, np.arange(8), np.repeat(np.arange(4), 2))
    assert found.p_greater == pytest.approx(binom.sf(2, 4, 0.5))
    assert found.p_two_sided == pytest.approx(2 * binom.sf(2, 4, 0.5))
    assert (found.interval.ci_low, found.interval.ci_high) == pytest.approx((0.1941, 0.9937), abs=1e-4)  # 3 of 4


def test_pairs_are_made_within_languages():
    """A language that scores high as a whole is no tone."""
    scores = np.array([0.9, 0.95, 0.1, 0.2])
    positive = np.array([True, False, True, False])
    found = rank(scores, positive, np.arange(4), np.array(["en", "en", "fr", "fr"]))
    assert found.interval.roc_auc == 0.0


def test_languages_weigh_by_van_elteren():
    strata = np.array(["a"] * 4 + ["b"] * 2)
    scores, positive = np.array([1, 2, 3, 4, 1, 0.0]), np.array([False, False, True, True, False, True])
    found = rank(scores, positive, np.arange(6), strata)
    assert found.interval.roc_auc == pytest.approx((4 / 5) / (4 / 5 + 1 / 3))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, None, 0.5]) == pytest.approx([0.04, 0.09, 0.09, None, 0.5])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([None]) == [None] and holm([]) == []


def test_one_class_is_undefined_not_a_number():
    found = rank(np.array([0.2, 0.4]), np.array([True, True]), np.array(["a", "a"]), np.array(["en", "en"]))
    assert found.interval.roc_auc is found.interval.ci_low is found.p_greater is found.assumption_free is None
    assert (found.interval.n, found.interval.positives, found.voices.groups, found.strata) == (2, 2, 1, 0)
    assert rank(np.zeros(0), np.zeros(0, bool), np.zeros(0)).interval.roc_auc is None


def test_a_language_of_one_class_is_left_out_of_the_whole():
    scores, positive = np.array([0.9, 0.1, 0.99, 0.98]), np.array([True, False, False, False])
    found = rank(scores, positive, np.arange(4), np.array(["en", "en", "fr", "fr"]))
    assert (found.interval.roc_auc, found.interval.n, found.strata) == (1.0, 2, 1)


# -- the test ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("m", "n"), [(1, 3), (3, 5), (7, 7), (12, 9), (2, 30)])
def test_it_is_mann_and_whitneys(m, n):
    random = np.random.default_rng(m * n)
    positive, negative = random.normal(0.5, 1, m), random.normal(0, 1, n)
    found = of(positive, negative)
    assert found.exact
    assert found.p_greater == pytest.approx(
        mannwhitneyu(positive, negative, alternative="greater", method="exact").pvalue
    )
    assert found.p_two_sided == pytest.approx(mannwhitneyu(positive, negative, method="exact").pvalue)


def counted(scores, positive, groups, strata):
    """p-values by dealing labels in every way that `permutation` promises, written as simply as can be."""
    scores, positive, groups, strata = map(np.asarray, (scores, positive, groups, strata))
    names = np.unique(strata)
    counts = {s: (positive[strata == s].sum(), (strata == s).sum()) for s in names}
    weights = np.array([m * (n - m) / (n + 1) for m, n in counts.values()])

    def statistic(truth):
        aucs = [
            pairs_won(scores[(strata == s) & truth], scores[(strata == s) & ~truth]) for s in names
        ]  # fmt: skip
        return float(np.array(aucs) @ weights / weights.sum())

    choices, constant = [], {}
    for group in np.unique(groups):
        for stratum in names:
            rows = np.flatnonzero((groups == group) & (strata == stratum))
            if not len(rows):
                continue
            if len(set(positive[rows])) == 2:
                choices.append([dict.fromkeys(rows, False) | dict.fromkeys(chosen, True)
                                for chosen in combinations(rows, positive[rows].sum())])  # fmt: skip
            else:
                constant.setdefault(group, []).append(rows)
    patterns = {}
    for cells in constant.values():
        patterns.setdefault(tuple(strata[rows[0]] for rows in cells), []).append(cells)
    for units in patterns.values():
        from itertools import permutations

        labels = [[positive[rows[0]] for rows in cells] for cells in units]
        choices.append(
            [
                {row: label for cells, dealt in zip(units, order, strict=True)
                 for rows, label in zip(cells, dealt, strict=True) for row in rows}
                for order in permutations(labels)
            ]
        )  # fmt: skip
    seen, observed = [], statistic(positive)
    for deal in product(*choices):
        truth = positive.copy()
        for part in deal:
            truth[list(part)] = list(part.values())
        seen.append(statistic(truth))
    seen = np.array(seen)
    return observed, float((seen >= observed - 1e-9).mean()), float((seen <= observed + 1e-9).mean())


CASES = {
    "ties": ([3, 3, 2, 1, 1, 1, 2], [1, 1, 0, 1, 0, 0, 0], list("abcdefg"), [0] * 7),
    "one voice": ([5, 1, 4, 2, 3, 2], [1, 0, 1, 0, 0, 1], list("aaaaaa"), [0] * 6),
    "voices in both tones": ([9, 8, 7, 3, 2, 1, 2], [1, 0, 0, 1, 0, 0, 1], list("aaabbbb"), [0] * 7),
    "voices in one tone": ([9, 8, 7, 3, 2, 1, 5, 6], [1, 1, 1, 0, 0, 0, 1, 0], list("aaabbbcd"), [0] * 8),
    "voices in one tone, alike": ([9, 8, 3, 2, 4, 5, 1, 6], [1, 1, 0, 0, 1, 1, 0, 0], list("aabbccdd"), [0] * 8),
    "voices of both kinds": ([9, 8, 3, 2, 4, 5, 5], [1, 0, 0, 1, 1, 0, 0], list("aabcdee"), [0] * 7),
    "uneven languages": ([5, 1, 4, 2, 3, 2, 7], [1, 0, 1, 0, 0, 1, 0], list("abcdefg"), [0, 0, 1, 1, 1, 1, 1]),
    "one tone in two languages": (
        [5, 1, 4, 2, 3, 2, 6, 0],
        [1, 0, 1, 0, 1, 0, 1, 0],
        list("abcdabcd"),
        [0] * 4 + [1] * 4,
    ),
    "tones that change with the language": (
        [5, 1, 4, 3, 2, 6],
        [1, 0, 1, 0, 1, 0],
        list("abcabc"),
        [0, 0, 0, 1, 1, 1],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_counts_every_deal(name):
    scores, positive, groups, strata = CASES[name]
    positive = np.array(positive, dtype=bool)
    auc, greater, less = counted(scores, positive, groups, strata)
    found = rank(np.array(scores), positive, np.array(groups), np.array(strata))
    assert found.exact
    assert found.interval.roc_auc == pytest.approx(auc)
    assert found.p_greater == pytest.approx(greater)
    assert found.p_two_sided == pytest.approx(min(1.0, 2 * min(greater, less)))


def test_two_voices_one_in_each_tone_are_two_and_not_twenty():
    found = of(np.arange(10) + 20, np.arange(10), groups=["a"] * 10 + ["b"] * 10)
    assert (found.interval.roc_auc, found.p_greater, found.p_smallest) == (1.0, 0.5, 0.5)


def test_what_cannot_be_counted_is_drawn(monkeypatch):
    random = np.random.default_rng(3)
    scores, positive = random.normal(size=40), np.arange(40) % 2 == 0
    scores[positive] += 0.5
    groups, strata = np.arange(40) // 4, np.arange(40) // 20
    exact = rank(scores, positive, groups, strata)
    monkeypatch.setattr(permutation, "OPERATIONS", 0)
    monkeypatch.setattr(permutation, "ENUMERATED", 0)
    monkeypatch.setattr(permutation, "CHUNK", 1000)
    drawn = rank(scores, positive, groups, strata, seed=1)
    assert exact.exact and not drawn.exact and exact.p_greater is not None
    assert drawn.p_greater == pytest.approx(exact.p_greater, abs=0.01)
    assert drawn == rank(scores, positive, groups, strata, seed=1)
    scores, positive, groups, strata = CASES["one tone in two languages"]
    positive = np.array(positive, dtype=bool)
    drawn = rank(np.array(scores), positive, np.array(groups), np.array(strata))
    assert drawn.p_greater == pytest.approx(counted(scores, positive, groups, strata)[1], abs=0.02)


def test_drawn_p_values_are_never_zero(monkeypatch):
    monkeypatch.setattr(permutation, "OPERATIONS", 0)
    monkeypatch.setattr(permutation, "ENUMERATED", 0)
    found = of(np.arange(100) + 200, np.arange(100))
    assert found.p_greater == found.p_smallest == pytest.approx(1 / 10_001)


def test_chance_is_called_a_finding_in_one_case_of_twenty():
    """Voices that differ a lot and say unequal shares of either tone: an ordinary Mann–Whitney test would be fooled."""
    random = np.random.default_rng(4)
    ours, naive, runs = 0, 0, 300
    groups, strata, shares = np.repeat(np.arange(4), 6), np.repeat(np.arange(2), 12), np.array([0.5, 0.5])
    for _ in range(runs):
        positive = random.random(24) < np.repeat([0.8, 0.2, 0.8, 0.2], 6)
        positive[::6], positive[1::6] = True, False
        scores = random.normal(size=24) + 3 * random.normal(size=4)[groups]
        null = permutation.chance(scores, positive, groups, strata, shares)
        auc = np.mean([pairs_won(scores[(strata == s) & positive], scores[(strata == s) & ~positive]) for s in (0, 1)])
        ours += 2 * min(null.at_least(auc), null.at_most(auc)) <= 0.05
        naive += mannwhitneyu(scores[positive], scores[~positive]).pvalue <= 0.05
    assert ours / runs <= 0.07 and naive / runs > 0.1


# -- the intervals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("m", "n"), [(2, 2), (4, 4), (5, 3), (6, 9)])
def test_the_interval_agrees_with_the_test(m, n):
    """0.5 is outside exactly where the two-sided test has p < 0.05, whatever the order."""
    null = small_samples.order_probabilities(m, n, 0.5)
    for wins in range(m * n + 1):
        low, high = small_samples.auc_interval([wins], [(m, n, 1.0)])
        p = 2 * min(null[wins:].sum(), null[: wins + 1].sum())
        assert (not low <= 0.5 <= high) == (p < 0.05)
        assert low <= wins / (m * n) <= high


@pytest.mark.parametrize("theta", [0.2, 0.5, 0.9])
def test_orders_have_lehmanns_probabilities(theta):
    random = np.random.default_rng(5)
    positive = random.random((20_000, 3)) ** ((1 - theta) / theta)  # the largest of h uniform numbers, h = θ / (1 - θ)
    negative = random.random((20_000, 4))
    wins = (positive[:, :, None] > negative[:, None, :]).sum(axis=(1, 2))
    found = small_samples.order_probabilities(3, 4, theta)
    np.testing.assert_allclose(found, np.bincount(wins, minlength=13) / 20_000, atol=0.012)
    assert found.sum() == pytest.approx(1) and found @ np.arange(13) / 12 == pytest.approx(theta)


def coverage(draw, theta: float, m: int, n: int, interval, runs: int = 1200) -> float:
    """How often an interval of `m` against `n` scores holds the AUC `theta` that they were drawn with."""
    found = {}
    held = 0
    for _ in range(runs):
        positive, negative = draw(m, n)
        wins = round(pairs_won(positive, negative) * m * n * 2) / 2
        if wins not in found:
            found[wins] = interval(wins)
        low, high = found[wins]
        held += low - 1e-9 <= theta <= high + 1e-9
    return held / runs


def normal(theta: float, spread: float):
    random = np.random.default_rng(6)
    shift = norm.ppf(theta) * np.hypot(1, spread)
    return lambda m, n: (random.normal(shift, 1, m), random.normal(0, spread, n))


def constant(theta: float):
    """One class always scores the same: the worst that can happen to an AUC of given counts."""
    random = np.random.default_rng(7)
    return lambda m, n: ((random.random(m) < theta) * 2.0, np.ones(n))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 4), (2, 2), (4, 4), (6, 10)])
@pytest.mark.parametrize("theta", [0.5, 0.75, 0.9])
def test_coverage_of_the_exact_interval(m, n, theta):
    def interval(wins):
        return small_samples.auc_interval([wins], [(m, n, 1.0)])

    assert coverage(normal(theta, 1.0), theta, m, n, interval) >= 0.94  # at least 0.95, less the simulation's error
    assert coverage(normal(theta, 3.0), theta, m, n, interval) >= 0.88


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 5), (5, 2), (8, 8)])
@pytest.mark.parametrize("theta", [0.5, 0.75, 0.95])
def test_coverage_without_assumptions(m, n, theta):
    def interval(wins):
        return small_samples.assumption_free(wins / (m * n), [(m, n, 1.0)])

    for draw in (constant(theta), normal(theta, 3.0)):
        assert coverage(draw, theta, m, n, interval) >= 0.945


def test_a_model_is_what_the_exact_interval_costs():
    """Where one class does not vary, the model fails and the interval without one does not."""

    def exact(wins):
        return small_samples.auc_interval([wins], [(8, 20, 1.0)])

    def free(wins):
        return small_samples.assumption_free(wins / 160, [(8, 20, 1.0)])

    assert coverage(constant(0.5), 0.5, 8, 20, exact) < 0.8
    assert coverage(constant(0.5), 0.5, 8, 20, free) >= 0.95


def test_coverage_over_languages_that_differ():
    """Four languages with AUCs of 0.55 to 0.95: both intervals hold their mean."""
    random = np.random.default_rng(8)
    thetas = np.array([0.55, 0.65, 0.85, 0.95])
    languages = [(2, 2, 0.25)] * 4
    found, held = {}, np.zeros(2)
    for _ in range(1500):
        scores = random.normal(size=(4, 4))
        scores[:, :2] += (norm.ppf(thetas) * np.sqrt(2))[:, None]
        wins = tuple(sorted(4 * pairs_won(row[:2], row[2:]) for row in scores))
        if wins not in found:
            exact = small_samples.auc_interval(wins, languages)
            found[wins] = exact, small_samples.assumption_free(sum(wins) / 16, languages)
        held += [low <= thetas.mean() <= high for low, high in found[wins]]
    assert (held / 1500 >= 0.945).all()


def test_coverage_over_other_voices(monkeypatch):
    """Twelve voices whose tones differ in how far they are apart: the AUC of all such voices is held."""
    random = np.random.default_rng(9)
    truth = norm.cdf(1 / np.sqrt(1 + 1 + 0.5**2))
    monkeypatch.setattr(ranking, "auc_interval", lambda *given: (1.0, 0.0))  # widens nothing, and costs nothing
    monkeypatch.setattr(ranking, "chance", lambda *given, seed: permutation.Chance(np.ones(1), np.ones(1), True))
    groups, strata = np.repeat(np.arange(12), 10), np.tile(np.repeat([0, 1], 5), 12)
    held = 0
    for _ in range(200):
        positive = random.random(120) < 0.5
        scores = random.normal(size=120) + positive * (1 + 0.5 * random.normal(size=12)[groups])
        found = rank(scores, positive, groups, strata).voices
        assert found.groups == 12
        held += found.ci_low <= truth <= found.ci_high
    assert held / 200 >= 0.92


def test_large_samples_take_the_normal_road():
    assert small_samples.auc_interval([900.0], [(30, 31, 1.0)]) == pytest.approx(
        newcombe(900 / 930, [(30, 31, 1.0)]), abs=1e-6
    )
    exact = small_samples.auc_interval([630.0], [(30, 30, 1.0)])
    assert exact == pytest.approx(newcombe(0.7, [(30, 30, 1.0)]), abs=0.015)
    assert small_samples.auc_interval([930.0], [(30, 31, 1.0)])[1] == 1.0
    assert small_samples.auc_interval([0.0], [(30, 31, 1.0)])[0] == 0.0
    halves = small_samples.auc_interval([600.0, 600.0], [(30, 31, 0.5), (30, 31, 0.5)])
    whole = small_samples.auc_interval([600.0], [(30, 31, 1.0)])
    assert halves[0] > whole[0] and halves[1] < whole[1]


def test_ties_widen_the_interval():
    tied = of([0.5], [0.5])
    assert (tied.interval.roc_auc, tied.interval.ci_low, tied.interval.ci_high) == (0.5, 0.0, 1.0)
    assert tied.p_greater == tied.p_two_sided == tied.p_smallest == 1.0
    low, high = small_samples.auc_interval([4.5], [(3, 3, 1.0)])
    assert low == small_samples.auc_interval([4], [(3, 3, 1.0)])[0]
    assert high == small_samples.auc_interval([5], [(3, 3, 1.0)])[1]


def test_turning_everything_round_turns_the_interval():
    random = np.random.default_rng(10)
    scores, positive = random.normal(size=30), random.random(30) < 0.4
    strata = np.arange(30) % 3
    one, other = (rank(sign * scores, positive, np.arange(30), strata) for sign in (1, -1))
    assert one.interval.ci_low == pytest.approx(1 - other.interval.ci_high)
    assert one.assumption_free[0] == pytest.approx(1 - other.assumption_free[1])
    assert one.p_two_sided == pytest.approx(other.p_two_sided)
    stretched = rank(np.exp(scores), positive, np.arange(30), strata)
    assert stretched.interval == one.interval and stretched.p_greater == one.p_greater


def test_other_voices_are_never_surer():
    random = np.random.default_rng(11)
    for groups in (np.arange(16), np.arange(16) % 8, np.zeros(16)):
        for strata in (None, np.arange(16) // 8):
            found = rank(random.normal(size=16), np.arange(16) % 4 < 2, groups, strata)
            assert found.voices.ci_low <= found.interval.ci_low <= found.interval.roc_auc
            assert found.interval.roc_auc <= found.interval.ci_high <= found.voices.ci_high
    assert (found.voices.ci_low, found.voices.ci_high) == (0.0, 1.0)  # a single voice
