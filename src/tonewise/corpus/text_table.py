"""Tables of texts without recordings, for labelling."""

from __future__ import annotations

from pathlib import Path

from tonewise.corpus import manifest
from tonewise.corpus.layout import Layout
from tonewise.corpus.tabular import column_names, is_table, read_tabular
from tonewise.records import Corpus


def recognise(path: Path) -> bool:
    """Whether it is a table with a column `text` and none `audio`."""
    if not is_table(path):
        return False
    names = column_names(path)
    return "text" in names and "audio" not in names


def read(path: Path, require_audio: bool) -> Corpus:
    """Read a table of texts; all rows are kept, in their order. Raises `CorpusError` if audio is required."""
    if require_audio:
        return manifest.read(path, require_audio)  # which says what is missing
    return manifest.corpus_of(path, read_tabular(path), LAYOUT.name, require_audio=False)


LAYOUT = Layout("text", recognise, read)
