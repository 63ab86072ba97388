"""The files of a model in memory, from a folder or a zip: only known names, of limited size, and nothing through links."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tonewise.bundle.archive import read_archive
from tonewise.bundle.names import LIMITS, MANIFEST
from tonewise.errors import BundleError
from tonewise.remote import address
from tonewise.tables import set_aside


@dataclass(frozen=True, slots=True)
class Contents:
    """The bytes of a model's files by their names, and the names of whatever else lay there and was not read."""

    path: Path
    files: Mapping[str, bytes]
    others: tuple[str, ...] = ()

    def source(self, name: str) -> str:
        """What to call a file of it in an error."""
        return str(self.path / name)


def read_contents(path: str | Path) -> Contents:
    """Read the files of a model, a folder or a zip; they are not looked into.

    Raises:
        BundleError: there is nothing, or no manifest; a file is too large, no plain file, or lies elsewhere.
    """
    place = Path(path)
    try:
        url = address(path)
        if url is not None and not place.exists():
            raise BundleError(f"{url} is not on this machine; fetch it first: tonewise model pull {url} -o FOLDER")
        return Contents(place, read_archive(place)) if place.is_file() else _read_folder(place)
    except OSError as error:
        raise BundleError(f"{place} cannot be read ({error.strerror}); check its name and who may read it") from error


def _read_folder(folder: Path) -> Contents:
    if (aside := set_aside(folder)) is not None:
        raise BundleError(
            f"{folder} was being replaced by a run that was killed, and what it held lies in {aside}; move that back, or "
            "repeat what was killed"
        )
    if not (folder / MANIFEST).is_file():
        hint = "" if folder.exists() else ": there is no such folder"
        raise BundleError(
            f"{folder} is no model{hint}; expected a folder that `tonewise train -o` wrote, or a zip of one"
        )
    there = sorted(entry.name for entry in folder.iterdir())
    files = {name: _read_file(folder, name) for name in LIMITS if name in there}
    return Contents(folder, files, tuple(name for name in there if name not in files))


def _read_file(folder: Path, name: str) -> bytes:
    file, limit = folder / name, LIMITS[name]
    # `Path.resolve` would fail where a link leads to itself.
    if os.path.dirname(os.path.realpath(file)) != os.path.realpath(folder):  # noqa: PTH120
        raise BundleError(f"{file} is a link to a file elsewhere; copy the model with its files (cp -rL)")
    if not stat.S_ISREG(file.stat().st_mode):
        raise BundleError(f"{file} is no plain file; copy the model again")
    with file.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise BundleError(f"{file} has more than {limit:,} bytes: no model that tonewise wrote; train or copy it again")
    return data
