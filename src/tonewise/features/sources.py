"""Checksums of recordings, remembered so that a second run does not read them again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

#: Seconds that a file must have been left alone before its checksum is remembered: file systems round the time of a
#: change (FAT: to 2 s), so that a file that is written twice in that time looks unchanged.
SETTLED_SECONDS = 2.0


#: What the memory is called in a cache.
SOURCES = "sources.jsonl"


class SourceDigests:
    """SHA-256 of the bytes of files, remembered by path, size and time of change.

    The memory is a file of JSON lines that processes append to; a line that cannot be read is forgotten.
    """

    def __init__(self, memory: Path | None) -> None:
        self._memory = memory
        self._known: dict[tuple[str, int, int], str] | None = None
        self._new: list[str] = []
        self._seen: dict[str, str | None] = {}

    def digest(self, path: str) -> str | None:
        """The checksum of a file's bytes, None where it cannot be read. A path is looked at once until `save`."""
        if path not in self._seen:
            self._seen[path] = self._digest(path)
        return self._seen[path]

    def save(self) -> None:
        """Append what was learned to the memory, in one write, and look at files anew from now on.

        Raises:
            OSError: the memory cannot be written.
        """
        lines, self._new = self._new, []
        self._seen.clear()
        if self._memory is None or not lines:
            return
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._memory, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            # It starts on a line of its own even where another process was killed in the middle of one.
            os.write(handle, ("\n" + "\n".join(lines) + "\n").encode())
        finally:
            os.close(handle)

    def _digest(self, path: str) -> str | None:
        try:
            absolute = os.path.abspath(path)  # noqa: PTH100 - Path.resolve would ask the disk about every folder
            status = os.stat(absolute)  # noqa: PTH116 - thousands of paths: the objects would cost more than the call
            identity = (absolute, status.st_size, status.st_mtime_ns)
            known = self._remembered()
            if identity not in known:
                with open(absolute, "rb") as stream:  # noqa: PTH123
                    known[identity] = hashlib.file_digest(stream, "sha256").hexdigest()
                if time.time() - status.st_mtime >= SETTLED_SECONDS:
                    self._new.append(json.dumps([*identity, known[identity]]))
                else:
                    return known.pop(identity)
        except OSError:
            return None
        return known[identity]

    def _remembered(self) -> dict[tuple[str, int, int], str]:
        if self._known is None:
            self._known = {}
            for line in self._lines():
                match _parsed(line):
                    case [str(path), int(size), int(changed), str(sha256)]:
                        self._known[path, size, changed] = sha256
        return self._known

    def _lines(self) -> list[str]:
        if self._memory is None:
            return []
        try:
            return self._memory.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None
