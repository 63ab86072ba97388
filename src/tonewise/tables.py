"""Tables, texts and folders on disk, written whole or not at all; tables are CSV or Parquet, by the file's extension."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet")

_NO_TEXT = re.compile(r"[\x7f-\x9f\ud800-\udfff]")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that spreadsheets run

#: Seconds after which what is half-written beside a target has been left behind by a process that is dead.
ABANDONED_SECONDS = 3600.0

_BEFORE = "before"  # what a folder that is being replaced is called meanwhile, in a hidden one


def check_format(path: Path, others: tuple[str, ...] = ()) -> None:
    """Refuse an output file of an unknown kind before the work is done.

    Raises:
        OptionError: naming the known ones (`FORMATS` and `others`).
    """
    known = (*others, *FORMATS)
    if path.suffix.lower() not in known:
        raise OptionError(f"{path}: cannot write files of type '{path.suffix}'; choose one of {', '.join(known)}")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet.

    Raises:
        OptionError: the extension is neither, or the file cannot be written.
    """
    check_format(path)

    def write(target: Path) -> None:
        if path.suffix.lower() == ".csv":
            table.to_csv(target, index=False)
        else:
            table.to_parquet(target, index=False)

    _replace(path, write)


def calm_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The table for people: texts that a spreadsheet would run as formulas get an apostrophe in front, as OWASP advises."""

    def calm(cell: object) -> object:
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell

    return table.map(calm).rename(columns=calm)


def write_text(text: str, path: Path) -> None:
    """Write a text file as UTF-8.

    Raises:
        OptionError: the file cannot be written.
    """
    _replace(path, lambda target: target.write_text(text, encoding="utf-8"))


def json_text(value: Any) -> str:
    """A value as JSON that people can read. NaN is refused: an undefined figure is null."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    # Bytes of a file's name that are no text, and what terminals obey (C1; the other control characters JSON escapes).
    return _NO_TEXT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_json(value: Any, path: Path) -> None:
    """Write one JSON value as a file; see `json_text`.

    Raises:
        OptionError: the file cannot be written.
    """
    write_text(json_text(value) + "\n", path)


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file of bytes.

    Raises:
        OptionError: the file cannot be written.
    """
    _replace(path, lambda target: target.write_bytes(data))


@contextlib.contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` to write in, for `replace_folder`; gone afterwards unless it was moved.

    What killed runs left beside `target` is put back or removed.

    Raises:
        OSError: it cannot be made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    put_back(target)
    sweep(target)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-arriving-", dir=target.parent))
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def set_aside(target: Path) -> Path | None:
    """Where a run that was killed in `replace_folder` left what it replaced; None where `target` or nothing is there."""
    if target.exists():
        return None
    with contextlib.suppress(OSError):
        found = [Path(each) / _BEFORE for each in _left_behind(target, "old")]
        return max(filter(Path.is_dir, found), key=lambda each: each.parent.stat().st_mtime, default=None)
    return None


def put_back(target: Path) -> None:
    """Put back what a run that was killed had moved out of the way of a folder that never came.

    Raises:
        OSError: it cannot be moved.
    """
    aside = set_aside(target)
    if aside is not None:
        aside.replace(target)
        aside.parent.rmdir()


def sweep(target: Path) -> None:
    """Remove what killed runs left half-written beside `target`: only what bears our names, an hour old."""
    with contextlib.suppress(OSError):
        for each in _left_behind(target, "arriving|old"):
            if time.time() - each.stat().st_mtime > ABANDONED_SECONDS:
                if each.is_dir(follow_symlinks=False):
                    shutil.rmtree(each.path, ignore_errors=True)
                else:
                    Path(each.path).unlink(missing_ok=True)


def replace_folder(fresh: Path, target: Path) -> None:
    """Put a folder that was written beside `target` in its place; what was there is gone once the new one is in.

    Whoever is killed in between leaves what was there for `put_back`.

    Raises:
        OSError: one of them cannot be moved; what was there is there.
    """
    if not target.exists():
        fresh.replace(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.replace(old / _BEFORE)
    try:
        fresh.replace(target)
    except OSError:
        (old / _BEFORE).replace(target)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


def _left_behind(target: Path, kinds: str) -> list[os.DirEntry[str]]:
    ours = re.compile(rf"\.{re.escape(target.name)}-({kinds})-[a-z0-9_]{{8}}")
    return [each for each in os.scandir(target.parent) if ours.fullmatch(each.name)]


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-arriving-", dir=path.parent)
        os.close(handle)
        try:
            write(Path(name))
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({error.strerror or error}); choose another -o") from error
