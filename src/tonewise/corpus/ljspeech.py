"""LJSpeech and the many corpora that copy it: `metadata.csv` with `id|text` or `id|raw|normalised`, and `wavs/<id>.wav`.

The table has no header and no quotes. https://keithito.com/LJ-Speech-Dataset/
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.corpus.files import is_recording, recordings_in
from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import UTTERANCE_COLUMNS, Corpus, Problem
from tonewise.transcripts.decoding import decode_text, read_text

_NAMES = ("metadata.csv", "metadata.txt")
_FOLDERS = ("wavs", "wav", "")
_HEAD = 65_536  # bytes that are looked at
_SNIFFED = 20  # lines


def recognise(path: Path) -> bool:
    """Whether it is such a table, or a folder with one called `metadata.csv`."""
    return _table(path) is not None


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a line, in its normalised form where there is one; who speaks is not said.

    Clips lie in `wavs/`, `wav/` or beside the table. Missing ones are left out and counted. Raises `CorpusError` if none
    is there.
    """
    table = _table(path) or path
    rows, bad = _rows(table)
    clips = _clips(table.parent)
    for row in rows:
        row["audio"] = clips.get(row["file"]) or clips.get(Path(row["file"]).name)
    problems = [Problem("bad_cue", str(path), "a line without an id and a text between bars", bad)] if bad else []
    return corpus_of_rows(path, LAYOUT.name, rows, problems, require_audio)


def _table(path: Path) -> Path | None:
    candidates = [path / name for name in _NAMES] if path.is_dir() else [path]
    return next((file for file in candidates if file.suffix.lower() in (".csv", ".txt") and _is_ours(file)), None)


def _is_ours(file: Path) -> bool:
    """Whether all of the first lines are an id and one or two texts between bars, and the first line is no header."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return False
    text = decode_text(head[: head.rfind(b"\n") + 1] or head) or ""
    lines = [line.split("|") for line in text.split("\n") if line.strip()][:_SNIFFED]
    header = {name.strip().lower() for name in lines[0]} if lines else set()
    widths = {len(fields) for fields in lines}
    ids = [fields[0] for fields in lines]
    return (
        bool(lines)
        and widths in ({2}, {3})
        and not header & {*UTTERANCE_COLUMNS, "id", "wav", "file", "path"}
        and len(set(ids)) == len(ids)
        and all(name and not any(char.isspace() for char in name) for name in ids)
    )


def _rows(table: Path) -> tuple[list[dict[str, Any]], int]:
    """Rows, and how many lines are none."""
    try:
        lines = [line for line in read_text(table).split("\n") if line.strip()]
    except TranscriptError as error:
        raise CorpusError(str(error)) from error
    rows, bad = [], 0
    for line in lines:
        name, *texts = (part.strip() for part in line.split("|"))
        text = next((text for text in reversed(texts[:2]) if text), None)
        if name and text:
            clip = Path(name)
            recording = clip.stem if is_recording(clip) else clip.name or name  # an id may have dots: "ann.001"
            rows.append({"audio": None, "file": name, "recording": recording, "text": text})
        else:
            bad += 1
    return rows, bad


def _clips(folder: Path) -> dict[str, str]:
    """Absolute paths of clips by name, with extension and without."""
    clips: dict[str, str] = {}
    for name in _FOLDERS:
        for file in recordings_in(folder / name):
            clips.setdefault(file.name, str(file.absolute()))
            clips.setdefault(file.stem, str(file.absolute()))
    return clips


LAYOUT = Layout("ljspeech", recognise, read)
