"""What chance alone does to an AUC: its distribution where labels and scores have nothing to do with each other.

Labels are dealt out anew in every way that could have come about, and the AUC of each deal is kept. What may be dealt
depends on who speaks. A speaker who was heard in both classes is compared with themselves: labels change places among that
speaker's utterances of one stratum. A speaker who was heard in one class only counts as one: all their labels go over to
another such speaker, in all strata together. Where everybody speaks once, this is the Mann–Whitney test, and its sum over
strata is van Elteren's (1960, "On the combination of independent two-sample tests of Wilcoxon").

All deals are counted where that is feasible: by generating functions over mid-ranks, which knows ties, or one by one. Else
`DEALS` of them are drawn, and the p-value counts the observed one among them (Phipson and Smyth 2010, "Permutation p-values
should never be zero"). Of thousands of utterances, sums of ranks are drawn from the normal distribution of their exact mean
and variance (E. Lehmann, "Nonparametrics", 1975): it is what so many labels add up to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import comb, factorial, prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DEALS = 10_000  # drawn where they cannot all be counted: p of 0.05 is then known to ± 0.004
ENUMERATED = 50_000  # deals that are gone through one by one
OPERATIONS = 3e8  # of counting by generating functions: about a second
UNSCALED = 1_000  # units: all ways to choose among so many are a number below 1e300, among more they may overflow
LARGE = 1e200
ATOMS = 2_000_000  # different values that a sum over strata may take
CHUNK = 4_000_000  # labels that are dealt at once
MANY = 2_000  # labels from which on sums of ranks are normal …
MINORITY = 50  # … if so many of them are of each class's smaller side

_HAIR = 1e-9  # sums of equal parts differ in their last digits


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """AUCs that chance brings about.

    Attributes:
        values: `(k,)`, in any order.
        probabilities: `(k,)`, of each; together 1.
        exact: whether all deals were counted; else each value is of one that was drawn.
    """

    values: np.ndarray
    probabilities: np.ndarray
    exact: bool

    def at_least(self, auc: float) -> float:
        """How often chance reaches `auc` or more."""
        return self._p(self.values >= auc - _HAIR)

    def at_most(self, auc: float) -> float:
        """How often chance reaches `auc` or less."""
        return self._p(self.values <= auc + _HAIR)

    @property
    def smallest(self) -> float:
        """How often chance reaches the best order that these speakers, ties and counts allow: no p-value is smaller."""
        return self.at_least(float(self.values.max())) if self.exact else 1 / (len(self.values) + 1)

    def _p(self, chosen: np.ndarray) -> float:
        if self.exact:
            return min(1.0, float(self.probabilities[chosen].sum()))
        return float((1 + chosen.sum()) / (1 + len(self.values)))


@dataclass(frozen=True, slots=True, eq=False)
class _Exchange:
    """Units whose labels may change places: `(units, strata)` labels (0 or 1), sums of mid-ranks and utterances."""

    strata: np.ndarray
    labels: np.ndarray
    ranks: np.ndarray
    sizes: np.ndarray

    @property
    def deals(self) -> int:
        """In how many ways the labels can be dealt; where several strata hang together, equal deals count repeatedly."""
        units = len(self.labels)
        return comb(units, int(self.labels.sum())) if len(self.strata) == 1 else factorial(units)

    @property
    def countable(self) -> bool:
        """Whether a deal is a choice of so many of equal units."""
        return len(self.strata) == 1 and bool((self.sizes == self.sizes[0]).all())


def chance(
    scores: np.ndarray,
    positive: np.ndarray,
    groups: np.ndarray,
    strata: np.ndarray,
    shares: np.ndarray,
    *,
    seed: int = 0,
) -> Chance:
    """The distribution of the weighted mean of the strata's AUCs where labels mean nothing.

    Args:
        scores: `(n,)`.
        positive: `(n,)` bool; every stratum has both.
        groups: `(n,)` speakers (or recordings).
        strata: `(n,)` int, 0 to `len(shares) - 1`: pairs are made within them.
        shares: weights of the strata's AUCs; together 1.
        seed: of the deals that are drawn, where they are.
    """
    import numpy as np

    exchanges = list(_exchanges(_mid_ranks(scores, strata), np.asarray(positive, dtype=int), groups, strata))
    counts = np.bincount(strata, minlength=len(shares))
    for way in (_counted, _enumerated):
        found = way(exchanges, counts, shares)
        if found is not None:
            return found
    return _drawn(exchanges, counts, shares, seed)


def _mid_ranks(scores: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Ranks within each stratum from 1, equal scores sharing their mean."""
    import numpy as np
    from scipy.stats import rankdata

    ranks = np.empty(len(scores))
    for stratum in np.unique(strata):
        ranks[strata == stratum] = rankdata(scores[strata == stratum])
    return ranks


