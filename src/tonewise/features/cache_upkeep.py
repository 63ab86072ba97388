"""What a cache of features holds, and taking from it what is damaged, old or too much.

Everything may happen while other processes read and write: entries come and go as whole files, and one that is gone is
computed again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tonewise.features.cache_entry import TRAILER_BYTES, State, examine, kind_of
from tonewise.features.cache_limit import BLOCK, KEPT_SHARE, Budget, blocks
from tonewise.features.sources import SOURCES
from tonewise.records import Progress

#: Where vectors are written before they get their name.
ARRIVING = "arriving"

#: Seconds after which what arrives has been left behind by a process that is dead: writing takes milliseconds.
ABANDONED_SECONDS = 60.0

#: Entries used on the same day are equally recent: the time of use is noted once a day.
DAY = 86_400.0

_SLOT = 3_600  # seconds; pruning counts by hours, so that millions of entries take no memory

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the cache: what it fills in bytes, and when it was last used (seconds since 1970)."""

    path: str
    key: str
    size: int
    used: float


@dataclass(slots=True)
class Holdings:
    """What a cache holds: entries and bytes by the encoder that made them, and the least recent use."""

    entries: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    oldest: float | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """What `verify` found: entries whose every bit is as it was, that have no checksum, that were damaged (and removed)."""

    whole: int
    unverified: int
    damaged: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Removed:
    """How many entries were taken out, the bytes that this freed, and those that are left.

    `newest` is when the last used one of them was used, seconds since 1970; None where none was taken out.
    """

    entries: int
    bytes: int
    left: int
    newest: float | None = None


def entries(root: Path) -> Iterator[Entry]:
    """Every vector of the cache, folder by folder; what vanishes meanwhile is passed over."""
    for folder in _folders(root):
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            for each in found:
                key = each.name.removesuffix(".npy")
                if len(key) == 64 and key != each.name:
                    with contextlib.suppress(OSError):
                        status = each.stat(follow_symlinks=False)
                        yield Entry(each.path, key, blocks(status.st_size) * BLOCK, status.st_mtime)


def _folders(root: Path) -> Iterator[str]:
    for first in sorted(_HEX):
        for second in sorted(_HEX):
            folder = f"{root}/{first}/{second}"
            if os.path.isdir(folder):  # noqa: PTH112 - 256 of them, also in caches of which nobody asks more
                yield folder


def holdings(root: Path, progress: Progress | None = None) -> Holdings:
    """Count what there is, by encoder: the end of each file is read."""
    found = Holdings()
    for done, each in enumerate(entries(root), start=1):
        kind = kind_of(_end(each.path))
        found.entries[kind] += 1
        found.sizes[kind] += each.size
        found.oldest = each.used if found.oldest is None else min(found.oldest, each.used)
        _tell(progress, done)
    Budget(root).correct(found.sizes.total())
    return found


def verify(root: Path, progress: Progress | None = None) -> Examined:
    """Read every entry and remove what is damaged.

    Raises:
        OSError: a damaged entry cannot be removed.
    """
    states: Counter[State] = Counter()
    left = 0
    for done, each in enumerate(entries(root), start=1):
        try:
            state = examine(Path(each.path).read_bytes(), each.key)
        except FileNotFoundError:
            continue
        except OSError:  # a sector that cannot be read
            state = State.DAMAGED
        states[state] += 1
        if state is State.DAMAGED:
            Path(each.path).unlink(missing_ok=True)
        else:
            left += each.size
        _tell(progress, done)
    Budget(root).correct(left)
    return Examined(states[State.WHOLE], states[State.UNVERIFIED], states[State.DAMAGED], left)


def prune_older(root: Path, seconds: float) -> Removed:
    """Remove entries that were not used for so long.

    Raises:
        OSError: an entry cannot be removed.
    """
    before = time.time() - seconds
    return _remove(root, lambda each: each.used < before)


def prune_all(root: Path) -> Removed:
    """Remove every entry, and what is remembered of the recordings they were made from.

    Raises:
        OSError: one of them cannot be removed.
    """
    (root / SOURCES).unlink(missing_ok=True)
    return _remove(root, lambda _each: True)


def prune_to(root: Path, size: int) -> Removed:
    """Remove the least recently used entries until at most `size` bytes are left.

    Raises:
        OSError: an entry cannot be removed.
    """
    sizes: Counter[int] = Counter()
    for each in entries(root):
        sizes[_slot(each)] += each.size
    excess, last = sizes.total() - size, -1
    for slot in sorted(sizes):
        if excess <= 0:
            break
        last, excess = slot, excess - sizes[slot]
    spare = -min(excess, 0)  # of the last hour not all needs to go

    def is_unwanted(each: Entry) -> bool:
        nonlocal spare
        slot = _slot(each)
        if slot != last:
            return slot < last
        if each.size > spare:
            return True
        spare -= each.size
        return False

    return _remove(root, is_unwanted)


def keep_limit(root: Path, budget: Budget) -> Removed | None:
    """Count what there is, and prune to below the limit if it is passed; None if it is not, or if there is none.

    Raises:
        OSError: an entry cannot be removed.
    """
    used = sum(each.size for each in entries(root))
    budget.correct(used)
    if budget.limit is None or used <= budget.limit:
        return None
    return prune_to(root, int(KEPT_SHARE * budget.limit))


def sweep(root: Path) -> None:
    """Remove what killed processes left half-written."""
    now = time.time()
    with contextlib.suppress(OSError), os.scandir(root / ARRIVING) as found:
        for each in found:
            with contextlib.suppress(OSError):  # it has just arrived
                if now - each.stat().st_mtime > ABANDONED_SECONDS:
                    Path(each.path).unlink(missing_ok=True)


def _remove(root: Path, is_unwanted: Callable[[Entry], bool]) -> Removed:
    sweep(root)
    count = freed = left = 0
    newest: float | None = None
    for each in entries(root):
        if is_unwanted(each):
            Path(each.path).unlink(missing_ok=True)
            count, freed = count + 1, freed + each.size
            newest = each.used if newest is None else max(newest, each.used)
        else:
            left += each.size
    Budget(root).correct(left)
    return Removed(count, freed, left, newest)


def _slot(each: Entry) -> int:
    return int(each.used // _SLOT)


def _end(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - thousands of them
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - TRAILER_BYTES))
            return stream.read()
    except OSError:
        return b""


def _tell(progress: Progress | None, done: int) -> None:
    if progress is not None and done % 1000 == 0:
        progress("cache entries", done, done)
