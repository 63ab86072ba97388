"""Sentences out of words: what recognisers and aligners write becomes what can be labelled.

A sentence ends where its punctuation says so (`sentencex`, rules for about 300 languages), where the speaker or the
channel changes, and at a pause longer than `PAUSE`. One that is longer than `MAX_SECONDS` or `MAX_WORDS` is cut at the
longest pause in its middle half, until it is not.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tonewise.records import Cue

PAUSE = 0.8  # seconds of silence that end an utterance; Deepgram's default `utt_split` too
MAX_SECONDS = 20.0
MAX_WORDS = 60

# Scripts that are written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, Kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_CLOSED = re.compile(r"[.?!…。？！।؟։።]['\"”’»)\]]*$")
# Splitters made for prose take these for abbreviations (number, Oklahoma, sine); in speech they are answers.
_ANSWERS = frozenset({"no.", "ok.", "sí.", "sì.", "si."})
_TOGETHER = 400  # words that are shown to the splitter at once
_READABLE = 20_000  # characters of so many words, of which more are no speech: quotes cost the splitter their square


@dataclass(frozen=True, slots=True)
class Word:
    """One word; times are seconds, None where the recogniser gives none.

    `glued` = it stands against the word before, as punctuation does that is written as a word of its own. A `text` that
    begins with a space (Whisper's) says itself where spaces are.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    channel: int | None = None
    glued: bool = False


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word whose times are known, if only by interpolation."""

    text: str
    start: float
    end: float
    speaker: str | None = None
    channel: int | None = None


def sentences_of(words: Sequence[TimedWord], language: str | None = None) -> list[Cue]:
    """Sentences of the words of one recording, in the order of the words; of several channels, in the order of time.

    A word without a speaker is the voice of those beside it; a single word given to another speaker is too, unless it is a
    sentence of its own: diarisation flickers. `language` is a BCP-47 tag, None = unknown.
    """
    channels: dict[int | None, list[TimedWord]] = {}
    for word in words:
        if word.text.strip():
            channels.setdefault(word.channel, []).append(word)
    cues = [cue for said in channels.values() for cue in _one_channel(said, language)]
    return sorted(cues, key=lambda cue: cue.start) if len(channels) > 1 else cues


def joined(texts: Sequence[str]) -> str:
    """Words as running text, with spaces where their script or their writer wants them."""
    return "".join(_spaced(texts))


def most_common(speakers: Iterable[str | None]) -> str | None:
    """The speaker of most words, the first of several; None where nobody is named."""
    counts = Counter(speaker for speaker in speakers if speaker)
    return counts.most_common(1)[0][0] if counts else None


def is_spaced(text: str) -> bool:
    """Whether a text is in a script that has spaces between words."""
    return _UNSPACED.search(text) is None


def sentence_starts(texts: Sequence[str], language: str | None = None) -> list[int]:
    """Positions of the words that begin a sentence by punctuation, the first of all included."""
    starts: list[int] = []
    begin = 0
    while begin < len(texts):
        found = _starts_within(texts[begin : begin + _TOGETHER], language)
        starts += [begin, *(begin + number for number in found)]
        begin += _TOGETHER
        if begin < len(texts) and found:
            begin = starts.pop()  # the last sentence may go on after what was shown
    return starts


def _starts_within(texts: Sequence[str], language: str | None) -> list[int]:
    pieces = _spaced(texts)
    if len(pieces) < 2:
        return []
    # A space belongs to the sentence before it.
    ends = set(_sentence_ends("".join(pieces), language))
    before = itertools.accumulate(map(len, pieces), initial=0)
    offsets = [passed + len(piece) - len(piece.lstrip()) for passed, piece in zip(before, pieces, strict=False)]
    return [
        number
        for number in range(1, len(pieces))
        if offsets[number] in ends or _answered(pieces[number - 1], pieces[number])
    ]


def _answered(before: str, piece: str) -> bool:
    return before.strip().casefold() in _ANSWERS and not piece.strip()[:1].isdigit()


def _sentence_ends(text: str, language: str | None) -> Iterator[int]:
    import sentencex  # its rules take a moment to load

    if len(text) > _READABLE:
        return iter(())
    code = (language or "en").replace("_", "-").split("-")[0].lower()
    return itertools.accumulate(len(sentence) for sentence in sentencex.segment(code, text))


def _spaced(texts: Sequence[str]) -> list[str]:
    """The words, each with the space before it that it needs; those that state their spaces stay as they are."""
    stated = any(text[:1].isspace() for text in texts)
    pieces = [texts[0].lstrip()] if texts else []
    for before, text in itertools.pairwise(texts):
        space = "" if stated or (_UNSPACED.match(before[-1:]) and _UNSPACED.match(text[:1])) else " "
        pieces.append(space + text)
    return pieces


def _one_channel(words: Sequence[TimedWord], language: str | None) -> Iterator[Cue]:
    for stretch in _split(words, _is_pause):
        for turn in _split(_steady_speakers(stretch), lambda before, word: before.speaker != word.speaker):
            starts = sentence_starts([word.text for word in turn], language)
            for begin, end in itertools.pairwise([*starts, len(turn)]):
                yield from map(_cue, _short_enough(turn[begin:end]))


def _is_pause(before: TimedWord, word: TimedWord) -> bool:
    # A word long before the end of the last one belongs to something else that is being said.
    return abs(word.start - before.end) > PAUSE and abs(word.start - before.start) > PAUSE


def _split(
    words: Sequence[TimedWord], between: Callable[[TimedWord, TimedWord], bool]
) -> Iterator[Sequence[TimedWord]]:
    """Runs of words, cut where `between` says so of two neighbours."""
    begin = 0
    for number, (before, word) in enumerate(itertools.pairwise(words), start=1):
        if between(before, word):
            yield words[begin:number]
            begin = number
    if words:
        yield words[begin:]


def _steady_speakers(words: Sequence[TimedWord]) -> list[TimedWord]:
    """The words with the speakers that are believed; see `sentences_of`."""
    speakers = [word.speaker for word in words]
    for number in _flickers(words):
        speakers[number] = None
    if not any(speakers):
        speakers = [most_common(word.speaker for word in words)] * len(words)
    believed = next((speaker for speaker in speakers if speaker), None)
    steady = []
    for word, speaker in zip(words, speakers, strict=True):
        believed = speaker or believed
        steady.append(word if word.speaker == believed else replace(word, speaker=believed))
    return steady


def _flickers(words: Sequence[TimedWord]) -> list[int]:
    """Positions of single words of another speaker than those beside them, sentences of one word excepted."""
    stated = [(number, word.speaker) for number, word in enumerate(words) if word.speaker]
    runs = [[number for number, _ in run] for _, run in itertools.groupby(stated, key=lambda item: item[1])]
    return [run[0] for run in runs if len(runs) > 1 and len(run) == 1 and not _alone(words, run[0])]


def _alone(words: Sequence[TimedWord], number: int) -> bool:
    """Whether a word is a sentence of its own by the punctuation around it."""
    opened = number == 0 or _CLOSED.search(words[number - 1].text)
    return bool(opened and _CLOSED.search(words[number].text))


def _short_enough(words: Sequence[TimedWord]) -> Iterator[Sequence[TimedWord]]:
    """Parts that are within the limits; the halves are cut on, so that this ends after a few rounds."""
    waiting = [words]
    while waiting:
        part = waiting.pop()
        if len(part) > 1 and (len(part) > MAX_WORDS or part[-1].end - part[0].start > MAX_SECONDS):
            cut = _longest_pause(part)
            waiting += [part[cut:], part[:cut]]
        else:
            yield part


def _longest_pause(words: Sequence[TimedWord]) -> int:
    """Where to cut: before the word, of the middle half, that comes after the longest pause."""
    quarter = len(words) // 4
    candidates = range(max(1, quarter), max(2, len(words) - quarter))
    middle = len(words) / 2
    return max(candidates, key=lambda cut: (words[cut].start - words[cut - 1].end, -abs(cut - middle)))


def _cue(words: Sequence[TimedWord]) -> Cue:
    text = " ".join(joined([word.text for word in words]).split())
    start, end = min(word.start for word in words), max(word.end for word in words)
    return Cue(start, end, text, words[0].speaker, words[0].channel)