def _exchanges(ranks: np.ndarray, labels: np.ndarray, groups: np.ndarray, strata: np.ndarray) -> Iterator[_Exchange]:
    import numpy as np

    _, group_of = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    order = np.lexsort((strata, group_of))
    cell = group_of[order] * (strata.max() + 1) + strata[order]
    constant: dict[int, list[np.ndarray]] = {}  # by group: the rows of each stratum in which it has one class only
    for rows in np.split(order, np.flatnonzero(np.diff(cell)) + 1):
        if labels[rows].min() == labels[rows].max():
            constant.setdefault(int(group_of[rows[0]]), []).append(rows)
        else:
            column = np.ones((len(rows), 1), dtype=int)
            yield _Exchange(strata[rows[:1]], labels[rows, None], ranks[rows, None], column)
    alike: dict[tuple[int, ...], list[list[np.ndarray]]] = {}
    for cells in constant.values():
        alike.setdefault(tuple(int(strata[rows[0]]) for rows in cells), []).append(cells)
    for here, units in alike.items():
        yield _Exchange(
            np.array(here),
            np.array([[labels[rows[0]] for rows in cells] for cells in units]),
            np.array([[ranks[rows].sum() for rows in cells] for cells in units]),
            np.array([[len(rows) for rows in cells] for cells in units]),
        )


# -- all deals, by generating functions ----------------------------------------------------------------------------------


def _counted(exchanges: Sequence[_Exchange], counts: np.ndarray, shares: np.ndarray) -> Chance | None:
    """The distribution where every deal is a choice of equal units and the sums are few; else None."""
    import numpy as np

    if not all(each.countable for each in exchanges) or _work(exchanges, counts) > OPERATIONS:
        return None
    values, probabilities = np.zeros(1), np.ones(1)
    for stratum, share in enumerate(shares):
        here = [each for each in exchanges if each.strata[0] == stratum]
        aucs, of_each = _stratum(here, int(counts[stratum]))
        kept = of_each > 0
        if len(values) * kept.sum() > ATOMS:
            return None
        values, probabilities = _sum(values, probabilities, share * aucs[kept], of_each[kept])
    return Chance(values, probabilities, True)


