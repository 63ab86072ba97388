"""Coverage-guided fuzzing of every reader of transcripts: `make fuzz`, or `python tests/fuzz/fuzz_transcripts.py SECONDS`.

Needs the group `fuzz` (atheris; CPython 3.11 to 3.13 on Linux). Documents begin as the seeds and are changed as text by
libFuzzer and as JSON by `transcript_mutations`. It ends by itself, telling how many inputs were read
(`number_of_executed_units`), or at the first exception that is no `InputError`, leaving the input as `crash-…`.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tonewise.transcripts"]):
    from transcript_mutations import SEEDS, as_bytes, check, mutated

    from tonewise.transcripts import formats

FORMATS = (None, *formats())
SECONDS = 60


def main() -> None:
    """Fuzz for the seconds of the first argument; further ones are libFuzzer's."""
    seconds, *options = sys.argv[1:] or [str(SECONDS)]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for name, seed in SEEDS.items():
            # The first byte chooses the reader: 0 = recognised by content.
            (corpus / name).write_bytes(b"\0" + seed)
            (corpus / f"{name}-named").write_bytes(bytes([FORMATS.index(name)]) + seed)
        path = Path(folder, "call")

        def read(data: bytes) -> None:
            check(path, data[1:], FORMATS[data[0] % len(FORMATS)] if data else None)

        limits = [
            f"-max_total_time={seconds}",
            "-print_final_stats=1",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=4096",
        ]
        atheris.Setup([sys.argv[0], *limits, *options, str(corpus)], read, custom_mutator=_mutate)
        atheris.Fuzz()


def _mutate(data: bytes, max_size: int, seed: int) -> bytes:
    source = random.Random(seed)
    if source.random() < 0.5:
        try:
            value = json.loads(data[1:])
        except (ValueError, RecursionError):
            value = None
        if value is not None:
            changed = as_bytes(mutated(value, source, source.randint(1, 3)))
            return (data[:1] + changed)[:max_size]
    return atheris.Mutate(data, max_size)


if __name__ == "__main__":
    main()
