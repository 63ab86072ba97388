"""Benchmarks that are programs of their own, run here as they are, what they print taken over."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench_commands import run
from bench_report import Section, Target

FOLDER = Path(__file__).resolve().parent


def engines(scale: float, left: float) -> Section:
    """Ray beside local."""
    options = ("--recordings", str(max(64, round(800 * scale))), "--rounds", "2")
    text = _printed("engines_speed.py", options, left)
    ray = re.search(r"^\| ray[^|]*\|[^|]*\| *([\d.]+) *\|", text, re.MULTILINE)
    target = Target(
        "Ray on one machine, of local's throughput", float(ray[1]) if ray else None, 0.7, at_least=True, unit="×"
    )
    return Section("Engines", text, (target,))


def prosody(scale: float, left: float) -> Section:
    """Prosody beside openSMILE."""
    options = ("--clips", str(max(8, round(60 * scale))), "--rounds", str(max(1, round(3 * scale))))
    return Section("Prosody beside openSMILE, on decoded clips", _printed("prosody_speed.py", options, left))


def mel(scale: float, left: float) -> Section:
    """Our Mel spectrogram beside librosa's."""
    options = ("--clips", str(max(4, round(40 * scale))), "--rounds", str(max(2, round(7 * scale))))
    return Section("Mel spectrograms, on decoded clips", _printed("mel_speed.py", options, left))


def _printed(program: str, options: Sequence[str], left: float) -> str:
    made = run((sys.executable, "-W", "ignore", FOLDER / program, *options), limit=left)
    return f"`python benchmarks/{program} {' '.join(options)}`\n\n{made.output.strip()}"
