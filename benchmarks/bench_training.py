"""Whole training runs, cold and warm, and what happens when the audio doubles."""

from __future__ import annotations

import itertools
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench_commands import TONEWISE, Run, run
from bench_material import acted, evenly, manifest
from bench_report import BenchError, Section, Target, table
from bench_workers import worker

COLUMNS = ("audio", "recording", "speaker", "language", "corpus", "text", "polarity", "sentence")
DOUBLINGS = (1, 2, 4, 8)
SPECS = ("melstats", "whisper,melstats")
ABOUT = """`python benchmarks/bench.py training`. `tonewise train CORPUS --features …` and nothing else: labels from
the words, the audit, start-up and all. *Cold*: an empty cache. *Warm*: the same command again. Peak memory is the
largest process's."""


@dataclass(frozen=True)
class Trained:
    """A training run, of so many hours."""

    features: str
    cache: str
    clips: int
    hours: float
    run: Run

    def cells(self) -> list[str]:
        """Of a table."""
        return [self.features, self.cache, str(self.clips), f"{self.hours:.2f}", *self.run.cells()]


def measure(scale: float, left: float) -> Section:
    """Melstats for 1, 2, 4 and 8 eighths, the last of them warm, too; then with whisper."""
    until = time.monotonic() + left
    rows = acted()
    rows = evenly(rows, round(len(rows) * scale))
    with worker() as hand:
        lengths = dict(
            zip(
                (row["audio"] for row in rows),
                hand.do("probe", files=[row["audio"] for row in rows]),
                strict=True,
            )
        )
    done: list[Trained] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for spec, part, cache in _plan():
            used = evenly(rows, len(rows) * part // DOUBLINGS[-1])
            hours = sum(lengths[row["audio"]] for row in used) / 3600
            corpus = manifest(used, Path(folder) / f"corpus{part}.csv", COLUMNS)
            try:
                made = _train(corpus, spec, Path(folder) / f"{spec}-{part}", until - time.monotonic())
            except BenchError as problem:
                failed.append(f"{spec}, {cache}, {len(used)} clips: {problem}")
                continue
            done.append(Trained(spec, cache, len(used), hours, made))
    head = ["features", "cache", "clips", "hours", "s", "s of cores", "peak MB"]
    text = "\n\n".join([ABOUT, table(head, [each.cells() for each in done]), _growth(done), *failed])
    return Section("Training", text, tuple(_targets(done)))


def _plan() -> list[tuple[str, int, str]]:
    """Features, eighths of the corpus, cache."""
    first, second = SPECS
    whole = DOUBLINGS[-1]
    growth = [(first, part, "cold") for part in DOUBLINGS]
    return [*growth, (first, whole, "warm"), (second, whole, "cold"), (second, whole, "warm")]


def _train(corpus: Path, spec: str, folder: Path, limit: float) -> Run:
    command = (*TONEWISE, "train", corpus, "--features", spec, "-o", folder / "model", "--cache", folder / "cache")
    return run(command, limit=limit)


def _cold(done: Sequence[Trained]) -> list[Trained]:
    return [each for each in done if each.features == SPECS[0] and each.cache == "cold"]


def _growth(done: Sequence[Trained]) -> str:
    grown = _cold(done)
    if len(grown) < 2:
        return "Growth was not measured."
    seconds = _exponent([each.hours for each in grown], [each.run.seconds for each in grown])
    work = _exponent([each.hours for each in grown], [each.run.work for each in grown])
    memory = _exponent([each.hours for each in grown], [each.run.megabytes for each in grown])
    return (
        f"As the audio doubles ({SPECS[0]}, cold, once each): seconds grow as hours to the power of {seconds:.2f}, "
        f"seconds of the cores {work:.2f}, peak memory {memory:.2f} (least squares of logarithms, "
        f"{len(grown)} points; start-up included)."
    )


def _exponent(hours: Sequence[float], values: Sequence[float]) -> float:
    """The slope of the logarithms."""
    across, up = [math.log(each) for each in hours], [math.log(each) for each in values]
    centre, height = sum(across) / len(across), sum(up) / len(up)
    products = sum((x - centre) * (y - height) for x, y in zip(across, up, strict=True))
    return products / sum((x - centre) ** 2 for x in across)


def _targets(done: Sequence[Trained]) -> list[Target]:
    whole = {(each.features, each.cache): each for each in done if each.clips == max(other.clips for other in done)}

    def seconds(spec: str, cache: str) -> float | None:
        return whole[spec, cache].run.seconds if (spec, cache) in whole else None

    grown = _cold(done)
    worst = max((after.run.seconds / before.run.seconds for before, after in itertools.pairwise(grown)), default=None)
    first, second = SPECS
    peak = max((each.run.megabytes for each in done), default=None)
    return [
        Target("train acted.csv, melstats, cold", seconds(first, "cold"), 60, unit=" s"),
        Target("train acted.csv, melstats, warm", seconds(first, "warm"), 20, unit=" s"),
        Target("train acted.csv, whisper + melstats, cold", seconds(second, "cold"), 360, unit=" s"),
        Target("train acted.csv, whisper + melstats, warm", seconds(second, "warm"), 20, unit=" s"),
        Target("peak memory of all of them", None if peak is None else peak / 1000, 1.5, unit=" GB"),
        Target("time when the audio doubles, the worst of three", worst, 2.1, unit="×"),
    ]
