"""How long it takes until a command does anything, beside the imports of others."""

from __future__ import annotations

import re
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from bench_commands import PEERS, TONEWISE, Run, run
from bench_report import BenchError, Section, spread, table

ROUNDS = 4
COMMANDS: dict[str, Sequence[str | Path]] = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "import tonewise": (sys.executable, "-c", "import tonewise"),
    "tonewise --version": (*TONEWISE, "--version"),
    "tonewise --help": (*TONEWISE, "--help"),
    "tonewise train --help": (*TONEWISE, "train", "--help"),
    "import librosa; librosa.load": (PEERS, "-c", "import librosa; librosa.load"),
    "import opensmile": (PEERS, "-c", "import opensmile"),
    "from pyAudioAnalysis import ShortTermFeatures": (PEERS, "-c", "from pyAudioAnalysis import ShortTermFeatures"),
    "nkululeko --help": (PEERS, "-m", "nkululeko.nkululeko", "--help"),
}


def measure(scale: float, left: float) -> Section:
    """All commands in turns; the first round warms up."""
    found: dict[str, list[Run]] = {name: [] for name in COMMANDS}
    failed: dict[str, str] = {}
    for number in range(max(2, round(ROUNDS * scale)) + 1):
        for name, command in COMMANDS.items():
            if name not in failed:
                _once(name, command, found, failed, keep=number > 0)
    rows = [
        [
            f"`{name}`",
            spread([each.seconds for each in runs], 2),
            f"{statistics.median(each.megabytes for each in runs):.0f}",
        ]
        for name, runs in found.items()
        if runs
    ]
    text = table(["command", "seconds: median (range)", "peak MB"], rows)
    return Section("Starting", "\n\n".join([text, *(f"`{name}`: {why}" for name, why in failed.items())]))


def _once(
    name: str, command: Sequence[str | Path], found: dict[str, list[Run]], failed: dict[str, str], *, keep: bool
) -> None:
    try:
        made = run(command, limit=60)
    except (BenchError, OSError) as problem:
        failed[name] = re.sub(r"/\S+/", "", str(problem))
        return
    if keep:
        found[name].append(made)
