"""JSON of Whisper, faster-whisper's and OpenAI's `verbose_json`, and whisper-timestamped."""

from __future__ import annotations

from pathlib import Path

from tonewise.transcripts.segments import read_segments, top_level_keys
from tonewise.transcripts.transcript import Format, Transcript

# Whisper writes the whole text first: in a recording of hours the segments begin beyond any head.
_BEFORE_SEGMENTS = {"task", "language", "duration", "text"}


def sniff(path: Path, head: str) -> bool:
    """Whether a JSON object has `segments` at its top, or begins as Whisper's does."""
    keys = top_level_keys(head)
    return "segments" in keys or ("text" in keys and keys <= _BEFORE_SEGMENTS)


def read(path: Path, text: str) -> Transcript:
    """Read one cue a segment; see `read_segments` for what may be missing."""
    return read_segments(path, text, FORMAT.name)


FORMAT = Format("whisper", (".json",), sniff, read)
