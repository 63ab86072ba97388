"""RTTM, who speaks when: `SPEAKER recording channel start duration <NA> <NA> name <NA> [<NA>]`. It holds no words.

https://github.com/nryant/dscore#rttm
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tonewise.errors import TranscriptError
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.decoding import read_text
from tonewise.transcripts.nist import channel_numbers, mostly, numbered_lines, own_recording
from tonewise.transcripts.transcript import Format, Transcript

#: Where a diarisation is looked for beside a recording.
EXTENSIONS = (".rttm",)

_TYPES = (
    "SPEAKER|SPKR-INFO|LEXEME|NON-LEX|NON-SPEECH|NOSCORE|NO_RT_METADATA|SEGMENT|SU|FILLER|EDIT|IP|CB|A/P|"
    "NOTE|FILLED_PAUSE"
)
_LINE = re.compile(rf"(?:{_TYPES})\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+(?:\s+\S+){{0,3}}")


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody speaks from `start` to `end` (seconds); `channel` counts from 0, None = not stated."""

    start: float
    end: float
    speaker: str
    channel: int | None = None


def sniff(path: Path, head: str) -> bool:
    """Whether most lines are RTTM."""
    return mostly(head, _LINE)


def read(path: Path, text: str) -> Transcript:
    """Raise `TranscriptError`: there is nothing in it that could be read as a transcript."""
    raise TranscriptError(
        f"{path}: an RTTM says who speaks when, but not what; put it beside a transcript of the same name, which takes its "
        "speakers from it"
    )


def read_turns(path: str | Path) -> tuple[Turn, ...]:
    """The turns of one recording, in the order of time.

    Raises `TranscriptError` for a file that is no RTTM, has a broken line, has nobody speaking, or has several recordings
    and none of its name.
    """
    path = Path(path)
    rows = []
    for number, line in numbered_lines(read_text(path)):
        if not _LINE.fullmatch(line):
            raise TranscriptError(
                f"{path}: line {number} is no RTTM; expected SPEAKER, recording, channel, start, duration …"
            )
        fields = line.split()
        if fields[0] == "SPEAKER":
            rows.append((number, fields))
    own = own_recording(path, (fields[1] for _, fields in rows), "turns")
    if own is None:
        raise TranscriptError(f"{path}: nobody speaks in this RTTM; expected lines that begin with SPEAKER")
    rows = [row for row in rows if row[1][1] == own]
    channels = channel_numbers(fields[2] for _, fields in rows)
    turns = [_turn(path, number, fields, channels[fields[2]]) for number, fields in rows]
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.end)))


def _turn(path: Path, number: int, fields: list[str], channel: int | None) -> Turn:
    start, duration = parse_seconds(fields[3]), parse_seconds(fields[4])
    if start is None or duration is None:
        raise TranscriptError(
            f"{path}: line {number} has no start and duration in seconds; diarise the recording again"
        )
    return Turn(start, start + duration, fields[7], channel)


FORMAT = Format("rttm", (), sniff, read)
