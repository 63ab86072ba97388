"""The language of a text, from its words and from what is said around it.

A corpus's own language column tells what is *spoken*; its texts may be translations. So texts are looked at.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: A language is believed where it is likelier than all others together. Of 9,978 lines of English dialogue two are
#: then taken for another language by their own words (at 0.3: 24), while 70 % of short foreign sentences are told.
CERTAIN = 0.5

#: What a language that is heard nowhere around is worth beside one that is all that is heard there. It loses no clear
#: sentence in another language, and keeps relatives apart: three words of Russian are easily taken for Ukrainian.
NEWCOMER = 0.1

#: Letters, about one sentence: a recording of which hardly more is certain is judged by the whole column as well.
COLUMN_LETTERS = 30

#: Characters; what so much text does not tell, more of it will not.
JOINED = 5_000

_LATIN = "LATIN"

#: Unicode names Japanese letters by their alphabet, and Japanese mixes them with ideographs.
_FAMILY = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "IDEOGRAPHIC": "CJK"}

#: What is mostly written in a script, for texts too short to tell more. Their script alone says that they are not English.
_USUAL = {
    "ARABIC": "ar", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "zh", "CYRILLIC": "ru", "DEVANAGARI": "hi",
    "ETHIOPIC": "am", "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu", "GURMUKHI": "pa", "HANGUL": "ko",
    "HEBREW": "he", "KANNADA": "kn", "KHMER": "km", "LAO": "lo", "MALAYALAM": "ml", "MYANMAR": "my", "ORIYA": "or",
    "SINHALA": "si", "TAMIL": "ta", "TELUGU": "te", "THAI": "th",
}  # fmt: skip

#: Varieties that py3langid tells apart, by the tag that people write (ISO 639-3 macrolanguages). Nigerian Pidgin is a
#: language of its own, but its words are English, and what is taken for it in English talk is English: "OK, come in!".
_PART_OF = {
    "ary": "ar", "arz": "ar", "ltg": "lv", "nn": "no", "pcm": "en", "sdh": "ku", "uzs": "uz", "wuu": "zh", "yue": "zh",
}  # fmt: skip

_NO_LANGUAGE = "zxx"  # ISO 639: numbers, codes, markup
_UNDETERMINED = "und"  # ISO 639


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one text tells by itself: how long it is, the language that is certain, and how likely each is.

    `likelihoods` are in the order of `_places`: there is one reading a text, and a dictionary takes nine times the memory.
    """

    text: str
    letters: int
    script: str
    certain: str | None
    likelihoods: array[float]

    def likelihood(self, language: str) -> float:
        return self.likelihoods[_places()[language]]


def detect_languages(texts: pd.Series, recordings: pd.Series | None = None) -> pd.Series:
    """Tell the language of each text.

    A short sentence ("No.", "OK, super!") is no evidence by itself. What is certain by its own words votes for what is
    spoken in its recording and in the column; then each text is judged by its words and by that, so that a clear
    foreign sentence is found and an interjection goes with its neighbours. Scripts are told apart first.

    Args:
        texts: one text a row, None or NaN where there is none.
        recordings: what each row belongs to, row by row; rows without one (None or NaN) are taken together.

    Returns:
        Primary language subtags (`en`, `fr`, `und` = in a script that is not known here) with the index of `texts`;
        None where a text has no letters, or nothing tells its language.

    Source: py3langid, M. Lui and T. Baldwin, "langid.py: An Off-the-shelf Language Identification Tool" (ACL 2012).
    """
    import pandas as pd

    read = cache(_read)
    readings = [read(text) if isinstance(text, str) else None for text in texts]
    keys = [None] * len(texts) if recordings is None else [None if pd.isna(key) else key for key in recordings]
    around = _surroundings(readings, keys)
    languages = [
        None if reading is None else _judge(reading, around[reading.script, key])
        for reading, key in zip(readings, keys, strict=True)
    ]
    return pd.Series(languages, index=texts.index, dtype=object)


