"""What SRT and WebVTT have in common.

The parsers are our own: a cue is two regular expressions, while a library would have to keep voice tags as
speakers, bear every oddity of both formats in one way, and tell the line of each cue that it leaves out.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tonewise.records import Cue
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.transcript import Tally

_CLOCK = r"-?(?:\d+:){1,2}\d+(?:[.,]\d+)?"
# Cue settings (WebVTT) or coordinates (SRT) may follow the end.
_TIMING = re.compile(rf"\s*(?P<start>{_CLOCK})\s*-->\s*(?P<end>{_CLOCK})(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+(?P<name>[^<>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[\d:.,]+>|</>|\{\\[^{}]*\}")
# Only with a semicolon: "R&Design" is no registered sign.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
# The prefix that WhisperX gives to subtitles of diarised transcripts.
_LABEL = re.compile(r"\[(?P<name>[^\[\]]{1,80})\]:\s+")
# The prefix of Zoom, Google Meet and captioners: a name of up to five words that is no part of a sentence.
_NAME = re.compile(r"(?:>>\s*)?(?P<name>[^\W\d_][^\s:.?!,;]*\.?(?: [^\s:?!,;]+){0,4}):\s+(?=\S)")
_MOST = 0.9  # share of cues that begin with a name where names are a habit of the writer


def plain_text(markup: str) -> tuple[str, str | None]:
    """Text without tags, entities and line breaks, and its speaker.

    The speaker is that of a voice tag `<v Name>` or of a prefix `[NAME]: `. A cue that several voices share
    has no single speaker: None.
    """
    names = {_unescape(match["name"]).strip() for match in _VOICE.finditer(markup)}
    text = " ".join(_unescape(_TAG.sub("", markup)).split())
    label = _LABEL.match(text)
    if not names and label:
        return text[label.end() :], label["name"].strip()
    return text, names.pop() if len(names) == 1 else None


def add_cue(tally: Tally, number: int, timing: str, lines: list[str]) -> None:
    """Turn a timing line (line `number` of the file, from 1) and the lines below it into a cue of `tally`."""
    times = cue_times(tally, number, timing)
    if times is not None:
        text, speaker = plain_text("\n".join(lines))
        tally.add(Cue(*times, text, speaker))


def cue_times(tally: Tally, number: int, timing: str) -> tuple[float, float] | None:
    """Start and end in seconds of a timing line; None, and counted in `tally`, where it is broken."""
    match = _TIMING.fullmatch(timing)
    start, end = (parse_seconds(match[side]) if match else None for side in ("start", "end"))
    if start is None or end is None:
        tally.leave_out("bad_cue", f"line {number}: expected 'start --> end', found {timing.strip()[:60]!r}")
        return None
    return start, end


def named_speakers(cues: Sequence[Cue]) -> list[Cue]:
    """Cues whose text begins with the speaker's name (`Ann Lee: Hello.`) get it as their speaker, as Zoom writes it.

    Only where nine in ten of two cues or more do so and some name comes back: "Remember this: …" is a sentence.
    """
    matches = [None if cue.speaker else _NAME.match(cue.text) for cue in cues]
    names = Counter(match["name"] for match in matches if match)
    habit = names.total() >= max(2, _MOST * len(cues)) and max(names.values(), default=0) > 1
    if not habit:
        return list(cues)
    return [
        replace(cue, text=cue.text[match.end() :], speaker=match["name"]) if match else cue
        for cue, match in zip(cues, matches, strict=True)
    ]


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)
