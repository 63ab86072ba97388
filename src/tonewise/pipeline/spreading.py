"""Work on many recordings, given to an engine in shards of whole recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.engines import Engine, Outcome, Task
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import pandas as pd

#: A shard is full at so many files or utterances: minutes of work, so that little is done twice when a machine is lost,
#: and enough clips for an encoder's batches. A long recording is a shard of its own.
FILES, ROWS = 64, 256

#: Where there are few files, shards get smaller, so that there are at least so many: every worker has something to do.
SHARDS = 32

#: What a worker needs to know of an utterance in order to hear it.
COLUMNS = ("audio", "recording", "start", "end", "channel")

#: Problems that say something of the machine, not of utterances: once is enough.
_OF_MACHINES = frozenset({"cache_off"})


@dataclass(frozen=True, slots=True)
class Shard:
    """Utterances of a few whole recordings: `COLUMNS` and `row`, the place in the corpus, counted from 0."""

    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """What a problem calls it."""
        files = self.rows["audio"].nunique()
        first = str(self.rows["recording"].iloc[0])
        return first if files == 1 else f"{files} recordings from {first} on"

    def single(self) -> list[Shard]:
        """One shard a file."""
        return [Shard(rows) for _, rows in self.rows.groupby("audio", sort=False)]


def shards(utterances: pd.DataFrame) -> list[Shard]:
    """Cut utterances into shards: rows of one file stay together, in the order in which files first appear.

    The shards depend on the utterances alone, not on who will work on them. Rows without a recording are in none.
    """
    table = utterances[list(COLUMNS)].assign(row=range(len(utterances)))
    table = table[table["audio"].notna()]
    codes = table["audio"].factorize()[0]
    if not len(codes):
        return []
    most = max(1, min(FILES, (int(codes.max()) + 1) // SHARDS))
    ordered = table.iloc[codes.argsort(kind="stable")].reset_index(drop=True)
    return [Shard(ordered.iloc[first:last].reset_index(drop=True)) for first, last in _cuts(ordered["audio"], most)]


def _cuts(audio: pd.Series, most: int) -> Iterator[tuple[int, int]]:
    """First row and the one after the last of each shard."""
    lengths = audio.groupby(audio, sort=False).size()
    first = last = files = 0
    for length in lengths:
        if files and (files == most or last - first + length > ROWS):
            yield first, last
            first, files = last, 0
        last += int(length)
        files += 1
    yield first, last


def spread(
    engine: Engine, task: Task, items: Sequence[Shard], progress: Progress | None = None
) -> Iterator[tuple[Shard, Outcome]]:
    """Every shard with its outcome, as they come; one that failed is cut into single recordings, each tried by itself."""
    failed = []
    for outcome in engine.map(task, items, progress=progress):
        shard = items[outcome.index]
        if outcome.problem is not None and shard.rows["audio"].nunique() > 1:
            failed.append(shard)
        else:
            yield shard, outcome
    single = [one for shard in failed for one in shard.single()]
    if single:
        yield from ((single[outcome.index], outcome) for outcome in engine.map(task, single, progress=progress))


def merged(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Equal problems of several shards as one, in the order in which they first came."""
    counts: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        key = (problem.kind, problem.subject, problem.detail)
        if key not in counts:
            counts[key] = problem
        elif problem.kind not in _OF_MACHINES:
            counts[key] = replace(problem, count=counts[key].count + problem.count)
    return tuple(counts.values())


def plain_cache(cache: str | Path | bool) -> str | bool:
    """A cache as a task holds it: the same folder wherever the work is done."""
    return cache if isinstance(cache, bool) else str(Path(cache).absolute())
