"""Tables, texts and folders on disk, written whole or not at all; tables are CSV or Parquet, by the file's extension."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet")


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


def write_text(text: str, path: Path) -> None:
    """Write a text file as UTF-8.

    Raises:
        OptionError: the file cannot be written.
    """
    _replace(path, lambda target: target.write_text(text, encoding="utf-8"))


def replace_folder(fresh: Path, target: Path) -> None:
    """Put a folder that was written beside `target` in its place; what was there is gone once the new one is in.

    Raises:
        OSError: one of them cannot be moved.
    """
    if not target.exists():
        fresh.replace(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.replace(old / "before")
    fresh.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(handle)
        try:
            write(Path(name))
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({error.strerror}); choose another -o") from error
