"""Which words of a text the lexicons give a polarity: what a model could learn by heart in place of a tone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from tonewise.labels.lexicon import french_lexicon, language_of, vader_lexicon

if TYPE_CHECKING:
    import pandas as pd

#: Letters, with apostrophes and hyphens inside: "don't", "good-looking".
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")

_STEMMERS = {"en": "english", "fr": "french"}  # of Snowball


def sentiment_words(texts: pd.Series, languages: pd.Series | None = None) -> pd.Series:
    """The sentiment-bearing words of each text, inflected forms under one name ("loved" and "loving" are "love").

    A word is one if VADER or TextBlob (in French, TextBlob-FR) give it a polarity other than 0, however small. Forms with
    one stem sound alike, and count as one word: the shortest of the lexicon.

    Args:
        texts: one text a row, None or NaN where there is none.
        languages: of the texts (see `detect_languages`), with their index; None = unknown, and read as English.

    Returns:
        A frozenset of lower-case words a row, with the index of `texts`; empty where there are none, and in a language
        without a lexicon.

    Source of the stems: M. Porter, Snowball (2001), in NLTK.
    """
    import pandas as pd

    tags = [None] * len(texts) if languages is None else languages.loc[texts.index]
    read = cache(_read)
    found = [
        read(text, language_of(tag if isinstance(tag, str) else None)) if isinstance(text, str) else frozenset[str]()
        for text, tag in zip(texts, tags, strict=True)
    ]
    return pd.Series(found, index=texts.index, dtype=object)


def _read(text: str, language: str) -> frozenset[str]:
    if language not in _STEMMERS:
        return frozenset()
    known = _families(language)
    return frozenset(known[form] for form in _forms(text) if form in known)


def _forms(text: str) -> Iterator[str]:
    """Words in lower case, and the parts of those that are joined by a hyphen or an apostrophe."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‐", "-").lower()
    for word in _WORD.findall(plain):
        yield word
        if "-" in word or "'" in word:
            yield from re.split("['-]", word)


@cache
def _families(language: str) -> Mapping[str, str]:
    """Every word with a polarity, and the shortest that has its stem."""
    from nltk.stem.snowball import SnowballStemmer

    stem = SnowballStemmer(_STEMMERS[language]).stem
    stems = {word: stem(word) for word in _polar(language)}
    shortest: dict[str, str] = {}
    for word in sorted(stems, key=lambda each: (len(each), each)):
        shortest.setdefault(stems[word], word)
    return {word: shortest[root] for word, root in stems.items()}


def _polar(language: str) -> set[str]:
    if language == "fr":
        return _with_polarity(french_lexicon())
    from textblob.en import sentiment

    if not dict.__len__(sentiment):  # it reads its file when it is first asked
        sentiment.load()
    return _with_polarity(sentiment) | {word.lower() for word, valence in vader_lexicon().lexicon.items() if valence}


def _with_polarity(lexicon: Any) -> set[str]:
    """Words of one of Pattern's lexicons: by part of speech, and under None all of them, (polarity, subjectivity, ...)."""
    return {word.lower() for word, senses in dict.items(lexicon) if senses[None][0]}
