"""The contract of a labeller: texts in; a vote or a named abstention out, one a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

POSITIVE, NEGATIVE, NEUTRAL = "positive", "negative", "neutral"

#: Means of absolute value below this say nothing. VADER's authors call a compound score under 0.05 neutral; the
#: founding article leaves out "near-zero" means without a number. 0.1 keeps about half of natural sentences, as the
#: article did (just over 11,000 of about 23,500).
DEFAULT_THRESHOLD = 0.1


class Abstention(StrEnum):
    """Why a labeller does not answer."""

    NO_TEXT = "no_text"
    NEAR_NEUTRAL = "near_neutral"
    NOT_ENGLISH = "not_english"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one labeller says of one text.

    Attributes:
        score: −1 (negative) to 1 (positive); None where the labeller cannot score the text at all.
        confidence: 0..1; 0 where it abstains.
        abstention: why there is no label, None where there is one.
        parts: scores of what the score was made from, by name (None where a part has no opinion).
    """

    score: float | None
    confidence: float
    abstention: Abstention | None = None
    parts: dict[str, float | None] = field(default_factory=dict)

    @property
    def label(self) -> str | None:
        """`positive`, `negative`, or None for an abstention."""
        if self.abstention is not None or self.score is None:
            return None
        return POSITIVE if self.score > 0 else NEGATIVE


class Labeller(Protocol):
    """Scores texts in batches.

    `parts` names the scores that each vote carries; `source` and `licence` say where the method comes from.
    """

    name: ClassVar[str]
    parts: ClassVar[tuple[str, ...]]
    source: ClassVar[str]
    licence: ClassVar[str]

    def votes(self, texts: Sequence[str | None]) -> list[Vote]:
        """One vote a text, in order."""
        ...

    def identity(self) -> dict[str, object]:
        """Everything that changes the votes: name, options, versions of what scores."""
        ...
