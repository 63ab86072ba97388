"""WebVTT captions (.vtt), with the habits of Teams, Zoom, YouTube and WhisperX (https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from tonewise.records import Cue
from tonewise.transcripts.rolling import is_rolling, rolling_sentences
from tonewise.transcripts.subtitles import add_cue, cue_times, named_speakers
from tonewise.transcripts.transcript import Format, Tally, Transcript

_COMMENT = re.compile(r"(NOTE|STYLE|REGION)(\s|$)")
_LANGUAGE = re.compile(r"^Language:\s*(?P<tag>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*$", re.MULTILINE)


def sniff(path: Path, head: str) -> bool:
    """Whether the file begins with `WEBVTT`."""
    return re.match(r"\s*WEBVTT(\s|$)", head) is not None


def read(path: Path, text: str) -> Transcript:
    """Read every cue block: an optional identifier, a timing line, text up to a blank line.

    Captions that roll, as YouTube's automatic ones do, show every line two or three times: their words are taken once,
    each at its own time, and made into sentences. See `named_speakers` for speakers that are no voice tags.
    """
    language, tally = _language(text), Tally(path)
    if is_rolling(text):
        return Transcript(tuple(_rolling(tally, text, language)), tally.problems(), FORMAT.name, language)
    for number, timing, body in _cues(text):
        add_cue(tally, number, timing, body)
    return Transcript(tuple(named_speakers(tally.cues)), tally.problems(), FORMAT.name, language)


def _rolling(tally: Tally, text: str, language: str | None) -> list[Cue]:
    shown = []
    for number, timing, body in _cues(text):
        times = cue_times(tally, number, timing)
        if times is not None:
            shown.append((*times, body))
    return rolling_sentences(shown, language)


def _cues(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Line number, timing line and lines of text of every cue."""
    for number, block in _blocks(text):
        if _COMMENT.match(block[0]):
            continue
        # Some writers leave out the blank line between cues, so a block may hold several timing lines.
        starts = [index for index, line in enumerate(block) if "-->" in line]
        for index, following in itertools.pairwise([*starts, len(block)]):
            yield number + index, block[index], block[index + 1 : following]


def _language(text: str) -> str | None:
    """The tag that a header line such as `Language: en` states, as YouTube writes it."""
    header = text.partition("\n\n")[0]
    match = _LANGUAGE.search(header)
    return match["tag"] if match else None


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not blank, each with the number of its first line, counted from 1.

    A line of spaces ends a run, but not one that has only come to its timing line: YouTube shows an empty line first.
    """
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip() or (line and block and "-->" in block[-1]):
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


FORMAT = Format("webvtt", (".vtt",), sniff, read)
