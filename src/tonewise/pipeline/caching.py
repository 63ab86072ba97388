"""What is kept between runs: how much there is, taking from it what is old or too much, and whether it is whole.

Features, votes and rows of comparisons can all be made again, and are what is pruned. Answers of language models were
paid for, and weights and copies of remote files were fetched: those are counted here and left alone.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tonewise import weights
from tonewise.errors import OptionError
from tonewise.features import cache_upkeep
from tonewise.features.cache_limit import Budget
from tonewise.labels import kept_votes
from tonewise.pipeline.kept import Kept
from tonewise.records import Progress

FEATURES, VOTES, ROWS = "features", "votes", "comparison rows"


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing that is kept.

    Attributes:
        kind: features, votes, comparison rows, answers, weights, remote copies.
        name: the encoder or labeller that made it, empty where that does not apply.
        entries: how many.
        bytes: what they take on the disk; None where several kinds share a file.
        is_pruned: whether `prune` removes it.
    """

    kind: str
    name: str
    entries: int
    bytes: int | None
    is_pruned: bool = True


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What a cache holds.

    Attributes:
        root: the folder of the features.
        holdings: by kind and name.
        bytes: of all that `prune` removes.
        limit: bytes of features that are kept at most, None = no limit; `limit_is_default`: nobody set it.
        oldest: the least recent use of a vector or vote, seconds since 1970; None in an empty cache.
    """

    root: str
    holdings: tuple[Holding, ...]
    bytes: int
    limit: int | None
    limit_is_default: bool
    oldest: float | None


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many entries were removed by kind, the bytes that this freed, and the bytes that are left."""

    removed: dict[str, int]
    freed: int
    left: int


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries are whole, have no checksum to tell (but look right), and were damaged and are now removed."""

    whole: int
    unverified: int
    damaged: int


class _Places:
    """Where things are kept, see `open_cache`."""

    def __init__(self, cache: str | Path | bool) -> None:
        root = weights.cache_root() if cache is True else Path(str(cache))
        self.features = root / "features" if cache is True else root
        self.votes, self.rows = root / "votes", Kept(root / "compare")
        self.others = {"answers": root / "llm", "weights": root / "weights", "remote copies": root / "remote"}
        if cache is not True:
            self.others = {}

    @property
    def small(self) -> int:
        """Bytes of votes and rows."""
        return sum(map(_size, [self.votes / kept_votes.FILE, *self.rows.files()]))


def cache_info(cache: str | Path | bool = True, progress: Progress | None = None) -> CacheInfo:
    """What is kept; `cache` as `train` takes it.

    Raises:
        OptionError: the cache cannot be read.
    """
    places = _Places(cache)
    held = cache_upkeep.holdings(places.features, progress)
    votes = _votes(places.votes)
    budget = Budget(places.features)
    found = tuple(_holdings(places, held, votes))
    return CacheInfo(
        root=str(places.features),
        holdings=found,
        bytes=held.sizes.total() + places.small,
        limit=budget.limit,
        limit_is_default=budget.is_default,
        oldest=min((used for used in (held.oldest, votes.oldest) if used is not None), default=None),
    )


def _holdings(places: _Places, held: cache_upkeep.Holdings, votes: kept_votes.VoteHoldings) -> Iterator[Holding]:
    for name, count in sorted(held.entries.items()):
        yield Holding(FEATURES, name, count, held.sizes[name])
    for name, count in votes.rows.items():
        yield Holding(VOTES, name, count, None)
    if votes.bytes:
        yield Holding(VOTES, "", sum(votes.rows.values()), votes.bytes)
    rows = places.rows.files()
    if rows:
        yield Holding(ROWS, "", len(rows), sum(map(_size, rows)))
    for kind, folder in places.others.items():
        files = [file for file in folder.rglob("*") if file.is_file()]
        if files:
            yield Holding(kind, "", len(files), sum(map(_size, files)), is_pruned=False)


def prune_cache(
    cache: str | Path | bool = True,
    *,
    max_size: int | None = None,
    older_than: float | None = None,
    everything: bool = False,
) -> Pruned:
    """Remove what is not needed; whoever needs it after all makes it again.

    Args:
        cache: as `train` takes it.
        max_size: bytes to keep; the vectors that were not used for longest go first, then votes and rows.
        older_than: seconds; what was not used for so long goes.
        everything: all goes.

    Raises:
        OptionError: nothing was asked for, or the cache cannot be written.
    """
    if (max_size is None) + (older_than is None) + (not everything) != 2:
        raise OptionError("say what is to go: one of --max-size, --older-than or --all")
    places = _Places(cache)
    small = places.small
    try:
        places.rows.sweep()
        if max_size is not None:
            taken = cache_upkeep.prune_to(places.features, max(0, max_size - small))
            counts = _prune_small(places, None) if small > max_size else {VOTES: 0, ROWS: 0}
        elif older_than is not None:
            taken = cache_upkeep.prune_older(places.features, older_than)
            counts = _prune_small(places, time.time() - older_than)
        else:
            taken = cache_upkeep.prune_all(places.features)
            counts = _prune_small(places, None)
    except (OSError, sqlite3.Error) as error:
        raise OptionError(f"{places.features} cannot be pruned ({_why(error)}); is it yours to write?") from error
    left = places.small
    return Pruned({FEATURES: taken.entries, **counts}, taken.bytes + small - left, taken.left + left)


def _prune_small(places: _Places, before: float | None) -> dict[str, int]:
    """Votes and rows that were last used, and made, before a time; all if None."""
    rows = [file for file in places.rows.files() if before is None or _changed(file) < before]
    for file in rows:
        file.unlink(missing_ok=True)
    return {VOTES: kept_votes.prune(places.votes, before=before), ROWS: len(rows)}


def verify_cache(cache: str | Path | bool = True, progress: Progress | None = None) -> dict[str, Verified]:
    """Read all that can be made again, and remove what is damaged.

    Returns:
        By kind: features, votes, comparison rows.

    Raises:
        OptionError: the cache cannot be read, or what is damaged not be removed.
    """
    places = _Places(cache)
    try:
        features = cache_upkeep.verify(places.features, progress)
        votes = kept_votes.verify(places.votes)
        rows = places.rows.verify()
    except (OSError, sqlite3.Error) as error:
        raise OptionError(f"{places.features} cannot be checked ({_why(error)}); is it yours to write?") from error
    return {
        FEATURES: Verified(features.whole, features.unverified, features.damaged),
        VOTES: Verified(votes["whole"], 0, votes["damaged"]),
        ROWS: Verified(rows["whole"], rows["unverified"], rows["damaged"]),
    }


def limit_cache(limit: int | None, cache: str | Path | bool = True) -> Pruned:
    """Set how many bytes of features are kept at most, None = no limit, for all who share the cache, from now on.

    Raises:
        OptionError: the cache cannot be written.
    """
    places = _Places(cache)
    try:
        budget = Budget(places.features)
        budget.set(limit)
        taken = cache_upkeep.keep_limit(places.features, budget)
    except OSError as error:
        raise OptionError(f"{places.features} cannot be written ({_why(error)}); is it yours to write?") from error
    left = (budget.used() or 0) + places.small
    return Pruned({FEATURES: taken.entries if taken else 0}, taken.bytes if taken else 0, left)


def _votes(folder: Path) -> kept_votes.VoteHoldings:
    try:
        return kept_votes.holdings(folder)
    except sqlite3.Error as error:
        raise OptionError(
            f"{folder / kept_votes.FILE} cannot be read ({error}); `tonewise cache verify` removes it if it is damaged"
        ) from error


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _changed(file: Path) -> float:
    """When a file was changed, seconds since 1970; long ago where another process has removed it."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _why(error: OSError | sqlite3.Error) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
