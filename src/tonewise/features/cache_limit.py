"""How large a cache of features may grow, and how that is kept without counting it again and again.

::

    ROOT/limit.json    {"bytes": 50000000000}, or null for no limit; absent = the default
    ROOT/used          as many bytes long as the entries fill blocks of 4 KiB: one more with each block that is written

The limit lies in the cache, so that everybody who shares it keeps it. The tally may be too high (an entry that is written
twice counts twice), a little too low (of what is written while entries are counted) or absent; it is corrected whenever
the entries themselves are looked at.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

#: What a file takes at least on common file systems.
BLOCK = 4096

#: Bytes, where nobody said otherwise: 10,000 hours of sentences with the default features are about as much.
DEFAULT_LIMIT = 50 * 10**9

#: Nor more than this share of what is free on the disk (what the cache fills counted as free).
DISK_SHARE = 0.5

#: After pruning so much of the limit is left filled, so that it is not done again at once.
KEPT_SHARE = 0.9

_LIMIT, _USED = "limit.json", "used"


class Budget:
    """The limit of one cache and what is used of it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._limit: int | None = None
        self._is_known = False

    @property
    def limit(self) -> int | None:
        """Bytes, None = as many as there are. What was read is remembered."""
        if not self._is_known:
            self._limit, self._is_known = self._read(), True
        return self._limit

    @property
    def is_default(self) -> bool:
        """Whether nobody set a limit."""
        return not (self._root / _LIMIT).is_file()

    def set(self, limit: int | None) -> None:
        """Set the limit, None = no limit, for everybody who uses the cache.

        Raises:
            OSError: it cannot be written.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        arriving = self._root / f".{_LIMIT}-{os.getpid()}"
        arriving.write_text(json.dumps({"bytes": limit}) + "\n", encoding="utf-8")
        arriving.replace(self._root / _LIMIT)
        self._is_known = False

    def used(self) -> int | None:
        """Bytes by the tally; None where there is none yet."""
        try:
            return (self._root / _USED).stat().st_size * BLOCK
        except OSError:
            return None

    def add(self, size: int) -> bool:
        """Count a file of `size` bytes that was written; returns whether the entries should be looked at.

        Raises:
            OSError: the tally cannot be written.
        """
        if self.limit is None:
            return False
        try:
            handle = os.open(self._root / _USED, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            return True
        try:
            os.write(handle, bytes(blocks(size)))
            return os.fstat(handle).st_size * BLOCK > self.limit
        finally:
            os.close(handle)

    def correct(self, used: int) -> None:
        """Set the tally to what was counted; a cache that cannot be written keeps what it says."""
        self._is_known = False  # the default depends on what is used
        with contextlib.suppress(OSError):
            (self._root / _USED).touch()
            os.truncate(self._root / _USED, blocks(used))  # a hole: it takes no room

    def _read(self) -> int | None:
        try:
            value = json.loads((self._root / _LIMIT).read_text(encoding="utf-8"))["bytes"]
        except (OSError, ValueError, LookupError, TypeError):
            return self._default()
        return value if value is None or (isinstance(value, int) and value >= 0) else self._default()

    def _default(self) -> int:
        try:
            free = shutil.disk_usage(self._root).free + (self.used() or 0)
        except OSError:
            return DEFAULT_LIMIT
        return min(DEFAULT_LIMIT, int(DISK_SHARE * free))


def blocks(size: int) -> int:
    """How many blocks a file of `size` bytes fills."""
    return -(-size // BLOCK)
