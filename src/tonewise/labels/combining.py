"""Several labellers as one: a weighted mean, whose weights a label model finds without any gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from tonewise.errors import OptionError
from tonewise.labels.base import DEFAULT_THRESHOLD, Abstention, Labeller, Sentence, Vote, vote, votes_on_readable
from tonewise.labels.context import DECAYS, MINIMUM_PAIRS, autocovariances, is_related
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Who is combined where nobody is named.
DEFAULT_MEMBERS = ("lexicon", "semantic")

#: Correlation of a labeller's score with the mood behind it, where a corpus cannot tell it: as `fit` finds it in the 9,978
#: lines of dialogue of MELD, in their order and without their labels. Others count like the better of the two.
PRIOR_RELIABILITY = {"lexicon": 0.35, "semantic": 0.55}
OTHER_RELIABILITY = 0.55

#: No labeller is taken to be worthless, nor to be the truth.
LOWEST, HIGHEST = 0.05, 0.95

Evidence = Literal["neighbours", "covariances", "prior"]


@dataclass(frozen=True, slots=True)
class Combination:
    """What the label model found.

    The model: each member's score is a mood plus an error of its own, and the errors of different members are independent
    given the mood (as in A. Dawid and A. Skene 1979, with scores instead of classes: one-factor analysis). A member
    with reliability r (its correlation with the mood) then counts r / (1 − r²) on its standardised score, and its
    sign is right with probability 1/2 + arcsin(r) / π (W. Sheppard 1899).

    Attributes:
        weights: of each member's score in the mean, by name; they sum to 1.
        reliabilities: of each member, 0..1.
        evidence: what told the reliabilities: `neighbours` (moods last from one sentence to the next, errors do not, see
            `context.Persistence`), `covariances` (of three members or more), or `prior` (`PRIOR_RELIABILITY`).
    """

    weights: dict[str, float]
    reliabilities: dict[str, float]
    evidence: Evidence

    @property
    def accuracies(self) -> dict[str, float]:
        """How often each member's sign is right, as far as the model can tell, 0.5..1."""
        import math

        return {name: 0.5 + math.asin(value) / math.pi for name, value in self.reliabilities.items()}


def fit(scores: pd.DataFrame, found: list[np.ndarray]) -> Combination:
    """Estimate what each member is worth, and its weight.

    Args:
        scores: a column of scores (−1..1, NaN = none) a member; only rows that may be learned from.
        found: positions of the rows in the order in which they were said, see `context.sequences`.
    """
    import numpy as np

    names = list(scores.columns)
    spread = {name: float(np.nanstd(scores[name])) if scores[name].notna().any() else 0.0 for name in names}
    reliabilities, evidence = _reliabilities(scores, found, names)
    raw = {
        name: value / (1 - value**2) / spread[name] if spread[name] > 0 else 0.0
        for name, value in reliabilities.items()
    }
    total = sum(raw.values())
    weights = {name: value / total if total else 1 / len(names) for name, value in raw.items()}
    return Combination(weights, reliabilities, evidence)


def _reliabilities(
    scores: pd.DataFrame, found: list[np.ndarray], names: Sequence[str]
) -> tuple[dict[str, float], Evidence]:
    by_neighbours = _from_neighbours(scores, found)
    if by_neighbours is not None:
        return by_neighbours, "neighbours"
    by_covariances = _from_covariances(scores) if len(names) > 2 else None
    if by_covariances is not None:
        return by_covariances, "covariances"
    return {name: PRIOR_RELIABILITY.get(name.partition(":")[0], OTHER_RELIABILITY) for name in names}, "prior"


def _from_neighbours(scores: pd.DataFrame, found: list[np.ndarray]) -> dict[str, float] | None:
    """r² = autocovariance of the standardised score at lag 1, divided by the decay that all members share.

    None where neighbours tell nothing, or where they are not as the model says: r² above 1.
    """
    import numpy as np

    firsts, seconds = {}, 0.0
    for name in scores.columns:
        moments, pairs = autocovariances(scores[name].to_numpy(dtype=float), found)
        if not is_related(moments, pairs):
            return None
        variance, first, second = moments
        firsts[name] = first / variance
        seconds += second / variance
    decay = float(np.clip(seconds / sum(firsts.values()), *DECAYS))
    if max(firsts.values()) > decay:
        return None  # recordings of two sentences, or a relation that ends with the next sentence: no lasting mood
    return {name: float(np.clip(np.sqrt(first / decay), LOWEST, HIGHEST)) for name, first in firsts.items()}


