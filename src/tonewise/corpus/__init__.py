"""Where recordings and transcripts meet: manifests, folders and known corpora become one table of utterances.

To add a layout: write one module with a `LAYOUT` and name it in `registry.LAYOUTS`.
"""

from __future__ import annotations

from tonewise.corpus.files import AUDIO_EXTENSIONS
from tonewise.corpus.folder import transcript_names
from tonewise.corpus.registry import layouts, read_corpus
from tonewise.corpus.table import table_of_rows
from tonewise.corpus.times import MIN_SECONDS, check_times

__all__ = [
    "AUDIO_EXTENSIONS",
    "MIN_SECONDS",
    "check_times",
    "layouts",
    "read_corpus",
    "table_of_rows",
    "transcript_names",
]
