"""95 % intervals for an AUC of a few independent utterances: one that fits the exact test, one that assumes nothing.

A test of "no better than guessing" needs no model; an interval does, since it asks how often an AUC θ other than 0.5 would
give what was seen. The model of `auc_interval` is Lehmann's (1953, "The power of rank tests"): one class's distribution is
a power of the other's, F^h, so that θ = h / (h + 1) and the order of the scores has known probabilities. Why this one:

- Newcombe's interval (`tonewise.evaluation.intervals`), which serves larger samples, takes its variance from it (Hanley and
  McNeil 1982), so that this is the exact form of that interval for small ones;
- at θ = 0.5 it is the exact test's own distribution: of independent utterances without ties, 0.5 lies outside the interval
  just where the two-sided test has p < 0.05 (Fay and Malinovsky 2018, "Confidence intervals of the Mann–Whitney parameter
  that are compatible with the Wilcoxon–Mann–Whitney test");
- of one pair it is Clopper and Pearson's interval of one trial: 1 of 1 gives 0.025 to 1.

Either class may be the power; where that differs, the interval is wide enough for both. Strata have one θ in common. It is
a model: simulated with normal scores of equal spread it holds the truth 95 to 100 times in 100, with spreads of 1 to 3
87 to 100 times, and where one class does not vary at all as little as 71 times (the extremes at 8 against 20 utterances;
`tests/evaluation/test_ranking.py`).

`assumption_free` holds it at least 95 times in 100 whatever the scores are like, and is wider for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, partial, reduce
from typing import TYPE_CHECKING

from tonewise.evaluation.intervals import Stratum, newcombe

if TYPE_CHECKING:
    import numpy as np

MISS = 0.025  # on either side
PAIRS = 900  # of a stratum; with more, 30 against 30, the normal approximation is as good
ATOMS = 200_000  # different values that a sum over strata may take

_HAIR = 1e-9


def auc_interval(wins: Sequence[float], strata: Sequence[Stratum]) -> tuple[float, float]:
    """95 % interval of a (weighted mean of) AUC.

    Args:
        wins: pairs of each stratum that the positive one wins, a tie counting one half (Mann–Whitney's U). A half is
            counted against either limit, so that ties widen the interval.
        strata: one or more; their weights are together 1.
    """
    import numpy as np

    kinds = Counter(strata)
    if max(m * n for m, n, _ in strata) > PAIRS or np.prod([k * m * n + 1 for (m, n, _), k in kinds.items()]) > ATOMS:
        auc = sum(share * u / (m * n) for u, (m, n, share) in zip(wins, strata, strict=True))
        return newcombe(auc, strata)
    fewest = sum(share * np.floor(u + _HAIR) / (m * n) for u, (m, n, share) in zip(wins, strata, strict=True))
    most = sum(share * np.ceil(u - _HAIR) / (m * n) for u, (m, n, share) in zip(wins, strata, strict=True))
    turned = Counter({(n, m, share): count for (m, n, share), count in kinds.items()})
    models = [_sums(kinds)] if turned == kinds else [_sums(kinds), _sums(turned)]
    low = min(_limit(partial(model, fewest)) for model in models) if fewest > _HAIR else 0.0
    # From the other side the losses are the wins, and θ is 1 - θ.
    high = min(_limit(partial(model, 1 - most)) for model in models) if most < 1 - _HAIR else 0.0
    return low, 1 - high


def assumption_free(auc: float, strata: Sequence[Stratum]) -> tuple[float, float]:
    """95 % interval of a (weighted mean of) AUC of independent utterances, whatever their distributions and voices.

    Of m against n utterances, min(m, n) pairs can be made that share none; the AUC is a mean over all ways to make them, so
    that Chernoff's bound for so many independent trials holds for it (Hoeffding 1963, "Probability inequalities for sums of
    bounded random variables", section 5). Where one class does not vary and the order is perfect, no narrower interval
    would do.
    """
    from math import log

    from scipy.optimize import brentq
    from scipy.special import rel_entr

    # A stratum may not count for more than its pairs: of weights that are uneven, the heaviest pair sets the number.
    pairs = 1 / max(share / min(m, n) for m, n, share in strata)

    def limit(found: float) -> float:
        def excess(theta: float) -> float:
            return float(pairs * (rel_entr(found, theta) + rel_entr(1 - found, 1 - theta)) + log(MISS))

        return 0.0 if found <= _HAIR else float(brentq(excess, 1e-300, found))

    return limit(auc), 1 - limit(1 - auc)


def order_probabilities(positives: int, negatives: int, theta: float) -> np.ndarray:
    """`(positives · negatives + 1,)`: how likely each number of won pairs is where the positives' scores are a power.

    The largest of i positives and j negatives is a positive one with probability iθ / (iθ + j(1 - θ)), and wins j pairs.
    """
    import numpy as np

    length = positives * negatives + 1
    none = np.zeros(length)
    none[0] = 1.0
    row = [none] * (negatives + 1)  # of i positives and 0, 1, 2 … negatives; first i = 0
    for i in range(1, positives + 1):
        last, row = row, [none]
        for j in range(1, negatives + 1):
            top = i * theta / (i * theta + j * (1 - theta))
            found = (1 - top) * row[j - 1]
            found[j:] += top * last[j][: length - j]
            row.append(found)
    return row[negatives]


def _sums(kinds: Counter[Stratum]) -> Callable[[float, float], float]:
    """A function of a mean AUC and θ: how likely that AUC or a larger one is."""
    import numpy as np

    steps = [share / (m * n) * np.arange(count * m * n + 1) for (m, n, share), count in kinds.items()]
    values = reduce(lambda sums, more: np.add.outer(sums, more).ravel(), steps)

    def likely(auc: float, theta: float) -> float:
        each = [_alike(order_probabilities(m, n, theta), count) for (m, n, _), count in kinds.items()]
        chances = reduce(lambda one, more: np.multiply.outer(one, more).ravel(), each)
        return float(chances[values >= auc - _HAIR].sum())

    return likely


def _alike(chances: np.ndarray, count: int) -> np.ndarray:
    """The distribution of the sum of `count` independent numbers of won pairs."""
    import numpy as np

    return reduce(np.convolve, [chances] * count)


def _limit(likely: Callable[[float], float]) -> float:
    """The θ from which on what was seen has a probability above `MISS`."""
    from scipy.optimize import brentq

    kept = cache(likely)
    return float(brentq(lambda theta: kept(theta) - MISS, 0.0, 1.0))
