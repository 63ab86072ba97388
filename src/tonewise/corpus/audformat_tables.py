"""Tables of audformat databases: CSV or Parquet, and never a pickle."""

from __future__ import annotations

import csv
import io
import math
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from tonewise.errors import CorpusError, TranscriptError
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.decoding import read_text

Columns = dict[str, list[Any]]

#: Columns that say of which part of which file a row is.
KEYS = ("file", "start", "end")

# As pandas writes timedeltas: "0 days 00:00:01.500000".
_TIMEDELTA = re.compile(r"(?:(?P<days>-?\d{1,9})\s*days?\s*\+?)?\s*(?P<clock>\S+)?")
_NAME = re.compile(r"[^/\\\0]+")


def read_columns(folder: Path, name: str, *, required: bool = True) -> Columns:
    """The columns of a table in the order of the file; empty cells are None.

    Raises:
        CorpusError: there is no such table that can be read, unless it is not `required`.
    """
    if not _NAME.fullmatch(name):
        raise CorpusError(f"{folder}: {name!r} is no name of a table")
    table = folder / f"db.{name}.csv"
    if table.is_file():
        return _read_csv(table)
    if table.with_suffix(".parquet").is_file():
        return _read_parquet(table.with_suffix(".parquet"))
    if not required:
        return {}
    pickled = table.with_suffix(".pkl")
    if pickled.is_file():
        raise CorpusError(
            f"{pickled} is a pickle, and loading one runs code; save the database with storage_format='csv'"
        )
    raise CorpusError(f"{table} is missing")


def timedelta_seconds(value: Any) -> float | None:
    """Seconds of a timedelta, of what pandas writes for one, or of a clock time; None where it is none."""
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return seconds if math.isfinite(seconds) else None
    match = _TIMEDELTA.fullmatch(str(value).strip()) if value is not None else None
    if match is None or not (match["days"] or match["clock"]):
        return None
    clock = parse_seconds(match["clock"] or "0")
    return None if clock is None else clock + 86_400 * int(match["days"] or 0)


def _read_csv(table: Path) -> Columns:
    try:
        rows = list(csv.reader(io.StringIO(read_text(table))))
    except (csv.Error, TranscriptError) as error:
        raise CorpusError(f"{table}: cannot be read as a table ({error})") from error
    names, *body = [row for row in rows if row]
    for row in body:
        if len(row) != len(names):
            raise CorpusError(f"{table}: a row of {len(row)} fields below a header of {len(names)}; save it again")
    return {name: [row[position] or None for row in body] for position, name in enumerate(names)}


def _read_parquet(table: Path) -> Columns:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = pq.ParquetFile(table).read()
        return {name: content[name].to_pylist() for name in content.column_names}
    except (OSError, ValueError, pa.ArrowException) as error:
        raise CorpusError(f"{table}: cannot be read as Parquet ({error})") from error
