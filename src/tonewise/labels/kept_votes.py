"""Votes on disk, so that no sentence is read twice: one SQLite file, which several processes may share.

A vote is found by the checksum of everything that makes it what it is. Nothing is ever stale; the file may be deleted at
any time. Each row carries a checksum of its own: what is damaged counts as never kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.records import Problem

FILE = "votes.sqlite"

KEY_BYTES = 20

_DAY = 86_400  # seconds; that a row was used is noted by the day
_AT_ONCE = 500  # rows a question; SQLite takes 999 or more
_PATIENCE = 30.0  # seconds to wait for another process that writes

_SCHEMA = """
CREATE TABLE IF NOT EXISTS votes (
    key BLOB PRIMARY KEY, labeller TEXT NOT NULL, value TEXT NOT NULL, checksum BLOB NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class VoteHoldings:
    """What is kept: rows by labeller, bytes of the file, the day of the least recent use (seconds since 1970)."""

    rows: Mapping[str, int]
    bytes: int
    oldest: float | None


class KeptVotes:
    """Values that JSON can hold, by key, in the file `FILE` of a folder.

    What cannot be read is made again, and what cannot be written is not kept: `problems` says so, and the run goes on.
    """

    def __init__(self, folder: Path | None) -> None:
        """Keep votes in `folder`; None = nowhere."""
        self._folder = folder  # None, too, once it could not be read or written
        self.problems: list[Problem] = []

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Any]:
        """The values of those keys that are kept, whole."""
        folder = self._folder
        if folder is None or not (folder / FILE).is_file():
            return {}
        found: dict[bytes, Any] = {}
        damaged: list[bytes] = []
        today = int(time.time()) // _DAY
        stale: list[bytes] = []
        try:
            with _opened(folder) as base:
                for key, value, checksum, used in _rows(base, keys):
                    if _checksum(key, value) != checksum:
                        damaged.append(key)
                        continue
                    found[key] = json.loads(value)
                    if used < today:
                        stale.append(key)
        except sqlite3.Error as error:
            self._set_aside(folder, error)
        if damaged:
            self._tell(
                folder, "cache_damaged", f"{len(damaged)} kept votes were damaged on the disk and are made again"
            )
        _note_use(folder, stale, today)
        return found

    def put_many(self, labeller: str, values: Mapping[bytes, Any]) -> None:
        """Keep values, all of them or none."""
        folder = self._folder
        if folder is None or not values:
            return
        today = int(time.time()) // _DAY
        rows = []
        for key, value in values.items():
            text = json.dumps(value, allow_nan=False)
            rows.append((key, labeller, text, _checksum(key, text), today))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _opened(folder) as base:
                base.executemany("INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?)", rows)
        except (sqlite3.OperationalError, OSError) as error:  # full, read-only, locked for long
            self._folder = None
            self._tell(folder, "cache_off", f"cannot be written ({error}); votes made now are not kept")
        except sqlite3.Error as error:
            self._set_aside(folder, error)

    def _set_aside(self, folder: Path, error: sqlite3.Error) -> None:
        """A file that is no database is removed; of one that is merely locked nothing is taken."""
        if isinstance(error, sqlite3.OperationalError):
            self._folder = None
            self._tell(folder, "cache_off", f"cannot be read ({error}); votes are made again")
            return
        with contextlib.suppress(OSError):
            _delete(folder)
        self._tell(folder, "cache_damaged", f"was damaged ({error}) and is begun anew; votes are made again")

    def _tell(self, folder: Path, kind: str, detail: str) -> None:
        self.problems.append(Problem(kind, str(folder), detail))


def key_of(*parts: Any) -> bytes:
    """Checksum of values that JSON can hold."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest()


def holdings(folder: Path) -> VoteHoldings:
    """What is kept in a folder.

    Raises:
        sqlite3.Error: the file is damaged.
    """
    if not (folder / FILE).is_file():
        return VoteHoldings({}, 0, None)
    with _opened(folder) as base:
        rows = dict(base.execute("SELECT labeller, count(*) FROM votes GROUP BY labeller ORDER BY labeller"))
        (oldest,) = base.execute("SELECT min(used) FROM votes").fetchone()
    return VoteHoldings(rows, (folder / FILE).stat().st_size, None if oldest is None else float(oldest * _DAY))


def prune(folder: Path, *, before: float | None = None) -> int:
    """Remove rows that were last used before a time (seconds since 1970), all of them if None; returns how many.

    Raises:
        sqlite3.Error: the file is damaged, or cannot be written.
    """
    if not (folder / FILE).is_file():
        return 0
    with _opened(folder) as base:
        limit = None if before is None else int(before) // _DAY
        gone = base.execute("DELETE FROM votes WHERE ?1 IS NULL OR used < ?1", (limit,)).rowcount
    with contextlib.closing(sqlite3.connect(folder / FILE, timeout=_PATIENCE)) as base:
        base.execute("VACUUM")
    return gone


def verify(folder: Path) -> Counter[str]:
    """Check every row and remove those that are damaged, or the whole file where it is no database.

    Returns:
        How many were `whole` and `damaged`.

    Raises:
        sqlite3.OperationalError: the file cannot be read or written.
        OSError: a file that is no database cannot be removed.
    """
    counts: Counter[str] = Counter(whole=0, damaged=0)
    if not (folder / FILE).is_file():
        return counts
    try:
        with _opened(folder) as base:
            if base.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("pages are damaged")
            rows = base.execute("SELECT key, value, checksum FROM votes")
            damaged = []
            for key, value, checksum in rows:
                is_whole = _checksum(key, value) == checksum
                counts["whole" if is_whole else "damaged"] += 1
                if not is_whole:
                    damaged.append((key,))
            base.executemany("DELETE FROM votes WHERE key = ?", damaged)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        _delete(folder)
        counts = Counter(whole=0, damaged=max(1, counts.total()))
    return counts


def _note_use(folder: Path, keys: Sequence[bytes], today: int) -> None:
    """A cache that cannot be written is used all the same."""
    if keys:
        with contextlib.suppress(sqlite3.Error), _opened(folder) as base:
            base.executemany("UPDATE votes SET used = ? WHERE key = ?", [(today, key) for key in keys])


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The base, closed after what was done was committed, or taken back.

    Where the file may only be read, SQLite makes do with that; where it may not be read either, it says so.
    """
    base = sqlite3.connect(folder / FILE, timeout=_PATIENCE)
    # A value that was damaged may be no text.
    base.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        # For readers, too: whoever began the file may not have made its table yet, or have been killed before that.
        base.execute(_SCHEMA)
        with base:
            yield base
    finally:
        base.close()


def _rows(base: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, str, bytes, int]]:
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        yield from base.execute(f"SELECT key, value, checksum, used FROM votes WHERE key IN ({marks})", some)


def _checksum(key: bytes, value: str) -> bytes:
    return hashlib.blake2b(key + str(value).encode("utf-8", "replace"), digest_size=8).digest()


def _delete(folder: Path) -> None:
    for name in (FILE, f"{FILE}-journal"):
        (folder / name).unlink(missing_ok=True)
