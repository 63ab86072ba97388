"""Labels for utterances: from their words (weak), or from a column that somebody filled in (gold)."""

from tonewise.labels.base import (
    DEFAULT_THRESHOLD,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Abstention,
    Labeller,
    Vote,
)
from tonewise.labels.column import polarity_column
from tonewise.labels.describe import describe
from tonewise.labels.registry import create, names
from tonewise.labels.table import label_texts

__all__ = [
    "DEFAULT_THRESHOLD",
    "NEGATIVE",
    "NEUTRAL",
    "POSITIVE",
    "Abstention",
    "Labeller",
    "Vote",
    "create",
    "describe",
    "label_texts",
    "names",
    "polarity_column",
]
