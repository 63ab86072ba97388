"""Vectors of a shard as one Arrow table: what a worker gives back, and what a part file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tonewise.pipeline.spreading import Shard
from tonewise.records import Problem

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_KEY = b"tonewise"  # of the schema's metadata, JSON of `Facts`


@dataclass(frozen=True, slots=True)
class Facts:
    """What a shard's table has to tell beside its rows."""

    problems: tuple[Problem, ...]
    hits: int
    misses: int
    audio_seconds: float

    def onto(self, table: pa.Table) -> pa.Table:
        """The table with these facts beside it."""
        return table.replace_schema_metadata({_KEY: json.dumps(asdict(self))})


def sum_of(facts: Sequence[Facts]) -> Facts:
    """What several tables have to tell together."""
    return Facts(
        tuple(problem for each in facts for problem in each.problems),
        sum(each.hits for each in facts),
        sum(each.misses for each in facts),
        sum(each.audio_seconds for each in facts),
    )


def facts_of(table: pa.Table) -> Facts:
    """What is told beside the rows of a table that `HearTask` made."""
    found = json.loads(table.schema.metadata[_KEY])
    return Facts(tuple(Problem(**each) for each in found.pop("problems")), **found)


def empty_table(specs: Sequence[str], blocks: Sequence[int], shard: Shard, problem: Problem) -> pa.Table:
    """The table of a shard that could not be worked on."""
    rows = shard.rows["row"].to_numpy()
    why = {int(row): problem.detail for row in rows}
    facts = Facts((replace(problem, count=len(rows)),), 0, 0, 0.0)
    return vectors_table(specs, blocks, rows, no_vectors(len(rows), sum(blocks)), why, facts)


def no_vectors(rows: int, width: int) -> np.ndarray:
    """float32 `(rows, width)` of NaN."""
    import numpy as np

    return np.full((rows, width), np.nan, dtype=np.float32)


def matrix_of(table: pa.Table, specs: Sequence[str], blocks: Sequence[int]) -> np.ndarray:
    """float32 `(n, d)`, encoders side by side; NaN where there is no vector."""
    found = no_vectors(table.num_rows, sum(blocks))
    first = 0
    for spec, width in zip(specs, blocks, strict=True):
        column = table[spec].combine_chunks()
        there = column.is_valid().to_numpy(zero_copy_only=False)
        found[there, first : first + width] = column.drop_null().flatten().to_numpy().reshape(-1, width)
        first += width
    return found


def vectors_table(
    specs: Sequence[str],
    blocks: Sequence[int],
    rows: np.ndarray,
    matrix: np.ndarray,
    why: Mapping[int, str],
    facts: Facts,
) -> pa.Table:
    """A shard's table.

    Args:
        specs: names of encoders; `blocks`, how many numbers each gives.
        rows: int64 `(n,)`, places in the corpus.
        matrix: float32 `(n, d)`, not finite where an encoder could not hear.
        why: reasons by place, of rows that were not heard.
        facts: what there is to tell beside.
    """
    import numpy as np
    import pyarrow as pa

    columns: dict[str, Any] = {
        "row": pa.array(rows, pa.int64()),
        "problem": pa.array([why.get(int(row)) for row in rows], pa.string()),
    }
    for spec, block in zip(specs, np.split(matrix, np.cumsum(blocks)[:-1], axis=1), strict=True):
        columns[spec] = _vectors(block)
    return facts.onto(pa.table(columns))


def _vectors(block: np.ndarray) -> pa.Array:
    """Rows as fixed-size lists of float32, null where one is not finite."""
    import numpy as np
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(block).reshape(-1), pa.float32())
    mask = pa.array(~np.isfinite(block).all(axis=1))
    return pa.FixedSizeListArray.from_arrays(flat, block.shape[1], mask=mask)
