"""STM, reference transcripts: `recording channel speaker start end [<labels>] text`.

https://github.com/usnistgov/SCTK/blob/master/doc/infmts.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tonewise.records import Cue
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.nist import channel_numbers, mostly, numbered_lines, own_recording
from tonewise.transcripts.transcript import Format, Tally, Transcript

_TIME = r"(?:\d+(?:\.\d*)?|\.\d+)"
_LINE = re.compile(
    rf"(?P<recording>\S+)\s+(?P<channel>\S+)\s+(?P<speaker>\S+)\s+(?P<start>{_TIME})\s+(?P<end>{_TIME})"
    r"(?:\s+<(?P<labels>[^<>\s]*)>)?(?:\s+(?P<text>\S.*))?"
)
_CHANNEL = re.compile(r"\S+\s+(?:\d{1,3}|[A-Za-z])\s.*")
_NOT_SCORED = "ignore_time_segment_in_scoring"
_GAP = "inter_segment_gap"
_ALTERNATIVES = re.compile(r"\{([^{}/]*)/[^{}]*\}")
# Noises in braces, unknown words, and which pronunciation of a word it is: "the(2)".
_MARKUP = re.compile(r"\{\w+\}|<[^<>\s]*>|(?<=\w)\(\d+\)")


def sniff(path: Path, head: str) -> bool:
    """Whether most lines have a channel, a speaker and two times.

    A channel may be called anything, as other columns of tables may: then the extension must be `.stm`.
    """
    return mostly(head, _LINE) and (path.suffix.lower() == ".stm" or mostly(head, _CHANNEL))


def read(path: Path, text: str) -> Transcript:
    """Read one cue a line; stretches that are marked as not to be scored are passed over.

    Marks for scoring go, words stay: of `{ a / b }` the first, `(MAYBE)` without its brackets; `%HESITATION` stays as it
    is written. Raises `TranscriptError` where the file has several recordings and none of its name.
    """
    tally = Tally(path)
    rows = list(_rows(tally, text))
    own = own_recording(path, (row["recording"] for row in rows), "transcripts")
    rows = [row for row in rows if row["recording"] == own]
    channels = channel_numbers(row["channel"] for row in rows)
    for row in rows:
        start, end = parse_seconds(row["start"]), parse_seconds(row["end"])
        if start is not None and end is not None:  # digits beyond what a float holds are no time
            tally.add(Cue(start, end, _words(row["text"] or ""), row["speaker"], channels[row["channel"]]))
    return Transcript(tuple(tally.cues), tally.problems(), FORMAT.name)


def _rows(tally: Tally, text: str) -> Iterator[re.Match[str]]:
    for number, line in numbered_lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            tally.leave_out("bad_cue", f"line {number}: expected recording, channel, speaker, start, end and text")
        elif match["speaker"].lower() != _GAP and (match["text"] or "").strip().lower() != _NOT_SCORED:
            yield match


def _words(text: str) -> str:
    text = _MARKUP.sub(" ", _ALTERNATIVES.sub(r"\1", text))
    words = (word.removeprefix("(").removesuffix(")") if "(" not in word[1:] else word for word in text.split())
    return " ".join(word for word in words if word and word != "@")


FORMAT = Format("stm", (".stm",), sniff, read)
