"""Common Voice of Mozilla: tables `validated.tsv`, `train.tsv` … and one clip a sentence in `clips/`.

https://github.com/common-voice/cv-dataset
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows, locate
from tonewise.corpus.tabular import column_names, is_table
from tonewise.records import Corpus, Problem

_COLUMNS = ("client_id", "path", "sentence")
_USER = ("age", "gender", "accents", "accent", "variant")
#: The tables that are read of a folder: all validated clips, else the official parts of them.
_TABLES = (("validated.tsv",), ("train.tsv", "dev.tsv", "test.tsv"))
_LANGUAGE = re.compile(r"common_voice_([A-Za-z]{2,3}(?:-[A-Za-z]+)*)_\d")
_MISSING = ("NA", "nan", "None")


def recognise(path: Path) -> bool:
    """Whether it is a table of tabs with Common Voice's columns, or a folder with one."""
    return bool(_tables(path))


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a clip; a speaker is a `client_id`, the language that of the clip's name or of `locale`.

    Clips lie in `clips/` or beside the table. Missing ones are left out and counted, as are lines without a sentence.
    Raises `CorpusError` if none is there.
    """
    tables = _tables(path)
    rows = {row["file"]: row for table in tables for row in _rows(table)}.values()
    files = locate((row["file"] for row in rows), (tables[0].parent / "clips", tables[0].parent))
    spoken = [{**row, "audio": files.get(row["file"])} for row in rows if row["text"]]
    silent = len(rows) - len(spoken)
    problems = [Problem("empty_cue", str(path), "a clip without a sentence", silent)] if silent else []
    return corpus_of_rows(path, LAYOUT.name, spoken, problems, require_audio)


def _tables(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if _is_ours(path) else []
    for names in _TABLES:
        found = [path / name for name in names if _is_ours(path / name)]
        if found:
            return found
    return []


def _is_ours(path: Path) -> bool:
    return path.suffix.lower() == ".tsv" and is_table(path) and set(_COLUMNS) <= set(column_names(path))


def _rows(table: Path) -> Iterator[dict[str, Any]]:
    """One row a line; the tables quote nothing, and a sentence may open a quotation."""
    with table.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
        names = next(lines).rstrip("\r\n").split("\t")
        for line in lines:
            fields = dict(zip(names, map(_unquoted, line.rstrip("\r\n").split("\t")), strict=False))
            if fields.get("path"):
                yield _row(fields)


def _unquoted(field: str) -> str | None:
    field = field.strip()
    if len(field) > 1 and field[0] == field[-1] == '"':  # some releases were written by pandas
        field = field[1:-1].replace('""', '"')
    return field or None


def _row(line: Mapping[str, str | None]) -> dict[str, Any]:
    clip = Path(line["path"] or "")
    file = str(clip) if clip.suffix else f"{clip}.mp3"  # the first releases left it out
    found = _LANGUAGE.match(clip.name)
    # Kept only where the table has it: releases differ.
    user = {name: None if line[name] in _MISSING else line[name] for name in _USER if name in line}
    return {
        "audio": None,
        "file": file,
        "recording": clip.stem,
        "speaker": line.get("client_id"),
        "language": found[1] if found else line.get("locale") or None,
        "text": line.get("sentence"),
        **user,
    }


LAYOUT = Layout("common_voice", recognise, read)
