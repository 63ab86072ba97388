"""SubRip subtitles (.srt)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from tonewise.transcripts.subtitles import add_cue, named_speakers
from tonewise.transcripts.transcript import Format, Tally, Transcript

# Broken times begin a cue too, else their text would be put into the mouth of the cue before; "5 --> 6" is text.
_CUE_START = re.compile(r"\s*-?\d+\s*[:;.,]\s*\d[^\n]*?-->")
_TIMING_IN_HEAD = re.compile(r"^\s*-?\d+(?::\d+)+(?:[.,]\d+)?\s*-->", re.MULTILINE)


def sniff(path: Path, head: str) -> bool:
    """Whether some line begins as `start -->`."""
    return _TIMING_IN_HEAD.search(head) is not None


def read(path: Path, text: str) -> Transcript:
    """Read every timing line with the text up to the next one.

    The format has no specification: numbers may be missing, blank lines may be missing or stand within a
    text, and milliseconds may follow a point. Cues that overlap or last no time are kept as stated. See
    `named_speakers` for speakers.
    """
    tally = Tally(path)
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _CUE_START.match(line)]
    for number, following in itertools.pairwise([*starts, len(lines)]):
        body = lines[number + 1 : following]
        if following < len(lines) and body and body[-1].strip().isdigit():
            body = body[:-1]  # the number of the next cue
        add_cue(tally, number + 1, lines[number], body)
    return Transcript(tuple(named_speakers(tally.cues)), tally.problems(), FORMAT.name)


FORMAT = Format("srt", (".srt",), sniff, read)
