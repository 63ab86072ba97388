"""The founding article's labeller: the mean of TextBlob's polarity and VADER's compound score."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from tonewise.labels.base import DEFAULT_THRESHOLD, Abstention, Vote


@dataclass(frozen=True)
class LexiconLabeller:
    """Mean of TextBlob polarity and VADER compound, abstaining near zero.

    The score is the plain mean; the confidence of a label is its absolute value, so that two lexicons that disagree
    make a weak label. English only: text that is mostly in another script is abstained from.

    Sources: S. Safaryan, "Self-supervised voice emotion recognition using transfer learning"; C. Hutto and E. Gilbert,
    "VADER" (ICWSM 2014); TextBlob's sentiment lexicon is that of CLiPS Pattern (De Smedt and Daelemans 2012).
    """

    threshold: float = DEFAULT_THRESHOLD
    name: ClassVar[str] = "lexicon"
    parts: ClassVar[tuple[str, ...]] = ("vader", "textblob")
    source: ClassVar[str] = "mean of VADER compound (Hutto & Gilbert 2014) and TextBlob polarity (CLiPS Pattern)"
    licence: ClassVar[str] = "MIT (vaderSentiment, TextBlob), BSD-3-Clause (Pattern's lexicon)"

    def votes(self, texts: Sequence[str | None]) -> list[Vote]:
        """One vote a text, in order; equal texts are scored once."""
        known = {text: self._vote(text) for text in dict.fromkeys(texts)}
        return [known[text] for text in texts]

    def identity(self) -> dict[str, object]:
        """Name, threshold, and the versions of both lexicons."""
        from importlib.metadata import version

        return {
            "name": self.name,
            "threshold": self.threshold,
            "textblob": version("textblob"),
            "vaderSentiment": version("vaderSentiment"),
        }

    def _vote(self, text: str | None) -> Vote:
        if text is None or not text.strip():
            return Vote(None, 0.0, Abstention.NO_TEXT)
        if not _mostly_latin(text):
            return Vote(None, 0.0, Abstention.NOT_ENGLISH)
        vader, textblob = _vader().polarity_scores(text)["compound"], _textblob_polarity(text)
        score = (vader + textblob) / 2
        parts: dict[str, float | None] = {"vader": vader, "textblob": textblob}
        if abs(score) <= self.threshold:
            return Vote(score, 0.0, Abstention.NEAR_NEUTRAL, parts)
        return Vote(score, abs(score), None, parts)


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


@cache
def _textblob_analyzer() -> Any:
    from textblob.en.sentiments import PatternAnalyzer

    return PatternAnalyzer()


def _textblob_polarity(text: str) -> float:
    return float(_textblob_analyzer().analyze(text).polarity)


def _mostly_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin; a text without letters (numbers, emoji) counts as Latin."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character.isascii() or unicodedata.name(character, "").startswith("LATIN") for character in letters)
    return 2 * latin >= len(letters)
