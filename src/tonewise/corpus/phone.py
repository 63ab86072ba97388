"""WUW-II (Këpuska): sentences that people said over the telephone, headerless μ-law clips and one table of all their words.

`transcriptions.txt` is `|`-separated, its header a comment; its times are those of the word that wakes a machine, not of the
sentence. Words carry marks: `{breath}`, `[click]`, `(( ))` for what nobody understood, `+word`, `^Name`, `_word`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows, locate
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Corpus, Problem
from tonewise.transcripts.decoding import decode_text, read_text

TABLE = "transcriptions.txt"
COLUMNS = ("Gender", "Dialect", "Phonetype", "Call", "File Name", "Ortho")

_HEAD = 4_096  # bytes that are looked at
_NOISES = re.compile(r"\{[^}]*\}|\[+[^\]]*\]+|\(\([^)]*\)\)")
_MARKS = re.compile(r"[+^*_~]")


def recognise(path: Path) -> bool:
    """Whether it is such a table, or the folder that it lies in."""
    return _table(path) is not None


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a clip, without marks; a recording is a call, and whoever calls is a speaker.

    The columns `gender`, `dialect` and `phonetype` say who called with what. A clip without words keeps its row. Raises
    `CorpusError` if no clip is there.
    """
    table = _table(path) or path
    try:
        header, *lines = (line for line in read_text(table).split("\n") if line.strip())
    except TranscriptError as error:
        raise CorpusError(str(error)) from error
    names = _names(header)
    split = [line.split("|", len(names) - 1) for line in lines]
    rows = [_row(dict(zip(names, fields, strict=True))) for fields in split if len(fields) == len(names)]
    there = locate((row["file"] for row in rows), [table.parent])
    for row in rows:
        row["audio"] = there.get(row["file"])
    bad = len(split) - len(rows)
    problems = (
        [Problem("bad_cue", str(path), f"a line without the {len(names)} fields of its header", bad)] if bad else []
    )
    return corpus_of_rows(path, LAYOUT.name, rows, problems, require_audio)


def plain_words(text: str) -> str | None:
    """What was said, without noises and marks; None where nothing is left."""
    return " ".join(_MARKS.sub("", _NOISES.sub(" ", text)).split()) or None


def _row(fields: dict[str, str]) -> dict[str, Any]:
    call = fields["Call"].strip()
    return {
        "audio": None,
        "file": fields["File Name"].strip(),
        "recording": f"call_{call}",
        "speaker": f"call_{call}",
        "language": "en",
        "text": plain_words(fields["Ortho"]),
        **{name.lower(): fields[name].strip() or None for name in ("Gender", "Dialect", "Phonetype")},
    }


def _table(path: Path) -> Path | None:
    file = path / TABLE if path.is_dir() else path
    if file.name != TABLE or not file.is_file():
        return None
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD).partition(b"\n")[0]
    except OSError:
        return None
    return file if set(COLUMNS) <= set(_names(decode_text(head) or "")) else None


def _names(header: str) -> list[str]:
    return [name.strip() for name in header.lstrip("# ").split("|")]


LAYOUT = Layout("phone", recognise, read)
