"""What weak labels are worth: coverage, balance, who agrees with whom, what is doubtful, and gold where there is some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tonewise.labels.base import NEGATIVE, POSITIVE
from tonewise.records import Evaluation, LabellerSummary, LabelSummary

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

EXAMPLES = 3  # of each kind that is drawn
DOUBTFUL = 5  # of the labels that are least sure
BINS = 20  # of the histogram, -1 to 1
UNKNOWN = "unknown"  # a language that could not be told


def describe(
    texts: pd.Series,
    labels: pd.DataFrame,
    *,
    labeller: str,
    members: Mapping[str, pd.DataFrame] | None = None,
    estimated: Mapping[str, float] | None = None,
    weights: Mapping[str, float] | None = None,
    evidence: str = "",
    gold: Mapping[str, Evaluation] | None = None,
    gold_column: str | None = None,
    from_text: bool = True,
    seed: int = 0,
) -> LabelSummary:
    """Summarise a label table.

    Args:
        texts: the texts that were labelled.
        labels: the columns that `label_texts` made, with the same index; languages are counted where there is a column
            `text_language`.
        labeller: its name, for the summary.
        members: the label tables of the single labellers of a combination, by name and with the same index. Without
            any, the parts of the one labeller (columns `<part>_score`) are compared instead.
        estimated: accuracy of each member's labels as estimated without gold, 0..1.
        weights: of each member in the combination.
        evidence: what they were estimated from, see `combining.Combination`.
        gold: evaluations of scores against gold labels, by the name of the labeller, of a member or of a part.
        gold_column: where the gold labels are from.
        from_text: whether the labels were made from the words, and not taken from a column.
        seed: of the draw of examples.
    """
    import numpy as np

    inside = _members(members) if members else _parts(labels)
    votes = labels["label"].map({POSITIVE: 1, NEGATIVE: -1}).fillna(0).to_numpy(dtype=np.int8)
    judged = dict(gold or {})
    heights, edges = np.histogram(labels["score"].dropna().to_numpy(), bins=BINS, range=(-1, 1))
    return LabelSummary(
        labeller=labeller,
        utterances=len(labels),
        counts=_counts(votes),
        abstentions={str(reason): int(n) for reason, n in labels["abstention"].value_counts().items()},
        coverage=_share(votes != 0),
        agreement=_agreements(inside),
        examples=_examples(texts, labels, inside, np.random.default_rng(seed)),
        histogram=(tuple(float(edge) for edge in edges), tuple(int(height) for height in heights)),
        labellers=_labellers(inside, estimated or {}, weights or {}, judged),
        gold=judged.get(labeller),
        gold_column=gold_column,
        languages=_languages(labels),
        from_text=from_text,
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Inside:
    """What a score was made from: names, scores `(n, names)` with NaN for none, votes `(n, names)` of −1, 0 and 1."""

    names: tuple[str, ...]
    scores: np.ndarray
    votes: np.ndarray
    are_parts: bool

    def conflict(self) -> np.ndarray:
        """`(n,)`: whether one says positive and another negative."""
        opposed: np.ndarray = self.votes.max(axis=1, initial=0) - self.votes.min(axis=1, initial=0) == 2
        return opposed

    def disagreement(self) -> np.ndarray:
        """`(n,)`: the highest score less the lowest, 0 where fewer than two have one."""
        import numpy as np

        high = np.where(np.isnan(self.scores), -np.inf, self.scores).max(axis=1, initial=-np.inf)
        low = np.where(np.isnan(self.scores), np.inf, self.scores).min(axis=1, initial=np.inf)
        return np.where(high > low, high - low, 0.0)


def _members(tables: Mapping[str, pd.DataFrame]) -> _Inside:
    import numpy as np

    scores = np.column_stack([table["score"].to_numpy(dtype=np.float64) for table in tables.values()])
    positive, negative = (
        np.column_stack([(table["label"] == kind).to_numpy() for table in tables.values()])
        for kind in (POSITIVE, NEGATIVE)
    )
    return _Inside(tuple(tables), scores, positive.astype(np.int8) - negative, are_parts=False)


def _parts(labels: pd.DataFrame) -> _Inside:
    """The parts of one labeller. They have no threshold of their own: each votes wherever its score is not 0."""
    import numpy as np

    columns = [column for column in labels.columns if column.endswith("_score")]
    scores = labels[columns].to_numpy(dtype=np.float64)
    votes = np.sign(np.nan_to_num(scores)).astype(np.int8)
    return _Inside(tuple(column.removesuffix("_score") for column in columns), scores, votes, are_parts=True)


def _counts(votes: np.ndarray) -> dict[str, int]:
    positive, negative = int((votes > 0).sum()), int((votes < 0).sum())
    return {POSITIVE: positive, NEGATIVE: negative, "abstained": len(votes) - positive - negative}


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if len(mask) else 0.0


def _labellers(
    inside: _Inside, estimated: Mapping[str, float], weights: Mapping[str, float], gold: Mapping[str, Evaluation]
) -> tuple[LabellerSummary, ...]:
    """Coverage, overlap and conflict as snorkel's `LFAnalysis` defines them."""
    import numpy as np

    found = []
    for position, name in enumerate(inside.names):
        own, others = inside.votes[:, position], np.delete(inside.votes, position, axis=1)
        beside = (own != 0)[:, None] & (others != 0)
        found.append(
            LabellerSummary(
                name=name,
                counts=_counts(own),
                coverage=_share(own != 0),
                overlap=_share(beside.any(axis=1)),
                conflict=_share((beside & (others != own[:, None])).any(axis=1)),
                accuracy=estimated.get(name),
                weight=weights.get(name),
                gold=gold.get(name),
                is_part=inside.are_parts,
            )
        )
    return tuple(found)


