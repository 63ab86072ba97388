"""CTM, the words of a recogniser or aligner: `recording channel start duration word [confidence [type [speaker]]]`.

https://github.com/usnistgov/SCTK/blob/master/doc/infmts.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.nist import channel_numbers, mostly, numbered_lines, own_recording
from tonewise.transcripts.sentences import TimedWord, sentences_of
from tonewise.transcripts.tiers import is_silence
from tonewise.transcripts.transcript import Format, Tally, Transcript

_TIME = r"(?:\d+(?:\.\d*)?|\.\d+|\*)"
_LINE = re.compile(rf"\S+\s+(?:\d{{1,3}}|[A-Za-z])\s+{_TIME}\s+{_TIME}\s+\S+(?:\s+\S+){{0,3}}")
_NO_WORD = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|@")
_TYPES = frozenset({"noise", "non-speech", "non-lex", "misc"})


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    recording: str
    channel: str
    start: str
    duration: str
    word: str
    type: str | None
    speaker: str | None


def sniff(path: Path, head: str) -> bool:
    """Whether most lines have a channel, two times and a word."""
    return mostly(head, _LINE)


def read(path: Path, text: str) -> Transcript:
    """Read the words of one recording and make sentences of them.

    Of alternatives (`<ALT>`) the first is taken; noises are no words; words without times are left out as `untimed`.
    Raises `TranscriptError` where the file has several recordings and none of its name.
    """
    tally = Tally(path)
    rows = list(_first_alternatives(_rows(tally, text)))
    own = own_recording(path, (row.recording for row in rows), "words")
    rows = [row for row in rows if row.recording == own]
    channels = channel_numbers(row.channel for row in rows)
    words = [word for row in rows if (word := _word(tally, row, channels[row.channel]))]
    for cue in sentences_of(sorted(words, key=lambda word: word.start)):
        tally.add(cue)
    return Transcript(tuple(tally.cues), tally.problems(), FORMAT.name)


def _rows(tally: Tally, text: str) -> Iterator[_Row]:
    for number, line in numbered_lines(text):
        fields = line.split()
        if len(fields) < 5:
            tally.leave_out("bad_cue", f"line {number}: expected recording, channel, start, duration and word")
            continue
        recording, channel, start, duration, word = fields[:5]
        kind, speaker = (*fields[6:8], None, None)[:2]
        yield _Row(number, recording, channel, start, duration, word, kind, speaker)


def _first_alternatives(rows: Iterator[_Row]) -> Iterator[_Row]:
    first = True
    for row in rows:
        marker = row.word.upper()
        if marker in ("<ALT_BEGIN>", "<ALT>", "<ALT_END>"):
            first = marker != "<ALT>"
        elif first:
            yield row


def _word(tally: Tally, row: _Row, channel: int | None) -> TimedWord | None:
    if is_silence(row.word) or _NO_WORD.fullmatch(row.word) or (row.type or "").lower() in _TYPES:
        return None
    start, duration = parse_seconds(row.start), parse_seconds(row.duration)
    if start is None or duration is None:
        tally.leave_out("untimed", f"line {row.line}: the word {row.word[:40]!r} has no start and duration")
        return None
    speaker = None if row.speaker in (None, "<NA>", "null", "unknown") else row.speaker
    word = row.word.removeprefix("(").removesuffix(")") if len(row.word) > 2 else row.word  # it may be missing
    return TimedWord(word, start, round(start + duration, 9), speaker, channel)


FORMAT = Format("ctm", (".ctm",), sniff, read)
