"""The engines side by side: the same features of the same recordings by this machine and by Ray, in one run.

    python benchmarks/engines_speed.py [--data ../shared/data] [--features melstats] [--recordings 1500] [--rounds 2]

Every way does the same work, with nothing kept. Ways take turns, so that all meet the same machine. Throughput is seconds of
sound a second of the work itself; what it takes to start (processes, a Ray cluster) is told beside it, since it is paid once
a run, and `first` is the whole of a run. Ratios are to the faster of the two `local` ways.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from tonewise import engines
from tonewise.pipeline.spreading_table import feature_table

WAYS = {"local, one process": ("local", 1), "local, two processes": ("local", 2), "ray, two at a time": ("ray", 2)}


def manifest(data: Path, count: int, folder: Path) -> Path:
    """A manifest of `count` recordings, spread evenly over the corpus."""
    with (data / "acted.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen = rows[:: max(1, len(rows) // count)][:count]
    with (folder / "corpus.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["audio", "recording", "text"])
        table.writeheader()
        for row in chosen:
            table.writerow({"audio": data / row["audio"], "recording": row["recording"], "text": row["text"]})
    return folder / "corpus.csv"


class Stages:
    """When the first and the last shard were done: the time before is starting up."""

    def __init__(self) -> None:
        self.started = self.first = self.last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "features":
            now = time.monotonic()
            if done == 0:
                self.started = now
            elif done == 1:
                self.first = now
            self.last, self.total = now, total


def run(corpus: Path, specs: list[str], way: tuple[str, int], folder: Path) -> tuple[float, float, float, bytes]:
    """Seconds of sound, seconds from the first shard to the last, seconds before that, and the file."""
    stages = Stages()
    output = folder / "f.parquet"
    with closing(engines.create(way[0], jobs=way[1])) as engine:
        made = feature_table(corpus, output, features=specs, engine=engine, cache=False, progress=stages)
    share = (stages.total - 1) / stages.total  # the first shard is what starting up ends with
    return made.audio_seconds * share, stages.last - stages.first, stages.first - stages.started, output.read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--features", default="melstats")
    parser.add_argument("--recordings", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus = manifest(options.data, options.recordings, folder)
        files = set()
        for _ in range(options.rounds):
            for name, way in WAYS.items():
                audio, seconds, starting, content = run(corpus, options.features.split(","), way, folder)
                found[name].append((audio / seconds, starting))
                files.add(content)
    print(
        f"{options.recordings} recordings, features {options.features}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}, ray {version('ray')}, the best of {options.rounds} rounds; "
        f"{'the files are equal' if len(files) == 1 else 'THE FILES DIFFER'}\n"
    )
    base = max(speed for name in ("local, one process", "local, two processes") for speed, _ in found[name])
    print("| engine | × real time | of the faster local | s until the first shard |\n|---|---|---|---|")
    for name, rounds in found.items():
        speed, starting = max(speed for speed, _ in rounds), min(start for _, start in rounds)
        print(f"| {name} | {speed:.0f} | {speed / base:.2f} | {starting:.1f} |")


if __name__ == "__main__":
    main()