def _from_covariances(scores: pd.DataFrame) -> dict[str, float] | None:
    """r² of a member = median over pairs of others of cov(a, b) cov(a, c) / cov(b, c), on standardised scores."""
    from itertools import combinations

    import numpy as np

    related = scores.corr(min_periods=MINIMUM_PAIRS)
    names = list(scores.columns)
    values = {}
    for name in names:
        others = [other for other in names if other != name]
        triplets = [
            related.loc[name, a] * related.loc[name, b] / related.loc[a, b]
            for a, b in combinations(others, 2)
            if related.loc[a, b] > 0
        ]
        known = [value for value in triplets if np.isfinite(value) and value > 0]
        if not known:
            return None
        values[name] = float(np.clip(np.sqrt(np.median(known)), LOWEST, HIGHEST))
    return values


def combine(scores: pd.DataFrame, weights: Mapping[str, float]) -> np.ndarray:
    """Weighted mean of members' scores, `(n,)`; NaN where none has a score. Members without one are left out."""
    import numpy as np

    values = scores.to_numpy(dtype=float)
    weight = np.array([weights[name] for name in scores.columns])
    known = np.isfinite(values)
    total = (known * weight).sum(axis=1)
    mean = (np.where(known, values, 0.0) * weight).sum(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, mean, np.nan)


def member_specs(spec: str) -> tuple[str, ...]:
    """Names of the members: `combined` or `combined:lexicon+semantic+hub:owner/name`.

    Raises:
        OptionError: fewer than two, one twice, or another combination.
    """
    combination, colon, listed = spec.partition(":")
    members = tuple(name.strip() for name in listed.split("+")) if colon else DEFAULT_MEMBERS
    nested = any(member.partition(":")[0] == combination for member in members)
    if len(members) < 2 or len(set(members)) < len(members) or "" in members or nested:
        raise OptionError(f"'{spec}' does not name two labellers or more; expected such as combined:lexicon+semantic")
    return members


@dataclass(frozen=True)
class CombinedLabeller:
    """Members with fixed weights, as one labeller: what a model that was trained with `combined` reads words with."""

    members: tuple[Labeller, ...]
    weights: Mapping[str, float]
    threshold: float = DEFAULT_THRESHOLD
    name: str = "combined"
    source: ClassVar[str] = "weighted mean of several labellers"
    languages: ClassVar[frozenset[str] | None] = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The members' names."""
        return tuple(member.name for member in self.members)

    @property
    def licence(self) -> str:
        """Of each member."""
        return "; ".join(f"{member.name}: {member.licence}" for member in self.members)

    @property
    def reads_context(self) -> bool:
        """Whether any member does."""
        return any(member.reads_context for member in self.members)

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order; each member is shown the languages that it reads."""
        answers = {member.name: votes_on_readable(member, sentences, progress) for member in self.members}
        return [self._vote(dict(zip(answers, votes, strict=True))) for votes in zip(*answers.values(), strict=True)]

    def identity(self) -> dict[str, object]:
        """The members' identities and their weights."""
        return {
            "name": self.name,
            "threshold": self.threshold,
            "weights": dict(self.weights),
            "members": [member.identity() for member in self.members],
        }

    def _vote(self, votes: Mapping[str, Vote]) -> Vote:
        scored = {name: vote.score for name, vote in votes.items() if vote.score is not None}
        total = sum(self.weights[name] for name in scored)
        parts = {name: vote.score for name, vote in votes.items()}
        if not total:
            return Vote(None, 0.0, next(iter(votes.values())).abstention or Abstention.NO_ANSWER, parts)
        return vote(sum(self.weights[name] * score for name, score in scored.items()) / total, self.threshold, parts)
