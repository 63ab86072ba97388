"""JSON lines, one object a line, perhaps gzipped: read one by one, so that no file fills the memory."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tonewise.errors import CorpusError
from tonewise.transcripts.json_text import storable

EXTENSIONS = (".jsonl", ".jsonl.gz")

#: Bytes of one line: a supervision has hundreds, and a few kilobytes of gzip may hold gigabytes.
MAX_LINE = 16 * 2**20


def is_json_lines(path: Path) -> bool:
    """Whether the extension is that of JSON lines."""
    return path.name.lower().endswith(EXTENSIONS) and path.is_file()


def plain_stem(path: Path) -> str:
    """The name without these extensions."""
    name = path.name
    for extension in (".gz", ".jsonl"):
        if name.lower().endswith(extension):
            name = name[: -len(extension)]
    return name


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers from 1, and objects.

    Raises:
        CorpusError: the file cannot be read, or a line is no JSON object or longer than `MAX_LINE`.
    """
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
            yield from _objects(path, stream)
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"{path}: cannot be read ({error}); expected JSON lines") from error


def _objects(path: Path, stream: IO[bytes] | gzip.GzipFile) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise CorpusError(f"{path}: line {number} is longer than {MAX_LINE >> 20} MiB; expected one object a line")
        if line.strip():
            yield number, _object(path, number, line)


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        item = json.loads(line)
        if b"\\ud" in line.lower():  # half of a surrogate pair, perhaps, which no table can hold
            item = json.loads(storable(json.dumps(item, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{path}: line {number} is no JSON ({error}); expected one object a line") from error
    if not isinstance(item, dict):
        raise CorpusError(f"{path}: line {number} is no JSON object; expected one a line")
    return item
