"""What 10,000 and 1,000,000 hours would take: cost by stage, measured here, and a simulation of a cluster that does it.

    python benchmarks/cluster_plan.py [--data ../shared/data] [--minutes 6] [--features melstats,turn:1,whisper]

1. Measures seconds of one core for an hour of sound, by stage: reading the file, decoding, each encoder (decoding
   taken off), labels of the words. Recordings are spread evenly over acted.csv.
2. Simulates a cluster, worker by worker: recordings of skewed lengths (log-normal, as calls are), workers of unequal speed,
   machines that are lost and their shards done again, one object store with so many bytes a second, one driver that writes.
3. Prices it: hours of workers × price. Prices are assumptions, given as options.
"""

from __future__ import annotations

import argparse
import heapq
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tonewise import audio, engines, labels
from tonewise.features import FeatureCache, create, extract
from tonewise.labels import LabellerOptions, Sentence
from tonewise.pipeline.hearing import plan
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.spreading_labels import Sentences, VoteTask
from tonewise.pipeline.spreading_output import Parts, Place, rows_of, write_joined
from tonewise.pipeline.spreading_vectors import Facts, vectors_table

HOURS = (10_000, 1_000_000)
WORKERS = (2, 64, 1024)
UTTERANCE = 4.0  # seconds, for counting rows: 900 an hour
CALL = 0.1  # hours of a call, the mean of a log-normal distribution with a deviation (log) of 1
SHARD = 2  # calls of that length, of 90 utterances, that are a shard
SIMULATED = 20_000.0  # hours
OVERHEAD = 0.05  # seconds that giving out a shard takes (Ray Data on one machine: docs/cluster.md)


@dataclass(frozen=True)
class Cluster:
    """A cluster to simulate.

    Attributes:
        workers: cores.
        store: bytes a second that the object store gives them together.
        driver: shards a second that the driver takes in and writes.
        loss: machines of eight cores that are lost in an hour, as a share of them.
        spread: standard deviation of the workers' speeds (log).
    """

    workers: int
    store: float = 2.5e9
    driver: float = 100.0
    loss: float = 0.002
    spread: float = 0.1


