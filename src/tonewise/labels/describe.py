"""What weak labels are worth, as far as can be told without gold: coverage, balance, agreement, examples."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from tonewise.labels.base import NEGATIVE, POSITIVE
from tonewise.records import LabelSummary

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

EXAMPLES = 3  # of each kind
BINS = 20  # of the histogram, -1 to 1


def describe(texts: pd.Series, labels: pd.DataFrame, *, labeller: str, seed: int = 0) -> LabelSummary:
    """Summarise a table made by `label_texts`.

    Args:
        texts: the texts that were labelled.
        labels: the columns that `label_texts` made, with the same index.
        labeller: its name, for the summary.
        seed: of the draw of examples.
    """
    import numpy as np

    parts = [column.removesuffix("_score") for column in labels.columns if column.endswith("_score")]
    counts = {kind: int((labels["label"] == kind).sum()) for kind in (POSITIVE, NEGATIVE)}
    labelled = sum(counts.values())
    scores = labels["score"].dropna().to_numpy()
    heights, edges = np.histogram(scores, bins=BINS, range=(-1, 1))
    return LabelSummary(
        labeller=labeller,
        utterances=len(labels),
        counts={**counts, "abstained": len(labels) - labelled},
        abstentions={str(reason): int(n) for reason, n in labels["abstention"].value_counts().items()},
        coverage=labelled / len(labels) if len(labels) else 0.0,
        agreement={f"{a}~{b}": _agreement(labels, a, b) for a, b in combinations(parts, 2)},
        examples=_examples(texts, labels, parts, np.random.default_rng(seed)),
        histogram=(tuple(float(edge) for edge in edges), tuple(int(height) for height in heights)),
    )


def _agreement(labels: pd.DataFrame, a: str, b: str) -> dict[str, Any]:
    """How often two scores have the same sign, of the rows where neither is zero."""
    both = labels[(labels[f"{a}_score"].fillna(0) != 0) & (labels[f"{b}_score"].fillna(0) != 0)]
    agree = int((both[f"{a}_score"] * both[f"{b}_score"] > 0).sum())
    return {"both": len(both), "agree": agree, "rate": agree / len(both) if len(both) else None}


def _examples(
    texts: pd.Series, labels: pd.DataFrame, parts: list[str], random: np.random.Generator
) -> dict[str, list[dict[str, Any]]]:
    part_scores = labels[[f"{part}_score" for part in parts]]
    conflict = (part_scores.max(axis=1) > 0) & (part_scores.min(axis=1) < 0)
    kinds = {
        POSITIVE: labels["label"] == POSITIVE,
        NEGATIVE: labels["label"] == NEGATIVE,
        "conflict": conflict,
        "abstained": labels["label"].isna() & labels["score"].notna(),
    }
    return {kind: _draw(texts, labels, parts, mask, random) for kind, mask in kinds.items()}


def _draw(
    texts: pd.Series, labels: pd.DataFrame, parts: list[str], mask: pd.Series, random: np.random.Generator
) -> list[dict[str, Any]]:
    import numpy as np

    rows = np.flatnonzero(mask.to_numpy())
    chosen = sorted(random.choice(rows, size=min(EXAMPLES, len(rows)), replace=False)) if len(rows) else []
    return [
        {"text": str(texts.iloc[row]), "score": float(labels["score"].iloc[row])}
        | {part: float(labels[f"{part}_score"].iloc[row]) for part in parts}
        for row in chosen
    ]
