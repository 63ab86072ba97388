"""Which layouts there are, and which one a corpus is in."""

from __future__ import annotations

from pathlib import Path

from tonewise.corpus import earnings, folder, manifest, meld, mosei, text_table
from tonewise.corpus.files import is_recording
from tonewise.corpus.layout import Layout
from tonewise.errors import CorpusError
from tonewise.records import Corpus

#: In the order of recognition: known corpora by names that nothing else has, then tables (one without
#: recordings before a manifest, which takes any table), and last any folder.
LAYOUTS: tuple[Layout, ...] = (
    mosei.LAYOUT,
    earnings.LAYOUT,
    meld.LAYOUT,
    text_table.LAYOUT,
    manifest.LAYOUT,
    folder.LAYOUT,
)


def layouts() -> tuple[str, ...]:
    """Names of the layouts that can be read."""
    return tuple(layout.name for layout in LAYOUTS)


def read_corpus(path: str | Path, *, require_audio: bool = True) -> Corpus:
    """Read a corpus in whatever layout it is: a manifest, a folder of recordings with transcripts, a known
    corpus.

    With `require_audio=False` a table needs no recordings, and rows without one are kept, in their order.
    Times are as stated: `check_times` makes them fit the recordings. Raises `CorpusError`.
    """
    source, path = str(path), Path(path)
    if not path.exists():
        raise CorpusError(f"{source}: no such file or folder; expected a manifest (CSV or Parquet) or a folder")
    for layout in LAYOUTS:
        if layout.recognise(path):
            corpus = layout.read(path, require_audio)
            break
    else:
        raise CorpusError(_unknown(path))
    if corpus.utterances.empty:
        reason = corpus.problems[0].detail if corpus.problems else "its transcripts are empty"
        raise CorpusError(f"{source}: not one utterance can be used ({reason})")
    return Corpus(source, corpus.layout, corpus.utterances, corpus.problems)


def _unknown(path: Path) -> str:
    if is_recording(path):
        return f"{path}: a recording; give its folder, with a transcript of its name beside it, or a manifest"
    return f"{path}: no known corpus layout; expected a .csv or .parquet table, or a folder with recordings"
