"""TextGrids of Praat, also as the Montreal Forced Aligner and WebMAUS write them: long and short form.

The parser is our own and follows Praat's rule for both forms at once: of a text file only free-standing numbers,
quoted strings and flags count, and all the rest is decoration
(https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html). Libraries read from paths only, refuse the
overlaps and zero-length intervals of real files, and fail on broken ones with errors of all kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tonewise.errors import TranscriptError
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.tiers import Tier, add_tiers
from tonewise.transcripts.transcript import Format, Tally, Transcript

_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]++|"")*+)"'
    r"|(?<!\S)(?P<number>[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?!\S)"
    r"|(?<!\S)(?P<flag><[a-z]+>)(?!\S)"
    r"|(?<!\S)![^\n]*"  # a comment
)
_OPENING = re.compile(r'\s*(?:File type\s*=\s*)?"ooTextFile', re.IGNORECASE)
_CHRONOLOGICAL = "Praat chronological TextGrid"


def sniff(path: Path, head: str) -> bool:
    """Whether the file begins as a text file of Praat's and is a TextGrid."""
    return (_OPENING.match(head) is not None and '"TextGrid"' in head[:400]) or _CHRONOLOGICAL in head[:100]


def read(path: Path, text: str) -> Transcript:
    """Read the speech of all tiers in the order of time: see `add_tiers` for which tiers that is.

    Raises `TranscriptError` for a file that is broken or in Praat's chronological form.
    """
    if _CHRONOLOGICAL in text[:100]:
        raise TranscriptError(f"{path}: a chronological TextGrid; save it in Praat as a text file or a short text file")
    tally = Tally(path)
    add_tiers(tally, list(_tiers(_Tokens(path, text))))
    return tally.transcript(FORMAT.name)


class _Tokens:
    """Numbers and strings one after another, or a `TranscriptError` that says where there is none."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._found = (match for match in _TOKEN.finditer(text) if match.lastgroup)

    def text(self) -> str:
        match = self._next("a text in quotes")
        if match["text"] is None:
            raise self._broken("a text in quotes", match)
        return str(match["text"]).replace('""', '"')

    def number(self) -> float:
        match = self._next("a number")
        number = parse_seconds(match["number"])
        if number is None:
            raise self._broken("a number", match)
        return number

    def flag(self) -> str:
        return self._next("<exists>")["flag"] or ""

    def _next(self, expected: str) -> re.Match[str]:
        match = next(self._found, None)
        if match is None:
            raise TranscriptError(f"{self._path}: this TextGrid ends where {expected} was expected; is it complete?")
        return match

    def _broken(self, expected: str, match: re.Match[str]) -> TranscriptError:
        line = self._text.count("\n", 0, match.start()) + 1
        found = match[0][:40]
        return TranscriptError(
            f"{self._path}: line {line} of this TextGrid: expected {expected}, found {found!r}; save it again in Praat"
        )


def _tiers(tokens: _Tokens) -> Iterator[Tier]:
    for _ in range(2):  # "ooTextFile" and "TextGrid"
        tokens.text()
    for _ in range(2):  # the time domain
        tokens.number()
    if tokens.flag() != "<exists>":
        return
    for _ in range(int(tokens.number())):
        points = tokens.text() == "TextTier"
        name = tokens.text()
        for _ in range(2):  # the tier's time domain
            tokens.number()
        count = int(tokens.number())
        yield Tier(name, tuple(_span(tokens, points) for _ in range(count)), points=points)


def _span(tokens: _Tokens, point: bool) -> tuple[float, float, str]:
    start = tokens.number()
    end = start if point else tokens.number()
    return start, end, tokens.text()


FORMAT = Format("textgrid", (".TextGrid", ".textgrid"), sniff, read)
