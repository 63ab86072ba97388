"""Transcripts of the Gridspace-Stanford Harper Valley corpus (https://github.com/cricketclub/gridspace-stanford-harper-valley).

A list of segments: `offset_ms` counts from the beginning of the recording (`start_ms` from that of the conversation),
channel 1 is the caller and 2 the agent, `human_transcript` is what people corrected. Words have times of the machine's
transcript only and no punctuation, so that a segment stays whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import MILLISECONDS, after, channel_number, objects, role, seconds, string
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether it is a list of segments with `offset_ms` and a human or machine transcript."""
    return any("offset_ms" in one and {"human_transcript", "transcript"} & one.keys() for one in objects(data))


def read(path: Path, data: Any) -> Transcript:
    """Read one cue a segment; the role (`agent`, `caller`) is the speaker."""
    tally = Tally(path)
    add_phrases(tally, map(_phrase, objects(data)), "en")
    return tally.transcript(FORMAT.name, "en", channels=2)


def _phrase(segment: dict[str, Any]) -> Phrase:
    return Phrase(
        string(segment.get("human_transcript")) or string(segment.get("transcript")),
        seconds(segment.get("offset_ms"), MILLISECONDS),
        after(segment.get("offset_ms"), segment.get("duration_ms"), MILLISECONDS),
        role(segment.get("speaker_role")),
        channel_number(segment.get("channel_index"), counted_from=1),
    )


FORMAT = JsonFormat("harpervalley", matches, read)