def _sum(
    values: np.ndarray, chances: np.ndarray, others: np.ndarray, theirs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The distribution of the sum of two independent ones, equal sums joined."""
    import numpy as np

    sums = np.add.outer(values, others).ravel()
    _, first, which = np.unique(sums.round(10), return_index=True, return_inverse=True)
    return sums[first], np.bincount(which, weights=np.multiply.outer(chances, theirs).ravel())


def _work(exchanges: Sequence[_Exchange], counts: np.ndarray) -> float:
    total, lengths = 0.0, dict.fromkeys(range(len(counts)), 1.0)
    for each in exchanges:
        units, stratum = len(each.labels), int(each.strata[0])
        fewer = min(int(each.labels.sum()), units - int(each.labels.sum()))
        span = 2 * fewer * float(each.ranks.max() - each.ranks.min()) + 1
        total += units * (fewer + 1) * span + lengths[stratum] * span
        lengths[stratum] += span
    return total


def _stratum(exchanges: Sequence[_Exchange], count: int) -> tuple[np.ndarray, np.ndarray]:
    """AUCs of one stratum and their probabilities."""
    import numpy as np

    sums = [_subset_sums(np.rint(2 * each.ranks[:, 0]).astype(int), int(each.labels.sum())) for each in exchanges]
    lowest = sum(low for low, _ in sums)
    probabilities = reduce(np.convolve, [each for _, each in sums])
    positives = sum(int((each.labels * each.sizes).sum()) for each in exchanges)
    return _auc((lowest + np.arange(len(probabilities))) / 2, positives, count), probabilities


def _subset_sums(weights: np.ndarray, chosen: int) -> tuple[int, np.ndarray]:
    """The lowest sum of `chosen` of the weights, and the probability of it and of each whole number above."""
    import numpy as np

    if 2 * chosen > len(weights):  # what is left out is less work
        low, found = _subset_sums(weights, len(weights) - chosen)
        return int(weights.sum()) - low - (len(found) - 1), found[::-1]
    base = int(weights.min())
    ways = np.zeros((chosen + 1, chosen * int(weights.max() - base) + 1))
    ways[0, 0] = 1
    for weight in weights - base:
        ways[1:, weight:] += ways[:-1, : ways.shape[1] - weight]
        if len(weights) > UNSCALED and (most := ways.max()) > LARGE:
            ways /= most  # only their ratio matters
    return chosen * base, ways[chosen] / ways[chosen].sum()


def _auc(rank_sum: np.ndarray, positives: np.ndarray | int, counts: np.ndarray | int) -> np.ndarray:
    """Mann–Whitney's U as a share of the pairs."""
    return (rank_sum - positives * (positives + 1) / 2) / (positives * (counts - positives))


# -- all deals one by one, or some of them -------------------------------------------------------------------------------


def _enumerated(exchanges: Sequence[_Exchange], counts: np.ndarray, shares: np.ndarray) -> Chance | None:
    """The distribution where there are few deals; else None."""
    import numpy as np

    if any(len(each.labels) > UNSCALED for each in exchanges) or prod(each.deals for each in exchanges) > ENUMERATED:
        return None
    sums = np.zeros((1, 2, len(shares)))  # of ranks and of positives, by stratum
    for each in exchanges:
        added = _placed(each, np.array(list(_deals(each))), len(shares))
        sums = (sums[:, None] + added[None]).reshape(-1, 2, len(shares))
    aucs = _auc(sums[:, 0], sums[:, 1], counts) @ shares
    return Chance(aucs, np.full(len(aucs), 1 / len(aucs)), True)


def _deals(each: _Exchange) -> Iterator[np.ndarray]:
    from itertools import combinations, permutations

    import numpy as np

    units = len(each.labels)
    if len(each.strata) > 1:
        yield from (each.labels[list(order)] for order in permutations(range(units)))
        return
    for chosen in combinations(range(units), int(each.labels.sum())):
        dealt = np.zeros((units, 1), dtype=int)
        dealt[list(chosen)] = 1
        yield dealt


def _placed(each: _Exchange, dealt: np.ndarray, strata: int) -> np.ndarray:
    """Sums of ranks and of positives, `(deals, 2, strata)`, of labels `(deals, units, strata of the exchange)`."""
    import numpy as np

    placed = np.zeros((len(dealt), 2, strata))
    for column, stratum in enumerate(each.strata):
        here = dealt[:, :, column].astype(float)
        placed[:, 0, stratum] = here @ each.ranks[:, column]
        placed[:, 1, stratum] = here @ each.sizes[:, column]
    return placed


def _drawn(exchanges: Sequence[_Exchange], counts: np.ndarray, shares: np.ndarray, seed: int) -> Chance:
    """`DEALS` deals at random."""
    import numpy as np

    random = np.random.default_rng(seed)
    sums = np.zeros((DEALS, 2, len(shares)))
    are_many = _are_many(exchanges)
    for each in exchanges:
        if are_many and each.countable:
            sums[:, :, each.strata[0]] += _normal_sums(each, random)
            continue
        step = max(1, CHUNK // len(each.labels))
        for start in range(0, DEALS, step):
            dealt = _shuffled(each, min(step, DEALS - start), random)
            sums[start : start + step] += _placed(each, dealt, len(shares))
    return Chance(_auc(sums[:, 0], sums[:, 1], counts) @ shares, np.full(DEALS, 1 / DEALS), False)


def _are_many(exchanges: Sequence[_Exchange]) -> bool:
    """Whether the sums of ranks of what can be counted are as good as normal, all of it taken together."""
    here = [each.labels for each in exchanges if each.countable]
    fewer = sum(min(int(labels.sum()), len(labels) - int(labels.sum())) for labels in here)
    return sum(map(len, here)) >= MANY and fewer >= MINORITY


def _normal_sums(each: _Exchange, random: np.random.Generator) -> np.ndarray:
    """Sums of ranks and of positives, `(DEALS, 2)`: of so many of equal units, drawn without putting any back."""
    import numpy as np

    units, chosen = len(each.labels), int(each.labels.sum())
    ranks = each.ranks[:, 0]
    variance = chosen * (units - chosen) / units * float(ranks.var(ddof=1)) if units > 1 else 0.0
    sums = random.normal(chosen * float(ranks.mean()), variance**0.5, DEALS)
    return np.stack([sums, np.full(DEALS, float(chosen * each.sizes[0, 0]))], axis=1)


def _shuffled(each: _Exchange, deals: int, random: np.random.Generator) -> np.ndarray:
    """Labels `(deals, units, strata of the exchange)`, a unit's labels kept together."""
    import numpy as np

    if len(each.strata) == 1:  # bytes are shuffled in half the time
        return random.permuted(np.tile(each.labels[:, 0].astype(np.uint8), (deals, 1)), axis=1)[..., None]
    dealt: np.ndarray = each.labels[random.permuted(np.tile(np.arange(len(each.labels)), (deals, 1)), axis=1)]
    return dealt
