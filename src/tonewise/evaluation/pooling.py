"""Means of groups of few calls: intervals for each, and partial pooling so that nobody is told apart by chance.

`partially_pooled` is the hierarchical normal model (Gelman et al., "Bayesian Data Analysis", 3rd ed., section 5.4): groups
have true means that scatter around a common one by an unknown deviation τ, calls scatter around their group's mean by one
deviation that all groups share. τ has a flat prior up to half of the scale and is averaged over, the common mean is
integrated out. A group of few calls is drawn towards the others far, one of many hardly at all.

Intervals are for a group's difference from the mean of these very groups, each counted once, and for all groups
*together*: with Šidák's correction for their number, and Student's quantiles for the spread. Shrinking makes them cautious:
where groups do not differ at all anybody is told apart in fewer than one table of twenty
(`tests/evaluation/test_pooling.py` simulates it). A bootstrap over calls would not do: of one call it has no width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.records.calls import GroupFigure

if TYPE_CHECKING:
    import numpy as np

CONFIDENCE = 0.95
STEPS = 501  # of τ
_LEAST = 1e-10  # variance: calls that are all alike would else divide by zero


@dataclass(frozen=True, slots=True)
class _Spread:
    """Groups that have calls: means `(k,)`, calls `(k,)`, the variance within groups and its degrees of freedom."""

    means: np.ndarray
    calls: np.ndarray
    within: float
    freedom: int


def group_means(groups: Mapping[str, Sequence[float]], *, bounds: tuple[float, float]) -> list[GroupFigure]:
    """Plain means with 95 % intervals, each for itself, in the order of `groups`.

    The spread within groups is taken to be the same in all, so that a group of one call has an interval, too, where another
    has more. Without any group of two calls there are none.

    Args:
        groups: values by name; a group without values has no mean.
        bounds: the least and the largest value that a mean can have; intervals end there.
    """
    import numpy as np
    from scipy.stats import t

    spread = _spread(groups)
    reach = None if spread is None else float(t.ppf((1 + CONFIDENCE) / 2, spread.freedom) * np.sqrt(spread.within))
    found = []
    for name, values in groups.items():
        mean = float(np.mean(values)) if len(values) else None
        if mean is None or reach is None:
            found.append(GroupFigure(name, len(values), mean, mean))
            continue
        half = reach / np.sqrt(len(values))
        low, high = max(bounds[0], mean - half), min(bounds[1], mean + half)
        found.append(GroupFigure(name, len(values), mean, mean, float(low), float(high)))
    return found


def partially_pooled(
    groups: Mapping[str, Sequence[float]], *, widest: float = 0.5
) -> tuple[list[GroupFigure], float | None]:
    """Means drawn towards the mean of all groups, with simultaneous 95 % intervals, and that common mean.

    Args:
        groups: values by name. Without two groups, or a group with two values, nothing has an interval or is told apart.
        widest: the largest deviation between groups that can be: half of the scale.

    Returns:
        A figure a group, in the order of `groups`, and the common mean (None without any value).
    """
    import numpy as np

    filled = [name for name, values in groups.items() if len(values)]
    spread = _spread(groups)
    if spread is None or len(filled) < 2:
        values = [value for group in groups.values() for value in group]
        return _unpooled(groups), float(np.mean(values)) if values else None
    common, differences, deviations = _posterior(spread, widest)
    reach = _simultaneous(spread) * deviations
    pooled = {
        name: _figure(name, int(calls), float(mean), common, float(difference), float(half))
        for name, calls, mean, difference, half in zip(
            filled, spread.calls, spread.means, differences, reach, strict=True
        )
    }
    return [pooled.get(name) or GroupFigure(name, 0, None, None) for name in groups], common


def _spread(groups: Mapping[str, Sequence[float]]) -> _Spread | None:
    import numpy as np

    arrays = [np.asarray(values, dtype=float) for values in groups.values() if len(values)]
    freedom = sum(map(len, arrays)) - len(arrays)
    if freedom < 1:
        return None
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in arrays)
    means, calls = np.array([each.mean() for each in arrays]), np.array([len(each) for each in arrays])
    return _Spread(means, calls, max(squares / freedom, _LEAST), freedom)


def _posterior(spread: _Spread, widest: float) -> tuple[float, np.ndarray, np.ndarray]:
    """The common mean, and mean and deviation of each group's difference from it, `(k,)`, averaged over τ."""
    import numpy as np

    noise = spread.within / spread.calls
    between = np.linspace(0.0, widest, STEPS)[:, None] ** 2
    precision = 1 / (noise + between)
    variance = 1 / precision.sum(axis=1, keepdims=True)
    centre = (precision * spread.means).sum(axis=1, keepdims=True) * variance
    away = spread.means - centre
    likely = 0.5 * (np.log(variance[:, 0]) + (np.log(precision) - precision * away**2).sum(axis=1))
    weight = np.exp(likely - likely.max())[:, None]
    weight /= weight.sum()
    kept, drawn = between * precision, noise * precision
    expected = kept * spread.means + drawn * centre
    # Against the mean of these very groups, not of all that there could be: it is known much better.
    middle = expected.mean(axis=1, keepdims=True)
    own = kept * noise
    spread_of = own * (1 - 2 / len(noise)) + own.mean(axis=1, keepdims=True) / len(noise)
    spread_of += (drawn - drawn.mean(axis=1, keepdims=True)) ** 2 * variance
    difference = (weight * (expected - middle)).sum(axis=0)
    total = (weight * (spread_of + (expected - middle) ** 2)).sum(axis=0) - difference**2
    return float((weight * middle).sum()), difference, np.sqrt(np.maximum(total, 0.0))


def _simultaneous(spread: _Spread) -> float:
    from scipy.stats import t

    each = CONFIDENCE ** (1 / len(spread.means))
    return float(t.ppf((1 + each) / 2, spread.freedom))


def _figure(name: str, calls: int, mean: float, common: float, difference: float, half: float) -> GroupFigure:
    apart = "lower" if difference + half < 0 else "higher" if difference - half > 0 else None
    estimate = common + difference
    return GroupFigure(name, calls, mean, estimate, estimate - half, estimate + half, apart)  # type: ignore[arg-type]


def _unpooled(groups: Mapping[str, Sequence[float]]) -> list[GroupFigure]:
    import numpy as np

    means = {name: float(np.mean(values)) if len(values) else None for name, values in groups.items()}
    return [GroupFigure(name, len(groups[name]), mean, mean) for name, mean in means.items()]
