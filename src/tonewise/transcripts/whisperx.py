"""JSON of WhisperX: segments with aligned words (`score`) and, after diarisation, speakers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, objects
from tonewise.transcripts.segments import read_segments
from tonewise.transcripts.transcript import JsonFormat, Transcript


def matches(data: Any) -> bool:
    """Whether there are `segments` and something in them is aligned or has a speaker."""
    segments = objects(child(data, "segments"))
    if isinstance(child(data, "segments"), list) and "word_segments" in data:
        return True
    return any(
        "speaker" in segment or any({"score", "speaker"} & word.keys() for word in objects(segment.get("words")))
        for segment in segments
    )


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each segment; see `read_segments` for what may be missing."""
    return read_segments(path, data, FORMAT.name)


FORMAT = JsonFormat("whisperx", matches, read)