def _surroundings(
    readings: Sequence[_Reading | None], recordings: Sequence[Hashable]
) -> dict[tuple[str, Hashable], dict[str, float]]:
    """What is spoken around the texts of one script and one recording: shares of languages, see `_shares`."""
    columns: dict[str, list[_Reading]] = defaultdict(list)
    members: dict[tuple[str, Hashable], list[_Reading]] = defaultdict(list)
    for reading, recording in zip(readings, recordings, strict=True):
        if reading is not None:
            columns[reading.script].append(reading)
            members[reading.script, recording].append(reading)
    column = {script: _shares(_heard(alike)) for script, alike in columns.items()}
    return {key: _shares(_heard(beside), column[key[0]]) for key, beside in members.items()}


def _heard(readings: Sequence[_Reading]) -> Counter[str]:
    """How many letters are certainly in which language; where no text is certain, as one text."""
    heard: Counter[str] = Counter()
    for reading in readings:
        if reading.certain is not None:
            heard[reading.certain] += reading.letters
    if not heard and len(readings) > 1:
        joined = _read(" ".join(reading.text for reading in readings)[:JOINED])
        if joined is not None and joined.certain is not None:
            heard[joined.certain] = joined.letters
    return heard


def _shares(heard: Mapping[str, float], column: Mapping[str, float] = MappingProxyType({})) -> dict[str, float]:
    """Parts of what is heard in each language, which add up to 1; empty where nothing is heard."""
    letters = defaultdict(float, heard)
    for language, share in column.items():
        letters[language] += COLUMN_LETTERS * share
    total = sum(letters.values())
    return {language: number / total for language, number in letters.items()}


def _judge(reading: _Reading, around: Mapping[str, float]) -> str | None:
    """The language that words and surroundings tell together; else what the script tells."""
    weights = {language: share * reading.likelihood(language) for language, share in around.items()}
    certain = reading.certain
    if certain is not None:
        weights[certain] = weights.get(certain, 0.0) + NEWCOMER * reading.likelihood(certain)
    best = max(weights, key=weights.__getitem__, default=None)
    if best is not None and weights[best] > CERTAIN * sum(weights.values()):
        return best
    return None if reading.script == _LATIN else _USUAL.get(reading.script, _UNDETERMINED)


def _read(text: str) -> _Reading | None:
    """What `text` tells by itself, None where it has no letters."""
    plain = unicodedata.normalize("NFKC", text)  # letters of fancy fonts and full width are letters
    families = [_family(character) for character in plain if character.isalpha()]
    if not families:
        return None
    likelihoods = _likelihoods(plain)
    likeliest = max(likelihoods, key=likelihoods.__getitem__)
    certain = likeliest if likelihoods[likeliest] > CERTAIN else None
    kept = array("d", (likelihoods.get(language, 0.0) for language in _places()))
    return _Reading(plain, len(families), _script(families), certain, kept)


def _script(families: Sequence[str]) -> str:
    """Latin where at least half of the letters are, else what most of the other letters are."""
    counts = Counter(families)
    latin = counts.pop(_LATIN, 0)
    return _LATIN if 2 * latin >= len(families) else counts.most_common(1)[0][0]


@cache
def _family(letter: str) -> str:
    if letter.isascii():
        return _LATIN
    word = unicodedata.name(letter, "UNKNOWN").replace("-", " ").split()[0]
    return _FAMILY.get(word, word)


def _likelihoods(text: str) -> dict[str, float]:
    likelihoods: dict[str, float] = {}
    for name, likelihood in _identifier().rank(text):
        language = _PART_OF.get(name, name)
        # Not their sum: of a text that tells nothing, every language is equally likely, however many its varieties.
        likelihoods[language] = max(likelihood, likelihoods.get(language, 0.0))
    likelihoods.pop(_NO_LANGUAGE, None)
    return likelihoods


@cache
def _places() -> dict[str, int]:
    """All languages, and the place of each in a reading's likelihoods."""
    names = dict.fromkeys(_PART_OF.get(name, name) for name in _identifier().nb_classes)
    return {language: place for place, language in enumerate(names)}


@cache
def _identifier() -> Any:
    # An instance of our own: the one behind py3langid's module functions can be narrowed by anybody in the process.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
