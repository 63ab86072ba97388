"""Which layouts there are, and which one a corpus is in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tonewise import plugins
from tonewise.corpus import (
    audformat,
    common_voice,
    earnings,
    folder,
    harpervalley,
    kaldi,
    lhotse,
    ljspeech,
    manifest,
    meld,
    mosei,
    phone,
    text_table,
)
from tonewise.corpus.files import is_recording
from tonewise.corpus.layout import Layout
from tonewise.errors import CorpusError, PluginError
from tonewise.records import Corpus

_log = logging.getLogger(__name__)

#: In the order of recognition: known corpora by names that nothing else has, then tables (one without recordings before a
#: manifest, which takes any table), and last any folder.
LAYOUTS: tuple[Layout, ...] = (
    mosei.LAYOUT,
    earnings.LAYOUT,
    meld.LAYOUT,
    harpervalley.LAYOUT,
    audformat.LAYOUT,
    lhotse.LAYOUT,
    kaldi.LAYOUT,
    phone.LAYOUT,
    common_voice.LAYOUT,
    ljspeech.LAYOUT,
    text_table.LAYOUT,
    manifest.LAYOUT,
    folder.LAYOUT,
)

#: These take any table and any folder: plug-ins are asked before them.
_GENERAL = (text_table.LAYOUT, manifest.LAYOUT, folder.LAYOUT)


def layouts() -> tuple[str, ...]:
    """Names of the layouts that can be read, in the order of recognition."""
    known = [layout.name for layout in LAYOUTS]
    general = known.index(_GENERAL[0].name)
    return (*known[:general], *plugins.names(plugins.LAYOUTS, known), *known[general:])


def read_corpus(
    path: str | Path, *, require_audio: bool = True, base: str | None = None, transcript_format: str | None = None
) -> Corpus:
    """Read a corpus in whatever layout it is: a manifest, a folder of recordings with transcripts, a known corpus.

    With `require_audio=False` a table needs no recordings, and rows without one are kept, in their order. Paths
    in a manifest that was copied from an address count from there: `base`. Recordings at addresses are taken to
    be there. Transcripts beside the recordings of a folder are read as `transcript_format`, None = by their content.
    Times are as stated: `check_times` makes them fit the recordings. Raises `CorpusError`.
    """
    source, path = str(path), Path(path)
    if not path.exists():
        raise CorpusError(f"{source}: no such file or folder; expected a manifest (CSV or Parquet) or a folder")
    try:
        corpus = _read(path, require_audio, base, transcript_format)
    except OSError as error:
        where = "" if error.filename in (None, str(path)) else f"{error.filename}: "
        raise CorpusError(f"{source}: {where}{error.strerror or error}; expected files that can be read") from error
    if corpus.utterances.empty:
        reason = corpus.problems[0].detail if corpus.problems else "its transcripts are empty"
        raise CorpusError(f"{source}: not one utterance can be used ({reason})")
    return replace(corpus, source=source)


def _in_order() -> Iterator[Layout]:
    """Our own layouts; those of plug-ins, imported only where no known corpus was recognised, before the general ones."""
    own = {layout.name for layout in LAYOUTS}
    plugins.tell_hidden(plugins.LAYOUTS, own)
    yield from (layout for layout in LAYOUTS if layout not in _GENERAL)
    for name in plugins.names(plugins.LAYOUTS, own):
        try:
            plugin = plugins.find(plugins.LAYOUTS, name, own)
            if plugin is not None:
                yield plugins.load_record(plugin, Layout)
        except PluginError as error:  # nobody asked for it by name
            _log.warning("%s", error)
    yield from _GENERAL


def _read(path: Path, require_audio: bool, base: str | None, transcript_format: str | None) -> Corpus:
    if path.is_dir():
        next(path.iterdir(), None)  # of a folder that cannot be listed some would say that it is empty
    layout = next((layout for layout in _in_order() if layout.recognise(path)), None)
    if layout is None:
        raise CorpusError(_unknown(path))
    if layout is manifest.LAYOUT:
        return manifest.read(path, require_audio, base)
    if layout is folder.LAYOUT:
        return folder.read(path, require_audio, transcript_format)
    return layout.read(path, require_audio)


def _unknown(path: Path) -> str:
    if is_recording(path):
        return f"{path}: a recording; give its folder, with a transcript of its name beside it, or a manifest"
    return f"{path}: no known corpus layout; expected a .csv or .parquet table, or a folder with recordings"
