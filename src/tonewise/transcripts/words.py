"""Times for every word: what has none is put between its neighbours."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from tonewise.transcripts.sentences import PAUSE, TimedWord, Word

LONGEST_GUESS = 1.0  # seconds that a word without times may last

_Times = tuple[float | None, float | None]


def interpolate(
    words: Sequence[Word], start: float | None = None, end: float | None = None
) -> tuple[list[TimedWord], int]:
    """Words with times, and how many had to be guessed.

    Glued words become part of the word before. Words without times share the time between their neighbours evenly, at most
    `LONGEST_GUESS` each; `start` and `end` (seconds) are where the first may begin and the last may end. Where no word has a
    time, they share the time from `start` to `end`; without these none is returned. Words of several channels must be
    given a channel at a time.
    """
    whole = _unglued(words)
    times = [_one_sided(before, word, after) for before, word, after in _neighbours(whole)]
    filled = _fill(times, start, end)
    guessed = sum(word.start is None or word.end is None for word in whole)
    if filled is None:
        return [], len(whole)
    return [
        TimedWord(word.text, begun, ended, word.speaker, word.channel)
        for word, (begun, ended) in zip(whole, filled, strict=True)
    ], guessed


def _unglued(words: Sequence[Word]) -> list[Word]:
    parts: list[list[Word]] = []
    for word in words:
        if word.glued and parts:
            parts[-1].append(word)
        elif word.text.strip() and not word.glued:
            parts.append([word])
    return [replace(first, text=first.text + "".join(word.text.strip() for word in rest)) for first, *rest in parts]


def _neighbours(words: Sequence[Word]) -> list[tuple[Word | None, Word, Word | None]]:
    return list(zip([None, *words], words, [*words[1:], None], strict=False))


def _one_sided(before: Word | None, word: Word, after: Word | None) -> _Times:
    """Both times where one is known: up to the neighbour that is no pause away, else no time at all."""
    start, end = word.start, word.end
    if start is not None and end is None:
        following = None if after is None else after.start
        end = following if following is not None and start <= following <= start + PAUSE else start
    elif end is not None and start is None:
        preceding = None if before is None else before.end
        start = preceding if preceding is not None and end - PAUSE <= preceding <= end else end
    return start, end


def _fill(times: list[_Times], start: float | None, end: float | None) -> list[tuple[float, float]] | None:
    """Times with the gaps filled; None where there is nothing to hold on to."""
    filled: list[tuple[float, float]] = []
    runs = [(known, list(run)) for known, run in itertools.groupby(times, key=lambda pair: None not in pair)]
    for number, (known, run) in enumerate(runs):
        if known:
            filled += [(begun, ended) for begun, ended in run if begun is not None and ended is not None]
            continue
        before = filled[-1][1] if filled else start
        after = runs[number + 1][1][0][0] if number + 1 < len(runs) else end
        if before is None and after is None:
            return None
        filled += _shares(len(run), before, after)
    return filled


def _shares(count: int, before: float | None, after: float | None) -> list[tuple[float, float]]:
    """Equal parts of the time between two neighbours; at the side of the only neighbour where there is one."""
    if before is None or after is None:
        at = before if after is None else after
        return [(at, at)] * count if at is not None else []
    share = min(max(after - before, 0.0) / count, LONGEST_GUESS)
    edges = [round(before + share * number, 9) for number in range(count + 1)]
    return list(itertools.pairwise(edges))
