"""One utterance as a recogniser states it, with its words where it has them."""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tonewise.records import Cue
from tonewise.transcripts.sentences import TimedWord, Word, most_common, sentences_of
from tonewise.transcripts.transcript import Tally
from tonewise.transcripts.words import interpolate

_SLACK = 1.0  # seconds that words may lie outside the utterance that they are of, before their times are not believed
_ALIGNABLE = 1_000  # words of one utterance; the time that alignment takes grows with their square
_ALIKE = 0.5  # share of the text's words that must be found among the timed ones


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one utterance says of itself; times in seconds, None or empty where it is silent."""

    text: str = ""
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    channel: int | None = None
    words: tuple[Word, ...] = ()


def add_phrases(tally: Tally, phrases: Iterable[Phrase], language: str | None = None) -> None:
    """Add utterances in their order, see `add_phrase`."""
    for phrase in phrases:
        add_phrase(tally, phrase, language)


def add_phrase(tally: Tally, phrase: Phrase, language: str | None = None) -> None:
    """Add an utterance to `tally`: its sentences where its words tell their times, else the whole of it.

    Words that say something else than the utterance, or at another time, are not believed. One that has no times, and none
    of whose words has, is left out as `untimed`; one without text as `empty_cue`.
    """
    spoken = tuple(
        replace(word, speaker=word.speaker or phrase.speaker, channel=phrase.channel) for word in phrase.words
    )
    words, guessed = interpolate(spoken, phrase.start, phrase.end)
    start = phrase.start if phrase.start is not None else min((word.start for word in words), default=None)
    end = phrase.end if phrase.end is not None else max((word.end for word in words), default=None)
    if start is None or end is None:
        tally.leave_out("untimed", f"utterance {tally.seen + 1} has no times, and none of its words has")
        return
    cues, guessed = _sentences(phrase, words, guessed, language)
    tally.guess(guessed)
    if len(cues) > 1:
        tally.extend(cues)
        return
    whole = Cue(start, end, phrase.text, phrase.speaker, phrase.channel)
    if cues:
        whole = replace(whole, text=phrase.text or cues[0].text, speaker=phrase.speaker or cues[0].speaker)
    elif words and phrase.speaker is None:
        whole = replace(whole, speaker=most_common(word.speaker for word in words))
    tally.add(whole)


def add_words(tally: Tally, words: Sequence[Word], language: str | None = None) -> None:
    """Add the sentences of words that no utterance holds together; a channel without any time is left out as `untimed`."""
    channels: dict[int | None, list[Word]] = {}
    for word in words:
        channels.setdefault(word.channel, []).append(word)
    for spoken in channels.values():
        timed, guessed = interpolate(spoken)
        if timed:
            tally.guess(guessed)
            tally.extend(sentences_of(timed, language))
        elif guessed:
            tally.leave_out("untimed", f"none of its {guessed} words has a time")


def _sentences(phrase: Phrase, words: list[TimedWord], guessed: int, language: str | None) -> tuple[list[Cue], int]:
    """The sentences of an utterance, none where its words are not to be believed; and how many times were guessed."""
    if not words or not _within(phrase, words):
        return [], 0
    if phrase.text and "".join(phrase.text.split()) != "".join("".join(word.text.split()) for word in words):
        words, guessed = _punctuated(phrase.text, words) or _aligned(phrase, words)
    return sentences_of(words, language), guessed


def _within(phrase: Phrase, words: Sequence[TimedWord]) -> bool:
    start = -math.inf if phrase.start is None else phrase.start - _SLACK
    end = math.inf if phrase.end is None else phrase.end + _SLACK
    return all(start <= word.start <= word.end <= end for word in words)


def _punctuated(text: str, words: list[TimedWord]) -> tuple[list[TimedWord], int] | None:
    """The words as the text writes them, with its capitals, spaces and punctuation; None where it has other letters."""
    if _letters(text) != _letters("".join(word.text for word in words)):
        return None
    text = f" {text}"  # a text with spaces has one before each word, and the first is no exception
    places = [place for place, character in enumerate(text) if character.isalnum()]
    spelt = [word for word in words if _length(word.text)]
    before = list(itertools.accumulate(_length(word.text) for word in spelt))
    if before[-1:] != [len(places)]:  # some letters are two where case is folded
        return None
    cuts = [0, *(_opening(text, places[count]) for count in before[:-1]), len(text)]
    return [
        replace(word, text=text[begin:end]) for word, (begin, end) in zip(spelt, itertools.pairwise(cuts), strict=True)
    ], 0


def _opening(text: str, place: int) -> int:
    """Where a word whose first letter is at `place` begins: at the space before it, if marks that open stand between."""
    begin = place
    while begin and not text[begin - 1].isspace() and not text[begin - 1].isalnum():
        begin -= 1
    if begin and text[begin - 1].isspace():
        return begin - 1
    return place


def _aligned(phrase: Phrase, words: list[TimedWord]) -> tuple[list[TimedWord], int]:
    """The words of the text with the times of the timed words that say the same ("624" is not "six twenty four")."""
    shown = phrase.text.split()
    if len(shown) > _ALIGNABLE or len(words) > _ALIGNABLE:
        return [], 0
    spelt, spoken = [_letters(word) for word in shown], [_letters(word.text) for word in words]
    blocks = difflib.SequenceMatcher(None, spelt, spoken, autojunk=False).get_matching_blocks()
    found = {block.a + number: words[block.b + number] for block in blocks for number in range(block.size)}
    if len(found) < _ALIKE * len(shown):
        return [], 0
    timed = [_word(phrase, text, found.get(number)) for number, text in enumerate(shown)]
    return interpolate(timed, phrase.start, phrase.end)


def _word(phrase: Phrase, text: str, spoken: TimedWord | None) -> Word:
    if spoken is None:
        return Word(text, speaker=phrase.speaker, channel=phrase.channel)
    return Word(text, spoken.start, spoken.end, spoken.speaker, phrase.channel)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _length(text: str) -> int:
    return sum(map(str.isalnum, text))
