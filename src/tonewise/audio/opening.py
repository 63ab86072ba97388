"""Files that can be opened: what is there is seen before a decoder is asked, and may have gone when it is."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tonewise.errors import AudioError


def existing(path: str | Path) -> Path:
    """The path of a file that can be opened and has bytes in it. A pipe is never opened: it might never end.

    Raises:
        AudioError: there is no such file; the message says what there is instead.
    """
    file = Path(path)
    try:
        str(file).encode()
    except UnicodeEncodeError as error:
        raise AudioError(f"{file}: its name is no valid UTF-8, which no table can hold; rename it") from error
    with _told(file):
        mode = file.stat().st_mode
    if stat.S_ISDIR(mode):
        raise AudioError(f"{file} is a folder; a recording (a file) was expected")
    if not stat.S_ISREG(mode):
        raise AudioError(f"{file} is a pipe or a device; a recording (a file) was expected: copy the sound into one")
    if not first_bytes(file, 1):
        raise AudioError(f"{file} is empty (0 bytes); copy or export the recording again")
    return file


def first_bytes(file: Path, count: int) -> bytes:
    """What a file begins with, at most `count` bytes.

    Raises:
        AudioError: it cannot be opened, or not any more.
    """
    with _told(file), file.open("rb") as stream:
        return stream.read(count)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "is a link to a file that does not exist" if file.is_symlink() else "does not exist"
        raise AudioError(f"{file} {what}; check the path") from error
    except OSError as error:
        raise AudioError(f"{file} cannot be opened ({error.strerror}); check its name and its permissions") from error
    except ValueError as error:  # a NUL in the name
        raise AudioError(f"{str(file)!r} cannot be the name of a file; check the path") from error
