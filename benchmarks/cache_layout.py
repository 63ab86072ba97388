"""What a warm cache costs: a file a vector (what tonewise does) beside one SQLite table, and the upkeep of either.

    python benchmarks/cache_layout.py [ENTRIES]     # default 100,000; about 0.9 GB in the folder of temporary files

Seconds are of the wall clock, files in the page cache of the system.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tonewise.features import FeatureCache, cache_upkeep

DIMENSIONS = 384
AT_ONCE = 500


def main(count: int) -> None:
    """Fill both, read both, look after the files."""
    keys = [f"{hashlib.sha256(str(number).encode()).hexdigest()}-toy" for number in range(count)]
    vector = np.random.default_rng(0).normal(size=DIMENSIONS).astype("<f4")
    with tempfile.TemporaryDirectory() as name:
        root, table = Path(name) / "files", Path(name) / "vectors.sqlite"
        cache = FeatureCache(root)
        timed("files: write", count, lambda: [cache.put(key, vector) for key in keys])
        timed("files: read", count, lambda: cache.get_many(keys, DIMENSIONS))
        timed("SQLite: write", count, lambda: write_table(table, keys, vector.tobytes()))
        timed("SQLite: read", count, lambda: read_table(table, keys))
        timed("files: tonewise cache info", count, lambda: cache_upkeep.holdings(root))
        timed("files: tonewise cache verify", count, lambda: cache_upkeep.verify(root))
        blocks = sum(file.stat().st_blocks for file in root.rglob("*.npy")) * 512
        print(f"on the disk: files {blocks / 1e6:.0f} MB, SQLite {table.stat().st_size / 1e6:.0f} MB")
        timed("files: prune to half", count, lambda: cache_upkeep.prune_to(root, blocks // 2))


def timed(what: str, count: int, work: Callable[[], object]) -> None:
    """Tell how long it takes."""
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(f"{what}: {seconds:.2f} s, {seconds / count * 1e6:.1f} µs an entry", flush=True)


def write_table(table: Path, keys: list[str], content: bytes) -> None:
    """256 vectors a transaction, as batches end."""
    base = sqlite3.connect(table)
    base.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
    for start in range(0, len(keys), 256):
        with base:
            rows = [(bytes.fromhex(key[:64]), content) for key in keys[start : start + 256]]
            base.executemany("INSERT INTO vectors VALUES (?, ?)", rows)
    base.close()


def read_table(table: Path, keys: list[str]) -> list[np.ndarray]:
    """Many keys a question."""
    base = sqlite3.connect(table)
    found = []
    for start in range(0, len(keys), AT_ONCE):
        some = [bytes.fromhex(key[:64]) for key in keys[start : start + AT_ONCE]]
        marks = ",".join("?" * len(some))
        rows = base.execute(f"SELECT value FROM vectors WHERE key IN ({marks})", some)
        found += [np.frombuffer(value, dtype="<f4") for (value,) in rows]
    base.close()
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
