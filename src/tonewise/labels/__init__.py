"""Labels for utterances: from their words (weak), or from a column that somebody filled in (gold)."""

from tonewise.labels import combining, context, refinement
from tonewise.labels.base import (
    DEFAULT_THRESHOLD,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Abstention,
    Labeller,
    Sentence,
    Vote,
)
from tonewise.labels.column import is_polar, polarity_column
from tonewise.labels.describe import describe
from tonewise.labels.languages import detect_languages
from tonewise.labels.policy import LabelPolicy, restore
from tonewise.labels.registry import COMBINED, DEFAULT_LABELS, LabellerOptions, create, create_with, is_labeller, names
from tonewise.labels.sentiment_words import sentiment_words
from tonewise.labels.table import label_texts, score_table

__all__ = [
    "COMBINED",
    "DEFAULT_LABELS",
    "DEFAULT_THRESHOLD",
    "NEGATIVE",
    "NEUTRAL",
    "POSITIVE",
    "Abstention",
    "LabelPolicy",
    "Labeller",
    "LabellerOptions",
    "Sentence",
    "Vote",
    "combining",
    "context",
    "create",
    "create_with",
    "describe",
    "detect_languages",
    "is_labeller",
    "is_polar",
    "label_texts",
    "names",
    "polarity_column",
    "refinement",
    "restore",
    "score_table",
    "sentiment_words",
]