def seconds_of(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(data: Path, minutes: float, specs: list[str]) -> tuple[dict[str, float], pd.DataFrame]:
    """Core seconds an hour of sound, by stage, and the utterances that it was measured on."""
    corpus = audible(read_corpora(data / "acted.csv"), jobs=1)
    table = corpus.utterances[corpus.utterances["text"].notna()]
    length = float((table["end"] - table["start"]).mean())
    count = max(16, round(minutes * 60 / length))
    rows = table.iloc[:: max(1, len(table) // count)][:count].reset_index(drop=True)
    hours = float((rows["end"] - rows["start"]).sum()) / 3600
    found = {"read": seconds_of(lambda: [Path(path).read_bytes() for path in rows["audio"]]) / hours}
    clips = plan(rows, create("melstats"), 0)
    audio.hear(clips[0])
    found["decode"] = seconds_of(lambda: [audio.hear(clip) for clip in clips]) / hours
    for spec in specs:
        found[f"features {spec}"] = _encoding(spec, rows, hours) - found["decode"]
    for name in ("lexicon", "semantic"):
        labeller = labels.create(name)
        labels.label_texts(rows["text"][:8], labeller)
        found[f"labels {name}"] = seconds_of(lambda made=labeller: labels.label_texts(rows["text"], made)) / hours
    found["languages"] = seconds_of(lambda: labels.detect_languages(rows["text"], rows["recording"])) / hours
    return found, rows


def _encoding(spec: str, rows: pd.DataFrame, hours: float) -> float:
    encoder, cache = create(spec), FeatureCache(None)
    extract(plan(rows[:2], encoder, 0), encoder, audio.hear, cache)
    clips = plan(rows, encoder, 0)
    return seconds_of(lambda: extract(clips, encoder, audio.hear, cache)) / hours


def simulate(
    hours: float, an_hour: float, cluster: Cluster, *, bytes_an_hour: float, seed: int = 0
) -> dict[str, float]:
    """Hours that a cluster takes, and how busy its parts are.

    Args:
        hours: of sound.
        an_hour: core seconds for an hour of sound.
        cluster: who works.
        bytes_an_hour: what is read of the store for an hour of sound.
        seed: of lengths, speeds and losses.
    """
    random = np.random.default_rng(seed)
    simulated = min(
        hours, SIMULATED
    )  # the rest is as many times the same: its end counts too often, so it is no flattery
    calls = random.lognormal(np.log(CALL) - 0.5, 1.0, size=round(simulated / CALL / SHARD) * SHARD)
    shards = calls.reshape(-1, SHARD).sum(axis=1) * simulated / calls.sum()
    speed = random.lognormal(0, cluster.spread, size=cluster.workers)
    queue = [(0.0, worker) for worker in range(cluster.workers)]
    lost = random.random(len(shards))
    busy, again, written = 0.0, 0, 0.0
    for shard, draw in zip(shards, lost, strict=True):
        free, worker = heapq.heappop(queue)
        reading = shard * bytes_an_hour / (cluster.store / cluster.workers)
        took = max(shard * an_hour / speed[worker], reading) + OVERHEAD
        if draw < cluster.loss / 3600 * took:  # lost half way, begun again elsewhere
            took, again = took * 1.5, again + 1
        written = max(written, free + took) + 1 / cluster.driver
        heapq.heappush(queue, (free + took, worker))
        busy += took
    end = max(written, *(free for free, _ in queue))
    times = hours / simulated
    return {"hours": end * times / 3600, "busy": busy / (end * cluster.workers), "again": again / len(shards)}


def driver_rate(width: int) -> float:
    """Shards that the driver takes in with a second of its processor: parts written, read again, joined into one file."""
    rows = round(SHARD * CALL * 3600 / UTTERANCE)
    matrix = np.random.default_rng(0).normal(size=(rows, width)).astype(np.float32)
    shards = 50
    with tempfile.TemporaryDirectory() as scratch:
        place = Place.of(Path(scratch) / "f.parquet")
        parts = Parts(place)
        started = time.process_time()
        for shard in range(shards):
            places = np.arange(shard * rows, (shard + 1) * rows)
            parts.put(f"{shard:02d}", vectors_table(["v"], [width], places, matrix, {}, Facts((), 0, 0, 0.0)))
        keys = [f"{shard:02d}" for shard in range(shards)]
        everything = [(shard, row) for shard in range(shards) for row in range(rows)]
        schema = parts.get(keys[0]).schema.remove_metadata()
        write_joined(place, rows_of(parts, keys, everything), schema)
        return shards / (time.process_time() - started)


def giving_out(items: int = 300) -> tuple[float, float]:
    """Seconds that Ray takes to start here, and for each item of next to no work, two at a time."""
    task = VoteTask("lexicon", LabellerOptions())
    nothing = [Sentences((Sentence(f"It is number {number}."),)) for number in range(items)]
    with closing(engines.create("ray", jobs=2)) as engine:
        started = time.perf_counter()
        times = [time.perf_counter() for _ in engine.map(task, nothing)]
    return times[0] - started, (times[-1] - times[0]) / (items - 1)


def plan_table(found: dict[str, float], choice: str, arguments: argparse.Namespace, megabytes: float) -> list[str]:
    """Lines of the plan for one choice of encoder."""
    an_hour = found["read"] + found["decode"] + found[f"features {choice}"]
    rate = driver_rate(create(choice).dimensions)
    lines = []
    for hours in HOURS:
        for workers in WORKERS:
            cluster = Cluster(workers, store=arguments.store, driver=rate)
            told = simulate(hours, an_hour, cluster, bytes_an_hour=megabytes * 1e6)
            cores = told["hours"] * workers
            lines.append(
                f"| {hours:,} | {choice} | {workers} | {told['hours']:.1f} h | {told['busy']:.0%} | "
                f"{cores:,.0f} | {cores * arguments.price:,.0f} |"
            )
    return lines


def skew(lengths: np.ndarray, workers: int, chunks: int) -> float:
    """Time of the slowest worker over the mean, where work is cut into equal parts beforehand rather than given out."""
    random = np.random.default_rng(0)
    return statistics.mean(
        max(part.sum() for part in np.array_split(random.permutation(lengths), workers)) / (lengths.sum() / workers)
        for _ in range(chunks)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--minutes", type=float, default=6.0, help="of sound that is measured")
    parser.add_argument("--features", default="melstats,turn:1,whisper")
    parser.add_argument("--ray", action="store_true", help="also measure what Ray takes to give out an item")
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour (an assumption)")
    parser.add_argument("--store", type=float, default=2.5e9, help="bytes a second of the object store (an assumption)")
    arguments = parser.parse_args()
    specs = arguments.features.split(",")
    with threadpool_limits(1):
        found, rows = measure(arguments.data, arguments.minutes, specs)
    hours = float((rows["end"] - rows["start"]).sum()) / 3600
    megabytes = sum(Path(path).stat().st_size for path in rows["audio"]) / 1e6 / hours
    print(f"{len(rows)} recordings, {60 * hours:.1f} min, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| stage | core seconds an hour of sound | × real time, one core |\n|---|---|---|")
    for stage, seconds in found.items():
        print(f"| {stage} | {seconds:.1f} | {3600 / max(seconds, 1e-9):,.0f} |")
    print(f"\n{megabytes:.0f} MB an hour of sound (Opus), {3600 / UTTERANCE:.0f} utterances an hour assumed")
    print(f"price of a core for an hour: {arguments.price:g}; store: {arguments.store / 1e9:g} GB/s\n")
    if arguments.ray:
        starting, each = giving_out()
        print(f"Ray on this machine: {starting:.1f} s to start, {1000 * each:.0f} ms an item of no work\n")
    print("| hours | features | cores | time | busy | core hours | price |\n|---|---|---|---|---|---|---|")
    for choice in specs:
        print("\n".join(plan_table(found, choice, arguments, megabytes)))
    print("\n| features | numbers | driver, shards/s | GB of vectors, 10,000 h | 1,000,000 h |\n|---|---|---|---|---|")
    for choice in specs:
        width = create(choice).dimensions
        sizes = [hours * 3600 / UTTERANCE * width * 4 / 1e9 for hours in HOURS]
        print(f"| {choice} | {width} | {driver_rate(width):.0f} | {sizes[0]:,.0f} | {sizes[1]:,.0f} |")
    lengths = np.random.default_rng(1).lognormal(0, 1.0, size=20_000)
    print(f"\nparts cut beforehand, 64 workers, 20,000 calls: the slowest takes {skew(lengths, 64, 20):.2f} × the mean")


if __name__ == "__main__":
    main()
