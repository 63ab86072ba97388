"""Feature vectors of a shard of recordings: the one function that this machine and a cluster's machines run."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tonewise import audio, remote
from tonewise.corpus import check_channels, check_times
from tonewise.engines import Engine
from tonewise.errors import InputError
from tonewise.features import Encoder, FeatureCache
from tonewise.pipeline.hearing import Heard, UnheardError, create_encoders, hear, open_cache
from tonewise.pipeline.localising import declare_raw
from tonewise.pipeline.probing import bad_audio, probe_all
from tonewise.pipeline.spreading import Shard, merged, plain_cache, shards, spread
from tonewise.pipeline.spreading_vectors import Facts, facts_of, matrix_of, no_vectors, vectors_table
from tonewise.pipeline.untrusted import Door
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class HearTask:
    """Hear the utterances of a shard.

    Its value is an Arrow table: `row` (int64, as in the shard), `problem` (why it was not heard, null = it was) and, by
    the name of each encoder, a list of float32 (null = not heard); `facts_of` has the rest.

    Attributes:
        specs: names of encoders.
        seed: of where fixed clips are cut.
        raw: what recordings without a header hold.
        cache: see `open_cache`; the folder is on whichever machine does the work.
        source: what problems call the corpus.
        untrusted: what one recording of a stranger may take; None = they are trusted.
        checked: whether recordings, channels and times have been checked; otherwise that is done here, and recordings at
            addresses are copied for as long as they are needed.
    """

    specs: tuple[str, ...]
    seed: int = 0
    raw: str | None = None
    cache: str | bool = True
    source: str = ""
    untrusted: audio.Limits | None = None
    checked: bool = False

    stage: ClassVar[str] = "features"

    @property
    def gpu(self) -> bool:
        """Encoders of the hub run on a GPU where there is one."""
        return any(spec.startswith("hub:") for spec in self.specs)

    def prepare(self) -> None:
        """Load nothing yet, but see that pretrained weights are here."""
        _ears(self.specs, self.cache)

    def __call__(self, item: Shard) -> pa.Table:
        """Hear one shard."""
        with tempfile.TemporaryDirectory(prefix="tonewise-") as scratch:
            if self.checked:
                rows, why, problems = item.rows, dict[int, str](), tuple[Problem, ...]()
                declare_raw(rows["audio"].unique(), self.raw)
            else:
                rows, why, problems = self._check(item.rows, Path(scratch))
            heard = _Hearing(self, rows)
        return heard.table(item.rows["row"], why, problems)

    def _check(self, rows: pd.DataFrame, scratch: Path) -> tuple[pd.DataFrame, dict[int, str], tuple[Problem, ...]]:
        """Rows that can be heard, why others cannot, and what there is to tell."""
        here, missing, unreachable = _copied(rows, scratch)
        declare_raw(here["audio"].unique(), self.raw)
        recordings = here["audio"]
        with Door(self.untrusted, cache=self.cache) as door:
            refused = door.refused(recordings.unique().tolist())
        harmless = here[~recordings.isin(list(refused))].reset_index(drop=True)
        corpus = check_channels(Corpus(self.source, "", harmless))
        infos, broken = probe_all(harmless["audio"].unique().tolist())
        broken |= refused
        durations = {path: info.duration for path, info in infos.items()}
        bad = recordings.map(broken)
        checked = check_times(corpus, durations)
        why = missing | dict(zip(here["row"][bad.notna()], bad.dropna(), strict=True))
        why |= _untimely(corpus, checked, durations)
        return checked.utterances, why, (*unreachable, *checked.problems, *bad_audio(broken, recordings))


def hear_spread(
    utterances: pd.DataFrame,
    encoders: Sequence[Encoder],
    specs: Sequence[str],
    *,
    engine: Engine,
    seed: int,
    raw: str | None,
    cache: str | Path | bool,
    progress: Progress | None = None,
) -> Heard:
    """As `hear`, spread by an engine: the same vectors, to the last digit. Times must be finite.

    Raises:
        UnheardError: not one utterance could be heard.
    """
    import numpy as np

    blocks = tuple(encoder.dimensions for encoder in encoders)
    matrix = np.full((len(utterances), sum(blocks)), np.nan, dtype=np.float32)
    heard = np.zeros(len(utterances), dtype=bool)
    task = HearTask(tuple(specs), seed, raw, plain_cache(cache), checked=True)
    hits = misses = 0
    seconds = 0.0
    problems: list[tuple[int, Problem]] = []
    for shard, outcome in spread(engine, task, shards(utterances), progress):
        first = int(shard.rows["row"].iloc[0])
        if outcome.problem is not None:
            problems.append((first, replace(outcome.problem, count=len(shard.rows))))
            continue
        rows = outcome.value["row"].to_numpy()
        matrix[rows] = matrix_of(outcome.value, specs, blocks)
        heard[rows] = outcome.value["problem"].is_null().to_numpy(zero_copy_only=False)
        facts = facts_of(outcome.value)
        problems.extend((first, problem) for problem in facts.problems)
        hits, misses, seconds = hits + facts.hits, misses + facts.misses, seconds + facts.audio_seconds
    told = merged([problem for _, problem in sorted(problems, key=lambda one: one[0])])
    if len(utterances) and not heard.any():
        raise UnheardError(len(utterances), told[0].detail)
    return Heard(matrix, blocks, heard, told, hits, misses, seconds)


class _Hearing:
    """What was heard of rows: vectors, reasons and counts. Where nothing could be, each row is tried by itself."""

    def __init__(self, task: HearTask, rows: pd.DataFrame) -> None:
        self.specs = task.specs
        self.rows = rows["row"].to_numpy()
        self.why: dict[int, str] = {}
        self.problems: tuple[Problem, ...] = ()
        self.hits = self.misses = 0
        self.audio_seconds = 0.0
        self._encoders, cache = _ears(task.specs, task.cache)
        self.blocks = [encoder.dimensions for encoder in self._encoders]
        self.matrix = no_vectors(len(rows), sum(self.blocks))
        self._hear(rows, slice(0, len(rows)), task.seed, cache)
        self.problems = merged(self.problems)

    def table(self, shard: pd.Series, why: dict[int, str], problems: tuple[Problem, ...]) -> pa.Table:
        """The table of all rows of the shard, with what was found out before."""
        import pandas as pd

        places = shard.to_numpy()
        matrix = no_vectors(len(places), sum(self.blocks))
        matrix[pd.Index(places).get_indexer(self.rows)] = self.matrix
        facts = Facts((*problems, *self.problems), self.hits, self.misses, self.audio_seconds)
        return vectors_table(self.specs, self.blocks, places, matrix, why | self.why, facts)

    def _hear(self, rows: pd.DataFrame, place: slice, seed: int, cache: FeatureCache) -> None:
        if rows.empty:
            return
        try:
            heard = hear(rows, self._encoders, seed=seed, cache=cache)
        except UnheardError as error:
            if len(rows) > 1:
                for position in range(len(rows)):
                    here = slice(place.start + position, place.start + position + 1)
                    self._hear(rows.iloc[position : position + 1].reset_index(drop=True), here, seed, cache)
            else:
                self._fail(rows.iloc[0], error.first)
            return
        self.matrix[place] = heard.matrix
        self.hits, self.misses = self.hits + heard.hits, self.misses + heard.misses
        self.audio_seconds += heard.audio_seconds
        self.problems += heard.problems
        for position in (~heard.heard).nonzero()[0].tolist():
            self.why[int(rows["row"].iloc[position])] = _reasons(heard, str(rows["audio"].iloc[position]))

    def _fail(self, row: pd.Series, why: str) -> None:
        self.problems += (Problem("unheard", Path(row["audio"]).name, why),)
        self.why[int(row["row"])] = why


@functools.lru_cache(maxsize=1)
def _ears(specs: tuple[str, ...], cache: str | bool) -> tuple[list[Encoder], FeatureCache]:
    """Encoders and cache of this process, made once."""
    return create_encoders(specs), open_cache(cache)


def _copied(rows: pd.DataFrame, scratch: Path) -> tuple[pd.DataFrame, dict[int, str], list[Problem]]:
    """Rows whose recordings are files of this machine, why others are not, and the same as problems."""
    urls = {str(path): url for path in rows["audio"].unique() if (url := remote.address(path))}
    copies = remote.fetch_all(list(urls.values()), cache=scratch) if urls else {}
    failed = {path: str(copies[url]) for path, url in urls.items() if isinstance(copies[url], InputError)}
    missing = rows["audio"].map(failed)
    problems = [
        Problem("unreachable", remote.name_of(urls[path]), why, int((rows["audio"] == path).sum()))
        for path, why in failed.items()
    ]
    here = rows[missing.isna()].reset_index(drop=True)
    files = {path: str(copies[url]) for path, url in urls.items()}
    here = here.assign(audio=here["audio"].map(lambda path: files.get(path, path)))
    return here, dict(zip(rows["row"][missing.notna()], missing.dropna(), strict=True)), problems


def _untimely(corpus: Corpus, checked: Corpus, durations: dict[str, float]) -> dict[int, str]:
    """Why rows were left out for their times: what is wrong with times of their recording."""
    rows = corpus.utterances
    left_out = rows[rows["audio"].isin(list(durations)) & ~rows["row"].isin(checked.utterances["row"])]
    why: dict[int, str] = {}
    for path, gone in left_out.groupby("audio", sort=False):
        own = check_times(Corpus("", "", rows[rows["audio"] == path]), durations)
        details = "; ".join(problem.detail for problem in own.problems if problem.detail.endswith("left out"))
        why |= {int(row): details for row in gone["row"]}
    return why


def _reasons(heard: Heard, path: str) -> str:
    name = Path(path).name
    return "; ".join(one.detail for one in heard.problems if one.kind == "unheard" and one.subject == name)
