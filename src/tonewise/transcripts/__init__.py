"""Timed transcripts in the formats people have, one small file a format.

To add a format: write one module with a `FORMAT`, name it in `registry.JSON_FORMATS` or `registry.TEXT_FORMATS`, and put a
transcript of one sentence into `tests/fuzz/seeds`.
"""

from __future__ import annotations

from tonewise.transcripts.registry import TRANSCRIPT_EXTENSIONS, formats, read_transcript, transcript_extensions
from tonewise.transcripts.transcript import Format, JsonFormat, Transcript

__all__ = [
    "TRANSCRIPT_EXTENSIONS",
    "Format",
    "JsonFormat",
    "Transcript",
    "formats",
    "read_transcript",
    "transcript_extensions",
]
