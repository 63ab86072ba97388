"""JSON of WhisperX: segments with aligned words (`score`) and, after diarisation, speakers."""

from __future__ import annotations

import re
from pathlib import Path

from tonewise.transcripts.segments import read_segments, top_level_keys
from tonewise.transcripts.transcript import Format, Transcript

_ALIGNED = re.compile(r'"(?:score|speaker|word_segments)"\s*:')


def sniff(path: Path, head: str) -> bool:
    """Whether a JSON object has `segments` at its top and something in it is aligned or has a speaker."""
    return "segments" in top_level_keys(head) and _ALIGNED.search(head) is not None


def read(path: Path, text: str) -> Transcript:
    """Read one cue a segment; see `read_segments` for what may be missing."""
    return read_segments(path, text, FORMAT.name)


FORMAT = Format("whisperx", (".json",), sniff, read)
