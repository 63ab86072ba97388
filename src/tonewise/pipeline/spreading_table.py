"""Features of a corpus as one Parquet file: `tonewise features`, on this machine or a cluster."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, engines
from tonewise.engines import Engine
from tonewise.errors import CorpusError, OptionError
from tonewise.features import Encoder, names
from tonewise.pipeline.hearing import UnheardError, create_encoders
from tonewise.pipeline.reading import read_corpora
from tonewise.pipeline.spreading import Shard, merged, plain_cache, shards, spread
from tonewise.pipeline.spreading_hearing import HearTask
from tonewise.pipeline.spreading_output import Parts, Place, rows_of, write_joined
from tonewise.pipeline.spreading_vectors import empty_table, facts_of, sum_of
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PROBLEM = "problem"  # the column that says why a row has no vectors
_NO_RECORDING = "its recording is missing; check the path"


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """What a run came to.

    Attributes:
        output: the file.
        utterances: its rows, those of the corpus, in their order; of these, `heard` have vectors of every encoder.
        recordings: files with sound.
        features: names of the encoders, which are the names of the columns, and how many numbers each gives.
        engine: who did the work.
        resumed: shards that an earlier run had finished, of `shards`.
        hits, misses: clips found in the feature cache and clips encoded, in this run and those that it goes on from.
        audio_seconds: seconds of sound that the vectors stand for.
        seconds: by stage.
        problems: what was left out.
    """

    output: str
    utterances: int
    heard: int
    recordings: int
    features: dict[str, int]
    engine: str
    shards: int
    resumed: int
    hits: int
    misses: int
    audio_seconds: float
    seconds: dict[str, float]
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """What `tonewise features --json` prints."""
        return asdict(self)


def feature_table(
    corpora: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    features: Sequence[str],
    engine: Engine | None = None,
    seed: int = 0,
    raw: str | None = None,
    transcript_format: str | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    untrusted: audio.Limits | None = None,
) -> FeatureTable:
    """Hear every utterance and write the vectors.

    The file keeps the corpus's rows, order and columns and adds, by the name of each encoder, a list of float32 (null =
    not heard) and `problem` (why not). What is finished is kept beside it, in OUTPUT.parts, until all is: a run that was
    killed goes on from there.

    Args:
        corpora: see `train`; recordings at addresses are copied by whoever hears them, and deleted after.
        output: a .parquet file, or an address of one: s3://, gs://, az://, file://, memory://.
        features: names of encoders.
        engine: who does the work, None = this process; see `engines.create`.
        seed: of where fixed clips are cut.
        raw, transcript_format, cache, progress, untrusted: see `train`; recordings are checked by whoever hears them.

    Raises:
        InputError: the corpus or the output cannot be used, or nothing could be heard.
    """
    watch = Stopwatch()
    place = Place.of(output)
    parts = Parts(place)
    specs, engine = _distinct(features), engine or engines.create()
    with watch.stage("read"):
        corpus = read_corpora(corpora, require_audio=False, transcript_format=transcript_format, progress=progress)
        _require_recordings(corpus.utterances, corpus.source)
        encoders = create_encoders(specs, progress)
        cut = shards(corpus.utterances)
        keys = _keys(cut, encoders, seed, raw, untrusted)
    task = HearTask(specs, seed, raw, plain_cache(cache), corpus.source, untrusted)
    with watch.stage("features"):
        resumed = _work(engine, task, encoders, dict(zip(keys, cut, strict=True)), parts, progress)
    with watch.stage("write"):
        told = _told(parts, keys, len(corpus.utterances))
        _write(place, parts, keys, cut, corpus.utterances, encoders, specs)
    return FeatureTable(
        output=place.shown,
        utterances=len(corpus.utterances),
        heard=told.heard,
        recordings=int(corpus.utterances["audio"].nunique()),
        features={spec: encoder.dimensions for spec, encoder in zip(specs, encoders, strict=True)},
        engine=engine.name,
        shards=len(cut),
        resumed=resumed,
        hits=told.hits,
        misses=told.misses,
        audio_seconds=told.audio_seconds,
        seconds={**watch.seconds, "total": watch.total},
        problems=(*corpus.problems, *_missing(corpus.utterances, corpus.source), *merged(told.problems)),
    )


def _distinct(features: Sequence[str]) -> tuple[str, ...]:
    if not features:
        raise OptionError(f"no features were named; choose from {', '.join(names())}")
    return tuple(dict.fromkeys(features))


def _require_recordings(utterances: pd.DataFrame, source: str) -> None:
    if not utterances["audio"].notna().any():
        raise CorpusError(
            f"{source} has no recording that is there; expected a column `audio` of files; check the paths"
        )


def _missing(utterances: pd.DataFrame, source: str) -> tuple[Problem, ...]:
    missing = int(utterances["audio"].isna().sum())
    return (Problem("no_recording", source, _NO_RECORDING, missing),) if missing else ()


def _keys(
    cut: Sequence[Shard], encoders: Sequence[Encoder], seed: int, raw: str | None, untrusted: audio.Limits | None
) -> list[str]:
    """SHA-256 of everything that a shard's vectors depend on; of a recording, its path, size and time of change."""
    heard = [[encoder.identity() for encoder in encoders], audio.decoder_versions(), seed, raw]
    if untrusted is not None:
        heard.append(asdict(untrusted))
    common = json.dumps(heard, sort_keys=True).encode()
    return [hashlib.sha256(common + _contents(shard)).hexdigest() for shard in cut]


