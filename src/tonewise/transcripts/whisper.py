"""JSON of Whisper, faster-whisper's and OpenAI's `verbose_json`, and whisper-timestamped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import objects
from tonewise.transcripts.segments import read_segments, segments_of
from tonewise.transcripts.transcript import JsonFormat, Transcript


def matches(data: Any) -> bool:
    """Whether there are `segments`, or a text alone; or it is a list of segments with times and text."""
    if isinstance(data, dict):
        return "segments" in data or "text" in data
    return any({"start", "end", "text"} <= segment.keys() for segment in objects(segments_of(data)))


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each segment; see `read_segments` for what may be missing."""
    return read_segments(path, data, FORMAT.name)


FORMAT = JsonFormat("whisper", matches, read)