def _agreements(inside: _Inside) -> dict[str, dict[str, Any]]:
    pairs = combinations(range(len(inside.names)), 2)
    return {
        f"{inside.names[a]}~{inside.names[b]}": _agreement(inside.votes[:, a], inside.votes[:, b]) for a, b in pairs
    }


def _agreement(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """How often two labellers say the same, of the rows where both say something."""
    both = (a != 0) & (b != 0)
    n, agree = int(both.sum()), int((a * b > 0).sum())
    return {"both": n, "agree": agree, "rate": agree / n if n else None, "kappa": _kappa(a[both] > 0, b[both] > 0)}


def _kappa(a: np.ndarray, b: np.ndarray) -> float | None:
    """Cohen's kappa: agreement beyond what chance brings; None where both always give one and the same answer.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960.
    """
    if not len(a):
        return None
    chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
    return None if chance == 1 else float(((a == b).mean() - chance) / (1 - chance))


def _examples(
    texts: pd.Series, labels: pd.DataFrame, inside: _Inside, random: np.random.Generator
) -> dict[str, list[dict[str, Any]]]:
    kinds = {
        POSITIVE: (labels["label"] == POSITIVE).to_numpy(),
        NEGATIVE: (labels["label"] == NEGATIVE).to_numpy(),
        "conflict": inside.conflict(),
        "abstained": (labels["label"].isna() & labels["score"].notna()).to_numpy(),
    }
    rows = {kind: _draw(mask, random) for kind, mask in kinds.items()}
    rows["doubtful"] = _doubtful(texts, labels, inside)
    return {kind: [_example(row, texts, labels, inside) for row in chosen] for kind, chosen in rows.items()}


def _draw(mask: np.ndarray, random: np.random.Generator) -> Sequence[int]:
    import numpy as np

    rows = np.flatnonzero(mask)
    return sorted(random.choice(rows, size=min(EXAMPLES, len(rows)), replace=False)) if len(rows) else []


def _doubtful(texts: pd.Series, labels: pd.DataFrame, inside: _Inside) -> Sequence[int]:
    """Rows of the least sure labels, those first about which what is inside disagrees most; equal texts count once."""
    import numpy as np

    confidence, disagreement = labels["confidence"].to_numpy(), inside.disagreement()
    # A label of full confidence, such as a column's, is nobody's doubt.
    rows = np.flatnonzero(labels["label"].notna().to_numpy() & (confidence < 1))
    ranked = rows[np.lexsort((rows, -disagreement[rows], confidence[rows]))]
    new = ~texts.iloc[ranked].duplicated().to_numpy()
    doubtful: Sequence[int] = ranked[new][:DOUBTFUL].tolist()
    return doubtful


def _example(row: int, texts: pd.Series, labels: pd.DataFrame, inside: _Inside) -> dict[str, Any]:
    text = texts.iloc[row]
    return {
        "text": text if isinstance(text, str) else "",
        "score": _number(labels["score"].iloc[row]),
        "confidence": _number(labels["confidence"].iloc[row]),
    } | {name: _number(inside.scores[row, position]) for position, name in enumerate(inside.names)}


def _number(value: float) -> float | None:
    return float(value) if value == value else None


def _languages(labels: pd.DataFrame) -> dict[str, int]:
    if "text_language" not in labels.columns:
        return {}
    tags = labels["text_language"]
    known = tags.where(tags.notna() & (tags != ""), UNKNOWN).astype(str)
    counts = {str(tag): int(n) for tag, n in known.value_counts().items()}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
