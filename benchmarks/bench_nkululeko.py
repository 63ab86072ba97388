"""Training from files to a judged model, beside nkululeko: the same files, labels and number of processes."""

from __future__ import annotations

import importlib.util
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench_commands import PEERS, TONEWISE, Run, run
from bench_material import acted, evenly, manifest
from bench_report import BenchError, Section, spread, table
from bench_workers import worker

CLIPS = 120
ROUNDS = 2
ABOUT = """`python benchmarks/bench.py nkululeko`. Clips of nEMO as WAV, labelled positive or negative by people; each
program's own command, nothing kept from before, in turns. Both keep speakers apart. It says who waits how long for
what, not who is better: no figure of merit is compared here, since the parts that are tested on differ."""
INI = """[EXP]
root = {root}
name = bench
runs = 1
epochs = 1
[DATA]
databases = ['bench']
bench = {corpus}
bench.type = csv
bench.absolute_path = True
bench.split_strategy = speaker_split
bench.test_size = 20
target = emotion
labels = ['positive', 'negative']
[FEATS]
type = ['os']
set = eGeMAPSv02
level = functionals
scale = standard
no_reuse = True
[MODEL]
type = svm
"""
DOES = {
    "nkululeko": "openSMILE eGeMAPSv02, standardised; SVM; split by speaker, 80/20; plots of the result",
    "tonewise egemaps": "openSMILE eGeMAPSv02, by speaker; logistic regression; split by speaker, with validation",
    "tonewise melstats": "Mel statistics, by speaker; the same",
    "tonewise": "its default features (turn:1); the same",
}


def measure(scale: float, left: float) -> Section:
    """In turns; nkululeko's version is its own answer."""
    failed: dict[str, str] = {}
    found: dict[str, list[Run]] = {name: [] for name in DOES}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus, minutes, clips = _corpus(folder, max(60, round(CLIPS * scale)))
        for _ in range(max(1, round(ROUNDS * scale))):
            for what in (each for each in DOES if each not in failed):
                try:
                    with tempfile.TemporaryDirectory(dir=folder) as place:
                        found[what].append(_run(what, corpus, Path(place), left / 4))
                except (BenchError, OSError) as problem:
                    failed[what] = re.sub(r"/\S+/", "", str(problem))
    rows = [[what, DOES[what], *_cells(runs)] for what, runs in found.items() if runs]
    head = ["program", "what it does", "s", "s of cores", "peak MB"]
    text = [
        f"{ABOUT} {clips} clips, {minutes:.1f} min.",
        table(head, rows),
        *(f"{what}: {why}" for what, why in failed.items()),
    ]
    return Section("Training beside nkululeko", "\n\n".join(text), versions=_versions())


def _cells(runs: Sequence[Run]) -> list[str]:
    return [
        spread([each.seconds for each in runs], 1),
        spread([each.work for each in runs], 1),
        f"{max(each.megabytes for each in runs):.0f}",
    ]


def _corpus(folder: Path, count: int) -> tuple[Path, float, int]:
    """A table that both can read (text for tonewise, `file` and `emotion` for nkululeko), minutes, clips."""
    polar = [row for row in acted() if row["corpus"] == "nemo" and row["polarity"] in ("positive", "negative")]
    rows = evenly(sorted(polar, key=lambda row: row["audio"]), count)
    wav = [str(folder / f"{number}.wav") for number in range(len(rows))]
    with worker() as hand:
        hand.do("as_wav", pairs=[(row["audio"], made) for row, made in zip(rows, wav, strict=True)])
        seconds = sum(hand.do("probe", files=wav))
    rows = [
        {**row, "audio": made, "file": made, "emotion": row["polarity"]} for row, made in zip(rows, wav, strict=True)
    ]
    manifest(rows, folder / "nkululeko.csv", ("file", "speaker", "emotion"))
    return manifest(rows, folder / "tonewise.csv", ("audio", "speaker", "text", "polarity")), seconds / 60, len(rows)


def _run(what: str, corpus: Path, folder: Path, limit: float) -> Run:
    if what == "nkululeko":
        ini = folder / "bench.ini"
        ini.write_text(INI.format(root=f"{folder}/", corpus=corpus.with_name("nkululeko.csv")), encoding="utf-8")
        return run((PEERS, "-m", "nkululeko.nkululeko", "--config", ini), limit, cwd=folder, more={"MPLBACKEND": "agg"})
    if what.endswith("egemaps") and not importlib.util.find_spec("opensmile"):
        raise BenchError("not measured: openSMILE is not installed beside tonewise (requirements/egemaps.txt)")
    features = () if what == "tonewise" else ("--features", what.split()[1])
    command = (
        *TONEWISE,
        "train",
        corpus,
        "--labels",
        "polarity",
        *features,
        "--no-audit",
        "--no-cache",
        "-o",
        folder / "m",
    )
    return run(command, limit)


def _versions() -> dict[str, str]:
    if not PEERS.exists():
        return {}
    with worker(PEERS) as peers:
        found: dict[str, str] = peers.do("versions", names=["nkululeko", "opensmile", "scikit-learn"])
    return found
