"""Timed transcripts in the formats people have, one small file a format.

To add a format: write one module with a `FORMAT`, name it in `registry.JSON_FORMATS` or `registry.TEXT_FORMATS`, and put a
transcript of one sentence into `tests/fuzz/seeds`.
"""

from __future__ import annotations

from tonewise.transcripts.registry import TRANSCRIPT_EXTENSIONS, formats, read_transcript
from tonewise.transcripts.transcript import Format, Transcript

__all__ = ["TRANSCRIPT_EXTENSIONS", "Format", "Transcript", "formats", "read_transcript"]
