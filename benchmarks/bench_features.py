"""From files to vectors: tonewise beside librosa, openSMILE, kaldi-native-fbank and pyAudioAnalysis."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from bench_commands import PEERS
from bench_material import Files, clips
from bench_report import CORES, BenchError, Section, Target, spread, table
from bench_workers import Ears, ears, worker

NAMES = {
    "melstats": "tonewise melstats",
    "librosa16": "librosa.load(sr=16000) + melspectrogram, dB",
    "librosa": "librosa.load + melspectrogram, dB (22,050 Hz, its default)",
    "kaldi": "kaldi-native-fbank, 64 bands (soundfile, soxr)",
    "opensmile": "openSMILE eGeMAPSv02 (soundfile)",
    "pyaudioanalysis": "pyAudioAnalysis, 68 short-term features (soundfile)",
    "whisper": "tonewise whisper (tiny.en)",
    "turn:1": "tonewise turn:1 (the default)",
}
OURS = ("melstats", "whisper", "turn:1")
SLOW = (
    "opensmile",
    "pyaudioanalysis",
)
KINDS: dict[str, Sequence[str]] = {
    "Opus": ("melstats", "librosa16", "librosa", "kaldi"),
    "MP3": ("melstats", "librosa16", "librosa", "kaldi"),
    "WAV": ("melstats", "librosa16", "librosa", "kaldi", *SLOW),
    "speech": ("whisper", "turn:1"),
}
TITLES = {"speech": "Opus of 2 to 8 s"}
CLIPS = 48
ROUNDS = 3
AT_LEAST = 0.5  # seconds that one measurement takes: fast ears hear the files several times
ABOUT = """`python benchmarks/bench.py features`. Decoding, features and statistics over time; all hear the same files
in turns, in processes that have started and imported already, as many for each. Within a process each uses the threads
that it uses by itself. Opus: `acted`; WAV: the same clips, written anew; MP3: `earnings` (44.1 kHz). The features are
not the same: eGeMAPS and pyAudioAnalysis compute more than a Mel spectrogram does. openSMILE and pyAudioAnalysis are
heard as WAV only: beside their own time, decoding is nothing."""


@dataclass
class Heard:
    """What an ear took, a round.

    Attributes:
        seconds: of the clock, for all files once.
        work: of the processors.
    """

    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)


Found = dict[tuple[int, str, str], Heard]  # by processes, kind and ear


def measure(scale: float, left: float) -> Section:
    """One process each, then one a core."""
    failed: dict[str, str] = {}
    found: Found = {}
    with tempfile.TemporaryDirectory() as folder:
        files = clips(max(8, round(CLIPS * scale)), Path(folder))
        for processes in sorted({1, CORES}):
            until = time.monotonic() + left / 5
            with ears(processes) as listening:
                _take_turns(listening, processes, files, found, failed, max(1, round(ROUNDS * scale)), until)
    text = [f"{ABOUT} {_lengths(files)}.", *(_table(processes, files, found) for processes in sorted({1, CORES}))]
    text += [f"{NAMES[ear]} could not be measured: {why}" for ear, why in failed.items()]
    return Section("Features", "\n\n".join(text), tuple(_targets(files, found)), _versions())


def _take_turns(
    listening: Ears,
    processes: int,
    files: dict[str, Files],
    found: Found,
    failed: dict[str, str],
    rounds: int,
    until: float,
) -> None:
    times: dict[tuple[str, str], int] = {}
    for number in range(rounds + 1):
        if number > 1 and time.monotonic() > until:
            return
        part = slice(None, None, 1 if number else 4)  # the first round warms up
        for kind, chosen in KINDS.items():
            for ear in (each for each in chosen if each not in failed):
                try:
                    seconds, work = listening.hear(
                        ear, files[kind].paths[part], peer=ear not in OURS, times=times.get((kind, ear), 1)
                    )
                except (BenchError, OSError) as problem:
                    failed[ear] = str(problem)
                    continue
                if number == 0:  # how often to hear the files
                    times[kind, ear] = min(20, ceil(AT_LEAST / seconds / 4))
                else:
                    heard = found.setdefault((processes, kind, ear), Heard())
                    heard.seconds.append(seconds)
                    heard.work.append(work)


def _table(processes: int, files: dict[str, Files], found: Found) -> str:
    rows = []
    for (used, kind, ear), heard in sorted(found.items(), key=lambda item: list(KINDS).index(item[0][1])):
        if used != processes:
            continue
        ours = found.get((processes, kind, "melstats"))
        ratio = spread(_ratios(heard.seconds, ours.seconds), 1) if ours and ear not in OURS else "–"
        work = spread(_ratios(heard.work, ours.work), 1) if ours and ear not in OURS else "–"
        seconds = files[kind].seconds
        rates = [[seconds / each for each in taken] for taken in (heard.seconds, heard.work)]
        rows.append([TITLES.get(kind, kind), NAMES[ear], spread(rates[0]), spread(rates[1]), ratio, work])
    head = [
        "files",
        "what",
        "× real time",
        "× real time, a second of a core",
        "melstats is × faster",
        "… by seconds of cores",
    ]
    count = "One process" if processes == 1 else f"{processes} processes"
    return f"**{count} each.** Median (range) over rounds.\n\n{table(head, rows)}"


def _lengths(files: dict[str, Files]) -> str:
    said = (f"{TITLES.get(kind, kind)}: {len(each.paths)} clips, {each.seconds:.0f} s" for kind, each in files.items())
    return "; ".join(said)


def _ratios(theirs: Sequence[float], ours: Sequence[float]) -> list[float]:
    """Round by round."""
    return [one / other for one, other in zip(theirs, ours, strict=False)]


def _targets(files: dict[str, Files], found: Found) -> list[Target]:
    """The harder of the two numbers of processes counts, and of librosa's rates the one that is faster."""
    everyone = sorted({used for used, _, _ in found})

    def faster(kind: str, ear: str) -> float | None:
        pairs = [(found.get((used, kind, ear)), found.get((used, kind, "melstats"))) for used in everyone]
        ratios = [statistics.median(_ratios(one.seconds, other.seconds)) for one, other in pairs if one and other]
        return min(ratios, default=None)

    whisper = [files["speech"].seconds / statistics.median(found[key].seconds) for key in found if key[2] == "whisper"]
    librosa = [each for each in (faster("Opus", "librosa16"), faster("Opus", "librosa")) if each is not None]
    return [
        Target("melstats beside librosa on Opus", min(librosa, default=None), 2.5, at_least=True, unit="×"),
        Target("melstats beside openSMILE eGeMAPS on WAV", faster("WAV", "opensmile"), 20, at_least=True, unit="×"),
        Target(
            "whisper (tiny.en), clips of 2 to 8 s, times real time",
            max(whisper, default=None),
            100,
            at_least=True,
            unit="×",
        ),
    ]


def _versions() -> dict[str, str]:
    with worker() as own:
        found: dict[str, str] = own.do("versions", names=["numpy", "soundfile", "ctranslate2", "onnxruntime"])
    if PEERS.exists():
        with worker(PEERS) as peers:
            found |= peers.do("versions", names=["librosa", "opensmile", "kaldi_native_fbank", "pyAudioAnalysis"])
    return found
