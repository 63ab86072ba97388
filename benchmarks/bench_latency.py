"""How long one waits for a score: a clip, a call, an hour; the first time, again, and of a process that has the model."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench_commands import TONEWISE, Run, run
from bench_material import HOUR, acted, evenly, long_mp3, manifest
from bench_report import BenchError, Section, table
from bench_training import COLUMNS
from bench_workers import worker

TRAINED_ON = 400  # clips: enough for a model, whose size does not depend on them
CLIP, CALL = 5.0, 600.0  # seconds
ABOUT = """`python benchmarks/bench.py latency`. `tonewise score MODEL FILE` with a model of today's defaults
(`turn:1`), without a transcript: voices are found first. The recordings are town halls, 48 kHz stereo, both channels
heard: 5 s of one; two of them, one after the other, until the length is reached. *First*: the command from the shell,
an empty cache. *Again*: with the cache that the first one filled. *Loaded*: a Python process that has the model and
has scored a clip, nothing kept. The call and the hour are scored once each."""


def measure(scale: float, left: float) -> Section:
    """Train, make the recordings, score each."""
    until = time.monotonic() + left
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = _train(folder, max(200, round(TRAINED_ON * scale)), left)
        rows, failed = [], []
        for what, recording, seconds in _recordings(folder, scale):
            try:
                rows.append([what, recording.suffix[1:].upper(), *_waits(model, recording, seconds, until)])
            except BenchError as problem:
                failed.append(f"{what}, {recording.suffix[1:].upper()}: {problem}")
    head = ["recording", "format", "first, s", "peak MB", "again, s", "loaded, s", "first, × real time"]
    return Section("Waiting for a score", "\n\n".join([ABOUT, table(head, rows), *failed]))


def _train(folder: Path, count: int, limit: float) -> Path:
    corpus = manifest(evenly(acted(), count), folder / "corpus.csv", COLUMNS)
    run((*TONEWISE, "train", corpus, "--no-audit", "-o", folder / "model", "--cache", folder / "training"), limit=limit)
    return folder / "model"


def _recordings(folder: Path, scale: float) -> list[tuple[str, Path, float]]:
    """What it is, the file, its seconds; the MP3 are frames of the originals, the WAV are decoded from them."""
    found = []
    with worker() as hand:
        for what, wanted in (("5 s", CLIP), ("a call", CALL * scale), ("an hour", HOUR * scale)):
            mp3, wav = folder / f"{wanted:.0f}.mp3", folder / f"{wanted:.0f}.wav"
            held = long_mp3(wanted, mp3)
            seconds = CLIP if wanted == CLIP else held
            hand.do("first_as_wav", source=str(mp3), target=str(wav), seconds=seconds)
            if wanted == CLIP:
                hand.do("as_mp3", source=str(wav), target=str(mp3))
            title = what if wanted == CLIP else f"{what} ({seconds / 60:.1f} min)"
            found += [(title, wav, seconds), (title, mp3, seconds)]
    return found


def _waits(model: Path, recording: Path, seconds: float, until: float) -> list[str]:
    """Cells of a table; what takes long is done once."""
    repeats = 3 if seconds <= CLIP else 1
    first: list[Run] = []
    again: list[Run] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(dir=model.parent) as cache:
            command = (*TONEWISE, "score", model, recording, "--json", "--cache", cache)
            first.append(run(command, limit=until - time.monotonic()))
            if seconds <= 2 * CALL:
                again.append(run(command, limit=until - time.monotonic()))
    took = statistics.median(each.seconds for each in first)
    peak = max(each.megabytes for each in first)
    warm = f"{statistics.median(each.seconds for each in again):.2f}" if again else "–"
    return [f"{took:.2f}", f"{peak:.0f}", warm, _loaded(model, recording, seconds), f"{seconds / took:.0f}"]


def _loaded(model: Path, recording: Path, seconds: float) -> str:
    """The median of some calls; not of an hour, where loading is nothing."""
    if seconds > 2 * CALL:
        return "–"
    with worker(sys.executable) as hand:
        taken = hand.do(
            "score",
            model=str(model),
            recording=str(recording),
            before=str(recording.with_name("5.wav")),
            times=7 if seconds <= CLIP else 1,
        )
    return f"{statistics.median(taken):.2f}"
