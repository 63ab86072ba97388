"""The real recordings that are measured on, and what is made of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench_report import ROOT, BenchError
from bench_workers import worker

DATA = ROOT.parent / "shared" / "data"
HOUR = 3600.0
KILOBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # MPEG-1, layer III
RATES = (44_100, 48_000, 32_000)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Files:
    """Files of one kind, and their seconds together."""

    paths: list[str]
    seconds: float


def acted() -> list[dict[str, str]]:
    """The rows of acted.csv, with whole paths.

    Raises:
        BenchError: The recordings are not there.
    """
    table = DATA / "acted.csv"
    if not table.is_file():
        raise BenchError("the real recordings are not here: the benchmarks need them beside the repository")
    with table.open(encoding="utf-8", newline="") as stream:
        return [{**row, "audio": str(DATA / row["audio"])} for row in csv.DictReader(stream)]


def evenly(found: Sequence[Item], count: int) -> list[Item]:
    """`count` of them, spread evenly."""
    return [found[number * len(found) // count] for number in range(min(count, len(found)))]


def manifest(rows: Sequence[dict[str, str]], target: Path, columns: Sequence[str]) -> Path:
    """A table of some columns of the rows."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        made = csv.DictWriter(stream, columns, extrasaction="ignore")
        made.writeheader()
        made.writerows(rows)
    return target


def clips(count: int, folder: Path) -> dict[str, Files]:
    """Clips by format: Opus and MP3 as they are, WAV written from the Opus clips, Opus of 2 to 8 s."""
    opus = evenly([row["audio"] for row in acted()], count)
    mp3 = evenly(sorted(str(file) for file in (DATA / "earnings").rglob("*.mp3")), count // 2)
    wav = [str(folder / f"{number}.wav") for number in range(len(opus))]
    with worker() as hand:
        hand.do("as_wav", pairs=list(zip(opus, wav, strict=True)))
        lengths = hand.do("probe", files=opus)
        mp3_seconds = sum(hand.do("probe", files=mp3))
    middle = [(file, each) for file, each in zip(opus, lengths, strict=True) if 2 <= each <= 8]
    speech = Files([file for file, _ in middle], sum(each for _, each in middle))
    return {
        "WAV": Files(wav, sum(lengths)),
        "Opus": Files(opus, sum(lengths)),
        "MP3": Files(mp3, mp3_seconds),
        "speech": speech,
    }


def long_mp3(seconds: float, target: Path) -> float:
    """Two town halls (48 kHz, stereo), the MP3 frames of one after those of the other until there are `seconds` or more.

    Returns:
        The seconds that there are.
    """
    files = sorted((DATA / "townhall").glob("*biden*.mp3"))
    with worker() as hand:
        lengths = hand.do("probe", files=[str(file) for file in files])
    frames = [_frames(file.read_bytes()) for file in files]
    held, turn = 0.0, 0
    with target.open("wb") as stream:
        while held < seconds:
            stream.write(frames[turn % len(files)])
            held += lengths[turn % len(files)]
            turn += 1
    return held


def _frames(content: bytes) -> bytes:
    """An MP3 without its tag and without the frame that tells its length: it would be wrong of the whole."""
    first = 0
    if content[:3] == b"ID3":
        first = 10 + sum(byte << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    told = any(mark in content[first : first + 200] for mark in (b"Xing", b"Info", b"VBRI"))
    return content[first + (_frame_length(content[first:]) if told else 0) :]


def _frame_length(header: bytes) -> int:
    """Bytes of an MPEG-1 layer III frame."""
    kilobits, rate, padding = KILOBITS[header[2] >> 4], RATES[header[2] >> 2 & 3], header[2] >> 1 & 1
    return 144_000 * kilobits // rate + padding
