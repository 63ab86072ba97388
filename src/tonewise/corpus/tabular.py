"""Tables as people bring them: CSV with any usual delimiter and encoding, or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import CorpusError
from tonewise.records import UTTERANCE_COLUMNS
from tonewise.transcripts.decoding import decode_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARQUET_EXTENSIONS = (".parquet", ".pq")
CSV_EXTENSIONS = (".csv", ".tsv", ".txt")
_DELIMITERS = ",;\t|"
_HEAD = 65_536  # bytes in which the header is looked for
# What an empty cell is written as in the user's own columns; in ours "NA" is a word and "nan" a language.
_MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>"]


@dataclass(frozen=True, slots=True)
class Tabular:
    """A table: known columns as stripped text or None (Parquet's times stay float64), the user's in `user`.

    `decimal_comma`: semicolons separate its cells, so that a comma in a number is its point.
    """

    known: dict[str, pd.Series]
    user: pd.DataFrame
    decimal_comma: bool = False

    def __len__(self) -> int:
        return len(self.user)


def is_table(path: Path) -> bool:
    """Whether the extension is that of a table."""
    return path.is_file() and path.suffix.lower() in (*PARQUET_EXTENSIONS, *CSV_EXTENSIONS)


def column_names(path: Path) -> list[str]:
    """Names of the columns, known ones in lower case; none where the file is no table."""
    try:
        if path.suffix.lower() in PARQUET_EXTENSIONS:
            names = _parquet_names(path)
        else:
            with path.open("rb") as file:
                names = _header(_decoded_head(file.read(_HEAD)))[1]
    except (OSError, ValueError):
        return []
    return _known_names(names)


def read_tabular(path: Path, known: Collection[str] = UTTERANCE_COLUMNS) -> Tabular:
    """Read a CSV or Parquet file; `known` columns are read as text.

    Raises `CorpusError` for a file that is missing, empty, binary, ragged or broken.
    """
    if path.suffix.lower() in PARQUET_EXTENSIONS:
        return _read_parquet(path, known)
    return _read_csv(path, known)


def _read_csv(path: Path, known: Collection[str]) -> Tabular:
    import pandas as pd

    text = _text(path)
    delimiter, header = _header(text)
    names = _known_names(header)
    user = [name for name in names if name not in known]
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            names=names,
            header=0,
            dtype={name: str for name in names if name in known},
            keep_default_na=False,
            na_values=dict.fromkeys(user, _MISSING),
            skipinitialspace=True,
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise CorpusError(
            f"{path}: cannot be read as a table ({error}); put texts with {delimiter!r} in quotes"
        ) from error
    # pandas takes fields that the header has no name for as row labels.
    if not isinstance(frame.index, pd.RangeIndex):
        raise CorpusError(f"{path}: rows have more fields than the header; put texts with {delimiter!r} in quotes")
    columns = {name: _objects(frame[name], _clean) for name in names if name in known}
    return Tabular(columns, frame[user], decimal_comma=delimiter == ";")


def _text(path: Path) -> str:
    try:
        text = decode_text(path.read_bytes())
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror}; expected a CSV or Parquet file") from error
    if text is None:
        raise CorpusError(f"{path}: a binary file, expected a CSV or Parquet file")
    if not text.strip():
        raise CorpusError(f"{path}: the file is empty, expected a table with a header")
    return text


def _decoded_head(head: bytes) -> str:
    # The head may end within a character; the header does not.
    end = max(head.rfind(b"\n"), head.rfind(b"\r"))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2]
    elif end > 0:
        head = head[:end]
    return decode_text(head) or ""


def _header(text: str) -> tuple[str, list[str]]:
    """The delimiter that gives the most known columns, then the most columns; and their names."""
    best: tuple[str, list[str]] = (",", [])
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
        try:
            names = next((row for row in reader if row), [])
        except csv.Error:  # a field too long for a header
            continue
        if _rank(names) > _rank(best[1]):
            best = (delimiter, names)
    return best


def _rank(names: list[str]) -> tuple[int, int]:
    return sum(name in UTTERANCE_COLUMNS for name in _known_names(names)), len(names)


def _known_names(names: list[str]) -> list[str]:
    """Unique names, known ones recognised in any case; a second one of a name gets a number."""
    stripped = [str(name).strip() for name in names]
    result: list[str] = []
    for position, name in enumerate(stripped):
        lower = name.lower()
        known = lower in UTTERANCE_COLUMNS and lower not in result and lower not in stripped[position + 1 :]
        unique = chosen = lower if known else name or f"column_{position + 1}"
        number = 1
        while unique in result:
            number += 1
            unique = f"{chosen}.{number}"
        result.append(unique)
    return result


def _read_parquet(path: Path, known: Collection[str]) -> Tabular:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
        table = table.rename_columns(_known_names(table.column_names))
        columns = {name: _parquet_column(table[name], name) for name in table.column_names if name in known}
    except (OSError, pa.ArrowException) as error:
        raise CorpusError(f"{path}: cannot be read as Parquet ({error})") from error
    # pandas stores row labels as columns of such names.
    user = [name for name in table.column_names if name not in known and not name.startswith("__index_level_")]
    return Tabular(columns, table.select(user).to_pandas(ignore_metadata=True))


def _parquet_names(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _parquet_column(column: pa.ChunkedArray, name: str) -> pd.Series:
    """Numbers of the time columns as float64 (NaN = missing), everything else as text."""
    import pyarrow as pa

    numeric = pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type)
    if name in ("start", "end") and numeric:
        return column.cast(pa.float64()).to_pandas()
    if pa.types.is_null(column.type):
        return _objects(column.to_pandas(), lambda value: None)
    return _objects(column.cast(pa.string()).to_pandas(), _clean)


def _objects(series: pd.Series, convert: Callable[[Any], object]) -> pd.Series:
    import pandas as pd

    return pd.Series([convert(value) for value in series.tolist()], dtype=object)


def _clean(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
