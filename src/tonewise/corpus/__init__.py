"""Where recordings and transcripts meet: manifests, folders and known corpora become one table of utterances.

To add a layout: write one module with a `LAYOUT` and name it in `registry.LAYOUTS`.
"""

from __future__ import annotations

from tonewise.corpus.beside import read_beside, transcript_names
from tonewise.corpus.channels import check_channels
from tonewise.corpus.files import AUDIO_EXTENSIONS, files_below, has_text_name, is_recording, recordings_below
from tonewise.corpus.folder import transcript_rows
from tonewise.corpus.layout import Layout
from tonewise.corpus.registry import layouts, read_corpus
from tonewise.corpus.times import MIN_SECONDS, check_times
from tonewise.corpus.utterance_table import table_of_rows

__all__ = [
    "AUDIO_EXTENSIONS",
    "MIN_SECONDS",
    "Layout",
    "check_channels",
    "check_times",
    "files_below",
    "has_text_name",
    "is_recording",
    "layouts",
    "read_beside",
    "read_corpus",
    "recordings_below",
    "table_of_rows",
    "transcript_names",
    "transcript_rows",
]
