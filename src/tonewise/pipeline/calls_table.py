"""The table of calls: when each was, who took it, from which queue, and whatever else is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from tonewise import remote
from tonewise.errors import OptionError
from tonewise.pipeline.localising import recording_name
from tonewise.records import Problem
from tonewise.records.calls import CallAbout

if TYPE_CHECKING:
    import pandas as pd

RECORDING, CALLED_AT = "recording", "called_at"


@dataclass(frozen=True, slots=True)
class CallsTable:
    """What is known of calls, by what the table calls their recordings; `problems` are of the table as a whole."""

    rows: dict[str, CallAbout]
    problems: tuple[Problem, ...]

    def about(self, recording: str | Path) -> CallAbout | None:
        """The row of a recording: of its path or the end of it, of its name, else of its name without extension."""
        return next((self.rows[name] for name in _names(recording) if name in self.rows), None)


def read_calls_table(path: str | Path, recordings: Sequence[str | Path]) -> CallsTable:
    """Read a table of calls.

    Args:
        path: CSV or Parquet.
        recordings: what is to be scored; rows and recordings without each other are problems.

    Raises:
        OptionError: it cannot be read, has no column `recording` or a recording twice, or a time that is none.
    """
    table = _read(Path(path))
    if RECORDING not in table.columns:
        raise OptionError(f"{path} has no column '{RECORDING}' (columns: {', '.join(map(str, table.columns))})")
    rows: dict[str, CallAbout] = {}
    for line, row in enumerate(table.to_dict("records"), start=2):
        name = _text(row.pop(RECORDING))
        if name is None:
            raise OptionError(f"{path}, line {line}: no recording is named")
        if name in rows:
            raise OptionError(f"{path}, line {line}: '{name}' is there twice; expected one row a recording")
        rows[name] = _about({str(key): _text(value) for key, value in row.items()}, f"{path}, line {line}")
    return CallsTable(rows, tuple(_unmatched(Path(path).name, rows, recordings)))


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path, dtype_backend="pyarrow")  # numbers stay whole where one is missing
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise OptionError(f"there is no table of calls {path}") from error
    except (OSError, ValueError) as error:  # pandas' and Arrow's errors of parsing are ValueErrors
        raise OptionError(f"{path} cannot be read as a table of calls ({error})") from error


def _about(row: dict[str, str | None], where: str) -> CallAbout:
    called_at = row.pop(CALLED_AT, None)
    agent, queue = row.pop("agent", None), row.pop("queue", None)
    columns = {name: value for name, value in row.items() if value is not None}
    return CallAbout(None if called_at is None else _moment(called_at, where), agent, queue, columns)


def _moment(text: str, where: str) -> datetime:
    """A time as the table writes it; one with an offset becomes UTC, so that all can be compared."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise OptionError(f"{where}: '{text}' is no time; expected such as 2026-03-31 14:05") from error
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _text(value: object) -> str | None:
    import pandas as pd

    text = "" if value is None or value is pd.NA or value != value else str(value).strip()
    return text or None


def _names(recording: str | Path) -> list[str]:
    url = remote.address(recording)
    whole = url or str(recording)
    pure = PurePath(whole if url is None else remote.shown(url))
    ends = ["/".join(pure.parts[start:]) for start in range(len(pure.parts))]
    return [whole, *ends, pure.stem]


def _unmatched(source: str, rows: dict[str, CallAbout], recordings: Sequence[str | Path]) -> list[Problem]:
    matched = [next((name for name in _names(each) if name in rows), None) for each in recordings]
    without = [each for each, name in zip(recordings, matched, strict=True) if name is None]
    used = set(matched)
    unused = [name for name in rows if name not in used]
    found = []
    if without:
        detail = f"recordings without a row in it, such as {recording_name(without[0])}: the file's time is taken"
        found.append(Problem("no_row", source, detail, len(without)))
    if unused:
        found.append(
            Problem("unused_rows", source, f"rows of recordings that are not here, such as {unused[0]}", len(unused))
        )
    return found