def _contents(shard: Shard) -> bytes:
    rows: str = shard.rows.to_json(orient="values", double_precision=15)
    return rows.encode() + json.dumps([_state(path) for path in shard.rows["audio"].unique()]).encode()


def _state(path: str) -> list[int]:
    """Size and time of change of a file of this machine; nothing where it is elsewhere."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return []
    return [found.st_size, found.st_mtime_ns]


def _work(
    engine: Engine,
    task: HearTask,
    encoders: Sequence[Encoder],
    cut: dict[str, Shard],
    parts: Parts,
    progress: Progress | None,
) -> int:
    """See that every shard has its part; returns how many had one."""
    known = {key for key in parts.known() & set(cut) if parts.get(key) is not None}
    todo = {key: shard for key, shard in cut.items() if key not in known}
    key_of = {int(shard.rows["row"].iloc[position]): key for key, shard in todo.items() for position in _heads(shard)}
    blocks = [encoder.dimensions for encoder in encoders]
    pieces: dict[str, list[tuple[pa.Table, bool]]] = {}
    for shard, outcome in spread(engine, task, list(todo.values()), progress):
        key = key_of[int(shard.rows["row"].iloc[0])]
        lost = outcome.problem
        table = outcome.value if lost is None else empty_table(task.specs, blocks, shard, lost)
        if len(shard.rows) == len(cut[key].rows):
            parts.put(key, table, keep=lost is None)
        else:
            pieces.setdefault(key, []).append((table, lost is None))
    for key, found in pieces.items():
        parts.put(key, _put_together(cut[key], [table for table, _ in found]), keep=all(fine for _, fine in found))
    return len(known)


def _heads(shard: Shard) -> list[int]:
    """Where in a shard each of its recordings begins."""
    found: list[int] = (~shard.rows["audio"].duplicated()).to_numpy().nonzero()[0].tolist()
    return found


def _put_together(shard: Shard, tables: Sequence[pa.Table]) -> pa.Table:
    """One table of those of a shard's single recordings, in the order of the shard."""
    import pandas as pd
    import pyarrow as pa

    facts = [facts_of(table) for table in tables]
    joined = pa.concat_tables([table.replace_schema_metadata(None) for table in tables])
    order = pd.Index(joined["row"].to_numpy()).get_indexer(shard.rows["row"])
    return sum_of(facts).onto(joined.take(pa.array(order)))


class _Told:
    """What all parts have to tell beside their rows."""

    def __init__(self, parts: Parts, keys: Sequence[str]) -> None:
        self.heard = self.hits = self.misses = 0
        self.audio_seconds = 0.0
        self.problems: list[Problem] = []
        for key in keys:
            table = parts.finished(key)
            facts = facts_of(table)
            self.heard += table[PROBLEM].null_count
            self.hits, self.misses = self.hits + facts.hits, self.misses + facts.misses
            self.audio_seconds += facts.audio_seconds
            self.problems.extend(facts.problems)


def _told(parts: Parts, keys: Sequence[str], utterances: int) -> _Told:
    """What all parts have to tell; that nothing could be heard is an error."""
    told = _Told(parts, keys)
    if not told.heard:
        parts.finish()
        raise UnheardError(utterances, told.problems[0].detail)
    return told


def _write(
    place: Place,
    parts: Parts,
    keys: Sequence[str],
    cut: Sequence[Shard],
    utterances: pd.DataFrame,
    encoders: Sequence[Encoder],
    specs: Sequence[str],
) -> None:
    """The corpus's columns and the vectors, row by row in the corpus's order; then the parts are not needed."""
    import pyarrow as pa

    given = pa.Table.from_pandas(utterances, preserve_index=False).replace_schema_metadata(None)
    own = [name for name in given.column_names if name not in (PROBLEM, *specs)]
    given = given.select(own)
    places = _places(cut, len(utterances))
    widths = [encoder.dimensions for encoder in encoders]
    vectors = [pa.field(spec, pa.list_(pa.float32(), width)) for spec, width in zip(specs, widths, strict=True)]
    made = json.dumps({spec: encoder.identity() for spec, encoder in zip(specs, encoders, strict=True)}, sort_keys=True)
    fields = [*given.schema, *vectors, pa.field(PROBLEM, pa.string())]
    schema = pa.schema(fields, metadata={"tonewise": made})

    def pieces() -> Iterator[pa.Table]:
        done = 0
        for piece in rows_of(parts, keys, places):
            here = given.slice(done, piece.num_rows)
            done += piece.num_rows
            why = piece[PROBLEM]
            if here["audio"].null_count:
                why = pa.compute.if_else(here["audio"].is_null(), _NO_RECORDING, why)
            yield pa.Table.from_arrays([*here.columns, *(piece[spec] for spec in specs), why], schema=schema)

    write_joined(place, pieces(), schema)
    parts.finish()


def _places(cut: Sequence[Shard], rows: int) -> list[tuple[int, int]]:
    """Of each row of the corpus: its shard and its place in it; shard −1 = in none."""
    found = [(-1, 0)] * rows
    for number, shard in enumerate(cut):
        for position, row in enumerate(shard.rows["row"].tolist()):
            found[row] = (number, position)
    return found
