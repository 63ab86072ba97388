"""The founding article's labeller: the mean of TextBlob's polarity and VADER's compound score; TextBlob's in French."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from tonewise.labels.base import DEFAULT_THRESHOLD, NO_TEXT, OTHER_LANGUAGE, Sentence, Vote, primary_subtag, vote
from tonewise.records import Progress

#: As TextBlob-FR has them.
_FRENCH_NEGATIONS = ("n'", "ne", "ni", "non", "pas", "rien", "sans", "aucun", "jamais")
_ACCENTS = str.maketrans("àéèêï", "aeeei")


@dataclass(frozen=True)
class LexiconLabeller:
    """Mean of TextBlob polarity and VADER compound, abstaining near zero; in French, TextBlob-FR polarity alone.

    The score is the plain mean; the confidence of a label is its absolute value, so that two lexicons that disagree
    make a weak label. A text is read as English where its language is not told; one that is mostly in another script
    is abstained from whatever was told.

    Sources: S. Safaryan, "Self-supervised voice emotion recognition using transfer learning"; C. Hutto and E. Gilbert,
    "VADER" (ICWSM 2014); TextBlob's and TextBlob-FR's sentiment lexicons are those of CLiPS Pattern (T. De Smedt and
    W. Daelemans, "Pattern for Python", JMLR 2012).
    """

    threshold: float = DEFAULT_THRESHOLD
    name: ClassVar[str] = "lexicon"
    parts: ClassVar[tuple[str, ...]] = ("vader", "textblob")
    source: ClassVar[str] = (
        "mean of VADER compound (Hutto & Gilbert 2014) and TextBlob polarity (CLiPS Pattern); in French, TextBlob-FR "
        "polarity (CLiPS Pattern)"
    )
    licence: ClassVar[str] = "MIT (vaderSentiment, TextBlob, TextBlob-FR), BSD-3-Clause and PDDL (Pattern's lexicons)"

    languages: ClassVar[frozenset[str]] = frozenset({"en", "fr"})
    reads_context: ClassVar[bool] = False

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order; equal texts of one language are scored once."""
        asked = [(sentence.text, language_of(sentence.language)) for sentence in sentences]
        known = {pair: self._vote(*pair) for pair in dict.fromkeys(asked)}
        return [known[pair] for pair in asked]

    def identity(self) -> dict[str, object]:
        """Name, threshold, and the versions of the lexicons."""
        from importlib.metadata import version

        return {
            "name": self.name,
            "threshold": self.threshold,
            "textblob": version("textblob"),
            "textblob-fr": version("textblob-fr"),
            "vaderSentiment": version("vaderSentiment"),
        }

    def _vote(self, text: str | None, language: str) -> Vote:
        if text is None or not text.strip():
            return NO_TEXT
        if language not in self.languages or not _mostly_latin(text):
            return OTHER_LANGUAGE
        if language == "fr":
            score = _french_polarity(text)
            return vote(score, self.threshold, {"vader": None, "textblob": score})
        vader, textblob = vader_lexicon().polarity_scores(text)["compound"], _textblob_polarity(text)
        score = (vader + textblob) / 2
        parts: dict[str, float | None] = {"vader": vader, "textblob": textblob}
        return vote(score, self.threshold, parts)


def language_of(tag: str | None) -> str:
    """The language whose lexicon reads a text: English where nothing is told."""
    return "en" if tag is None else primary_subtag(tag)


@cache
def vader_lexicon() -> Any:
    """VADER's analyser, which reads its lexicon once."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


@cache
def _textblob_analyzer() -> Any:
    from textblob.en.sentiments import PatternAnalyzer

    return PatternAnalyzer()


def _textblob_polarity(text: str) -> float:
    return float(_textblob_analyzer().analyze(text).polarity)


@cache
def french_lexicon() -> Any:
    """TextBlob-FR's analyser, made of its lexicon and of TextBlob's copy of the same engine.

    Its own code has not been importable since Python 3.9 (it wants `xml.etree.cElementTree`), so only its data is read.
    """
    from importlib.metadata import distribution

    from textblob._text import Sentiment, find_tokens

    lexicon = Sentiment(
        path=str(distribution("textblob-fr").locate_file("textblob_fr/fr-sentiment.xml")),
        negations=_FRENCH_NEGATIONS,
        modifier=lambda word: word.endswith("ment"),
        # Without the English contractions that would be taken apart by default.
        tokenizer=lambda text: find_tokens(text.replace("’", "'"), replace={}),
    )
    lexicon.load()
    for word, senses in list(lexicon.items()):
        bare = word.translate(_ACCENTS)
        if bare != word and not word.endswith(("à", "è", "é", "ê", "ï")):  # "précaire" is found in "precaire" too
            for tag, scores in list(senses.items()):
                lexicon.annotate(bare, tag, *scores)
    return lexicon


def _french_polarity(text: str) -> float:
    return float(french_lexicon()(text)[0])


def _mostly_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin; a text without letters (numbers, emoji) counts as Latin."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character.isascii() or unicodedata.name(character, "").startswith("LATIN") for character in letters)
    return 2 * latin >= len(letters)
