"""WebVTT captions (.vtt), with the habits of Teams, Zoom and WhisperX (https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from tonewise.transcripts.subtitles import add_cue
from tonewise.transcripts.transcript import Format, Tally, Transcript

_COMMENT = re.compile(r"(NOTE|STYLE|REGION)(\s|$)")


def sniff(path: Path, head: str) -> bool:
    """Whether the file begins with `WEBVTT`."""
    return re.match(r"\s*WEBVTT(\s|$)", head) is not None


def read(path: Path, text: str) -> Transcript:
    """Read every cue block: an optional identifier, a timing line, text up to a blank line."""
    tally = Tally(path)
    for number, block in _blocks(text):
        if _COMMENT.match(block[0]):
            continue
        # Some writers leave out the blank line between cues, so a block may hold several timing lines.
        starts = [index for index, line in enumerate(block) if "-->" in line]
        for index, following in itertools.pairwise([*starts, len(block)]):
            add_cue(tally, number + index, block[index], block[index + 1 : following])
    return Transcript(tuple(tally.cues), tally.problems(), FORMAT.name)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not blank, each with the number of its first line, counted from 1."""
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


FORMAT = Format("webvtt", (".vtt",), sniff, read)
