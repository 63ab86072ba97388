"""From files to vectors: tonewise beside librosa and openSMILE, decoding included, with the same number of processes.

    python benchmarks/pipeline_speed.py [--data ../shared/data] [--clips 300] [--rounds 5] [--processes 1]

All take turns on the same files in one run. Each is given as many processes as asked; within a process, each uses the
threads that it uses by itself (numpy's BLAS, tonewise's own). Opus files are the acted corpus's own (16 kHz mono); WAV are
the same clips written anew. Times real time is seconds of sound a second of the clock, with the range over the rounds;
beside it a second of the processor, which says more on a machine that is not idle.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import librosa
import numpy as np
import soundfile

from tonewise import audio, features
from tonewise.records import SAMPLE_RATE

Ear = Callable[[Sequence[str]], None]


def tonewise(spec: str) -> Ear:
    """What a training run does with files that it does not know yet."""

    def hear(files: Sequence[str]) -> None:
        encoder = features.create(spec)
        clips = [audio.whole_clip(file, 0.0, audio.probe(file).duration) for file in files]
        done = features.extract_all([(encoder, clips)], audio.hear_all, features.FeatureCache(None))[0]
        assert not done.failed

    return hear


def librosa_mel(rate: int) -> Ear:
    """The usual two lines."""

    def hear(files: Sequence[str]) -> None:
        for file in files:
            samples, found = librosa.load(file, sr=rate)
            librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=found))

    return hear


def opensmile_egemaps(files: Sequence[str]) -> None:
    """openSMILE's functionals of each file."""
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    for file in files:
        samples, rate = soundfile.read(file, dtype="float32")
        smile.process_signal(samples, rate)


EARS: dict[str, tuple[str, Ear]] = {
    "tonewise melstats, Opus": ("opus", tonewise("melstats")),
    "librosa.load + melspectrogram (22,050 Hz, its default), Opus": ("opus", librosa_mel(22_050)),
    "librosa.load(sr=16000) + melspectrogram, Opus": ("opus", librosa_mel(SAMPLE_RATE)),
    "tonewise melstats, WAV": ("wav", tonewise("melstats")),
    "openSMILE eGeMAPSv02, WAV": ("wav", opensmile_egemaps),
    "tonewise whisper (tiny.en), Opus of 2 to 8 s": ("speech", tonewise("whisper")),
    "tonewise turn:1, Opus of 2 to 8 s": ("speech", tonewise("turn:1")),
}


def run(name: str, files: Sequence[str]) -> float:
    """Processor seconds that an ear takes in this process."""
    started = time.process_time()
    EARS[name][1](files)
    return time.process_time() - started


def material(data: Path, count: int, folder: Path) -> dict[str, tuple[list[str], float]]:
    """Files and their seconds, by kind."""
    found = sorted((data / "acted").rglob("*.opus"))
    opus = [str(file) for file in found[:: max(1, len(found) // count)][:count]]
    seconds = [audio.probe(file).duration for file in opus]
    wav = [_as_wav(file, folder / f"{number}.wav") for number, file in enumerate(opus)]
    speech = [(file, each) for file, each in zip(opus, seconds, strict=True) if 2 <= each <= 8][: count // 2]
    return {
        "opus": (opus, sum(seconds)),
        "wav": (wav, sum(seconds)),
        "speech": ([file for file, _ in speech], sum(each for _, each in speech)),
    }


def _as_wav(source: str, target: Path) -> str:
    soundfile.write(target, audio.read(source), SAMPLE_RATE)
    return str(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.get_context("spawn").Pool(options.processes) as pool,
    ):
        files = material(options.data, options.clips, Path(folder))
        taken = _take_turns(pool, files, options.rounds, options.processes)
        load = os.getloadavg()[0]
    print(
        f"{len(files['opus'][0])} clips, {files['opus'][1]:.0f} s; {options.rounds} rounds, {options.processes} process(es) "
        f"each, {os.cpu_count()} cores, load {load:.1f}; librosa {librosa.__version__}, numpy {np.__version__}\n\n"
        "| what | times real time | a second of the processor |\n|---|---|---|"
    )
    for name, times in taken.items():
        seconds = files[EARS[name][0]][1]
        print(f"| {name} | {' | '.join(_rates(seconds, column) for column in zip(*times, strict=True))} |")


def _take_turns(
    pool: multiprocessing.pool.Pool, files: dict[str, tuple[list[str], float]], rounds: int, processes: int
) -> dict[str, list[tuple[float, float]]]:
    """Seconds of the clock and of the processors, a round; the first round warms up."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in EARS}
    for number in range(rounds + 1):
        for name, (kind, _) in EARS.items():
            shares = [(name, files[kind][0][first::processes]) for first in range(processes)]
            started = time.perf_counter()
            work = sum(pool.starmap(run, shares, chunksize=1))
            if number:
                taken[name].append((time.perf_counter() - started, work))
    return taken


def _rates(seconds: float, taken: Sequence[float]) -> str:
    rates = sorted(seconds / one for one in taken)
    return f"{statistics.median(rates):.0f} ({rates[0]:.0f} to {rates[-1]:.0f})"


if __name__ == "__main__":
    main()
