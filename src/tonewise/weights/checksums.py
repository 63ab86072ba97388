"""SHA-256 of files, and what is said when one is wrong."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from tonewise.errors import WeightsError
from tonewise.weights.known import File, Weights


def digest(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; remembered for as long as the file does not change.

    Raises:
        WeightsError: the file cannot be read.
    """
    try:
        file = Path(path).expanduser()
        status = file.stat()
        return _digest(file, status.st_size, status.st_mtime_ns)
    except (OSError, RuntimeError) as error:  # RuntimeError: the home of somebody whom this machine does not know
        why = error.strerror if isinstance(error, OSError) else error
        raise WeightsError(f"{path} cannot be read ({why}); check that it is there and readable") from error


@functools.lru_cache(maxsize=64)
def _digest(file: Path, _size: int, _changed: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def missing(entry: Weights, folder: Path) -> list[str]:
    """Names of the files of `entry` that are not in `folder`."""
    return [file.name for file in entry.files if not (folder / file.name).is_file()]


def wrong(entry: Weights, folder: Path) -> tuple[File, str] | None:
    """The first file in `folder` whose checksum is not the pinned one, with the checksum it has."""
    for file in entry.files:
        if file.sha256 is not None and (found := digest(folder / file.name)) != file.sha256:
            return file, found
    return None


def refuse(what: str, file: File, found: str, remedy: str) -> WeightsError:
    """The error for a file that is not what it should be."""
    return WeightsError(f"{what} has the SHA-256 {found} where {file.sha256} was expected; {remedy}")
