"""audformat databases of audEERING: a header `db.yaml` and tables `db.<name>.csv` or `.parquet`.

Read without the library `audformat`, which prefers tables as pickles (`.pkl`), and loading a pickle runs code. The YAML is
read by PyYAML's safe loader. https://audeering.github.io/audformat/data-introduction.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.corpus.audformat_tables import KEYS, Columns, read_columns, timedelta_seconds
from tonewise.corpus.iso_languages import language_tag
from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows, locate
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import UTTERANCE_COLUMNS, Corpus
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.decoding import read_text
from tonewise.transcripts.json_text import string

#: Bytes of a header: those of large databases have some hundred kilobytes, each of which takes 7 ms to parse.
MAX_HEADER = 4_000_000

_HEADER = "db.yaml"
_TEXTS = ("transcription", "transcript", "text", "sentence", "utterance", "words")

Key = tuple[str, float | None, float | None]  # file, start and end in seconds; None, since no NaN equals another


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of all tables that have it: values by row, labels resolved."""

    scheme: str | None
    values: dict[Key, Any]


def recognise(path: Path) -> bool:
    """Whether it is a folder with a header, or the header itself."""
    header = path / _HEADER if path.is_dir() else path
    return header.name == _HEADER and header.is_file()


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a row of the tables that have a column of transcriptions; other tables add their columns.

    A column is one of transcriptions by its own name or its scheme's; label ids are resolved through the scheme. Columns
    are joined by file and times, else by file. Attributes of speakers (in labels or a misc table) become columns; language
    is the speaker's, else the database's only one. Raises `CorpusError` if nothing is left.
    """
    folder = path if path.is_dir() else path.parent
    header = _header(folder / _HEADER)
    tables = _tables(folder, header)
    texts = _text_column(tables)
    if texts is None:
        raise CorpusError(
            f"{path}: no table has a column of what is said; expected one called {', '.join(_TEXTS[:-1])} or {_TEXTS[-1]}"
        )
    rows = _rows(folder, header, tables, tables[texts].values)
    files = locate((row["file"] for row in rows), (folder,))
    for row in rows:
        row["audio"] = files.get(row["file"])
    return corpus_of_rows(path, LAYOUT.name, rows, (), require_audio)


def _header(file: Path) -> dict[str, Any]:
    import yaml

    if file.stat().st_size > MAX_HEADER:
        raise CorpusError(f"{file}: larger than {MAX_HEADER // 10**6} MB; expected a header, with the data in tables")
    try:
        header = yaml.safe_load(read_text(file))
    except (TranscriptError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise CorpusError(
            f"{file}: cannot be read as YAML ({error}); expected the header of an audformat database"
        ) from error
    if not isinstance(header, dict) or not isinstance(header.get("tables"), dict):
        raise CorpusError(f"{file}: no list of tables in it; expected the header of an audformat database")
    return header


def _tables(folder: Path, header: Mapping[str, Any]) -> dict[str, _Column]:
    """All columns of all tables by name."""
    columns: dict[str, _Column] = {}
    for name, table in header["tables"].items():
        content = read_columns(folder, str(name))
        if "file" not in content:
            raise CorpusError(f"{folder}: table {name!r} has no column 'file'; expected a filewise or segmented table")
        keys = _keys(content)
        described = _mapping(_mapping(table).get("columns"))
        for column, values in content.items():
            if column in KEYS:
                continue
            scheme = _mapping(described.get(column)).get("scheme_id")
            labels, number = _labels(header, scheme), _is_number(header, scheme)
            into = columns.setdefault(column, _Column(str(scheme) if scheme else None, {})).values
            for key, value in zip(keys, values, strict=True):
                if value is not None:
                    into.setdefault(key, labels.get(str(value), parse_seconds(value) if number else value))
    return columns


def _keys(content: Columns) -> list[Key]:
    """What identifies each row: file, start and end for a part of a file, else the file alone."""
    files = [str(file) for file in content["file"]]
    if "start" not in content:
        return [(file, None, None) for file in files]
    times = zip(content["start"], content.get("end", [None] * len(files)), strict=True)
    return [
        (file, timedelta_seconds(start), timedelta_seconds(end))
        for file, (start, end) in zip(files, times, strict=True)
    ]


def _labels(header: Mapping[str, Any], scheme: Any) -> dict[str, str]:
    """Texts by id of a scheme whose labels are such."""
    labels = _mapping(_mapping(_mapping(header.get("schemes")).get(scheme)).get("labels"))
    return {str(key): value for key, value in labels.items() if isinstance(value, str)}


def _is_number(header: Mapping[str, Any], scheme: Any) -> bool:
    """Whether a scheme holds numbers; those with labels hold names, whatever their type."""
    described = _mapping(_mapping(header.get("schemes")).get(scheme))
    return described.get("dtype") in ("float", "int") and "labels" not in described


def _text_column(columns: Mapping[str, _Column]) -> str | None:
    for text in _TEXTS:
        for name, column in columns.items():
            if text in (name.lower(), (column.scheme or "").lower()):
                return name
    return None


def _rows(
    folder: Path, header: Mapping[str, Any], columns: Mapping[str, _Column], texts: Mapping[Key, Any]
) -> list[dict[str, Any]]:
    people = _speakers(folder, header, columns.get("speaker"))
    spoken = header.get("languages")
    only = language_tag(spoken[0]) if isinstance(spoken, list) and len(spoken) == 1 else None
    user = [name for name in columns if columns[name].values is not texts and name not in UTTERANCE_COLUMNS]
    attributes = dict.fromkeys(name for person in people.values() for name in person)
    rows = []
    for key, text in texts.items():
        speaker = _value(columns.get("speaker"), key)
        person = people.get(str(speaker), {})
        language = _value(columns.get("language"), key) or person.get("language")
        rows.append(
            {
                "audio": None,
                "file": key[0],
                "recording": str(Path(key[0]).with_suffix("")) if Path(key[0]).name else key[0],
                "start": math.nan if key[1] is None else key[1],
                "end": math.nan if key[2] is None else key[2],
                "speaker": None if speaker is None else str(speaker),
                "language": language_tag(language) or only,
                "text": string(text) or None,
                **{name: _value(columns[name], key) for name in user},
                **{name: person.get(name) for name in attributes if name not in (*UTTERANCE_COLUMNS, *user)},
            }
        )
    return rows


def _value(column: _Column | None, key: Key) -> Any:
    if column is None:
        return None
    found = column.values.get(key)
    return column.values.get((key[0], None, None)) if found is None else found


def _speakers(folder: Path, header: Mapping[str, Any], column: _Column | None) -> dict[str, dict[str, Any]]:
    """Attributes by speaker, of the scheme's labels or of the misc table that they name."""
    scheme = (column.scheme if column else None) or "speaker"
    labels = _mapping(_mapping(header.get("schemes")).get(scheme)).get("labels")
    if isinstance(labels, dict):
        return {str(name): value for name, value in labels.items() if isinstance(value, dict)}
    if not isinstance(labels, str) or labels not in _mapping(header.get("misc_tables")):
        return {}
    content = read_columns(folder, labels, required=False)
    index: Sequence[Any] = next(iter(content.values()), ())
    rest = list(content)[1:]
    return {str(name): {column: content[column][row] for column in rest} for row, name in enumerate(index)}


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


LAYOUT = Layout("audformat", recognise, read)
