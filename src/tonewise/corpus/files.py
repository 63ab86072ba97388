"""Recordings among files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tonewise.audio import RAW_EXTENSIONS
from tonewise.errors import printable
from tonewise.records import Problem

#: Extensions of recordings, in lower case; of two recordings with one stem the one that comes first here is taken. Those
#: at the end have no header: see `audio/raw.py`.
AUDIO_EXTENSIONS = (
    *(".wav", ".flac", ".w64", ".rf64", ".caf", ".aif", ".aiff", ".aifc", ".au", ".snd", ".sph", ".wv"),
    *(".ogg", ".oga", ".opus", ".mp3", ".m4a", ".m4b", ".aac", ".wma", ".amr", ".awb", ".3gp", ".3g2", ".mka"),
    *(".mp4", ".webm", ".mkv", ".mov", ".m4v", ".avi", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv"),
    *RAW_EXTENSIONS,
)


def is_recording(path: Path) -> bool:
    """Whether the extension is that of a recording."""
    return path.suffix.lower() in AUDIO_EXTENSIONS


def has_text_name(path: Path) -> bool:
    """Whether the name is valid UTF-8: no table can hold another one."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def files_below(folder: Path, problems: list[Problem] | None = None) -> Iterator[Path]:
    """All files below `folder`, sorted, but hidden ones (macOS puts a `._name` beside what it copies).

    Folders that cannot be listed are added to `problems`.
    """

    def unlisted(error: OSError) -> None:
        if problems is not None:
            where = printable(os.path.relpath(error.filename or folder, folder))
            why = f"what lies in this folder is left out: it cannot be listed ({error.strerror or error})"
            problems.append(Problem("unreadable_folder", where, why))

    for parent, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(parent, name)


def recordings_below(folder: Path, problems: list[Problem] | None = None) -> list[Path]:
    """All recordings below `folder`, sorted; see `files_below`."""
    return [file for file in files_below(folder, problems) if is_recording(file)]


def recordings_in(folder: Path) -> list[Path]:
    """Recordings that lie in `folder` itself, sorted by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_recording(path) and not path.name.startswith("."))
