"""Captions that roll over the screen: YouTube's automatic WebVTT, where every line is shown two or three times.

A cue holds the line before, plain, and the new line with a time tag before each word but the first
(`so<00:00:01.120><c> what</c>`); a cue of 10 ms that repeats the finished line stands between two of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tonewise.records import Cue
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.sentences import TimedWord, sentences_of
from tonewise.transcripts.subtitles import plain_text

_LINES = 16  # on a screen at once, at most
MAX_WORD = 1.0  # seconds: the last word of a line lasts until the next line, silence included

_TIME_TAG = re.compile(r"<((?:\d+:){1,2}\d+[.,]\d+)>")
_WORD_TAG = re.compile(r"\S<(?:\d+:){1,2}\d+\.\d+>")


def is_rolling(text: str) -> bool:
    """Whether words have times of their own in at least two places: that is what automatic captions do."""
    return len(_WORD_TAG.findall(text[:65_536])) > 1


def rolling_sentences(shown: Sequence[tuple[float, float, list[str]]], language: str | None) -> list[Cue]:
    """Sentences of the words that were shown; `shown` are start, end (seconds) and lines with their markup."""
    return sentences_of(list(_words(shown)), language)


def _words(shown: Sequence[tuple[float, float, list[str]]]) -> Iterator[TimedWord]:
    before: list[str] = []
    for start, end, lines in shown:
        plain = [plain_text(line)[0] for line in lines]
        kept = [(text, line) for text, line in zip(plain, lines, strict=True) if text]
        texts = [text for text, _ in kept]
        repeated = _repeated(before, texts)
        yield from _timed(" ".join(line for _, line in kept[repeated:]), start, end)
        before = texts


def _repeated(before: list[str], texts: list[str]) -> int:
    """How many lines are still there from the cue before: its last ones are the first ones now."""
    for count in range(min(len(before), len(texts), _LINES), 0, -1):
        if before[-count:] == texts[:count]:
            return count
    return 0


def _timed(line: str, start: float, end: float) -> Iterator[TimedWord]:
    """Words, each up to the tag after it; words without a tag between them share their time."""
    pieces = _TIME_TAG.split(line)
    tags = [parse_seconds(tag) for tag in pieces[1::2]]
    starts = [start, *(start if tag is None else tag for tag in tags)]
    for begin, finish, piece in zip(starts, [*starts[1:], end], pieces[::2], strict=True):
        words = plain_text(piece)[0].split()
        each = min(max(finish - begin, 0.0) / max(len(words), 1), MAX_WORD)
        for number, word in enumerate(words):
            yield TimedWord(word, begin + number * each, begin + (number + 1) * each)
