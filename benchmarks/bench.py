"""The benchmarks of docs/benchmarks.md, side by side on real recordings; each part's result is written there.

    python benchmarks/bench.py                     # what `make bench` does
    python benchmarks/bench.py features latency    # some parts; the others' results stay
    python benchmarks/bench.py --quick             # a twentieth of the work, to see that all works; nothing is written

A part that does not fit into what is left of --seconds is left out, and said so. Other programs are measured in an
environment of their own, .venv-bench (`make bench` makes it). Use a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import bench_features
import bench_latency
import bench_nkululeko
import bench_scripts
import bench_startup
import bench_training
from bench_report import BenchError, Section, Target, Watch, render, targets_table, write

QUICK = 0.05


@dataclass(frozen=True)
class Part:
    """A part: measures with a share of the whole work and so many seconds at most; needs about so many."""

    measure: Callable[[float, float], Section]
    needs: float
    always: bool = True


PARTS = {
    "startup": Part(bench_startup.measure, 25),
    "features": Part(bench_features.measure, 70),
    "training": Part(bench_training.measure, 300),
    "latency": Part(bench_latency.measure, 150),
    "nkululeko": Part(bench_nkululeko.measure, 50),
    "engines": Part(bench_scripts.engines, 45),
    "mel": Part(bench_scripts.mel, 15, always=False),
    "prosody": Part(bench_scripts.prosody, 40, always=False),
}


def main() -> None:
    """Measure, tell, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} [default: all but mel and prosody]"
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, default=720, help="for everything [default: 720]")
    asked = parser.parse_args()
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    chosen = asked.parts or [name for name, part in PARTS.items() if part.always]
    until = time.monotonic() + asked.seconds
    targets, problems = [], []
    for name in chosen:
        try:
            targets += _measure(name, until - time.monotonic(), quick=asked.quick)
        except (BenchError, OSError, ValueError, subprocess.SubprocessError) as problem:
            problems.append(f"{name}: {problem}")
            print(f"\n{name}: not measured: {problem}", file=sys.stderr, flush=True)
    print(f"\n{targets_table(targets)}" if targets else "")
    raise SystemExit("\n".join(["not measured:", *problems]) if problems else 0)


def _measure(name: str, left: float, *, quick: bool) -> tuple[Target, ...]:
    """One part, told on stdout and, unless it was only tried, written to the page."""
    part, scale = PARTS[name], QUICK if quick else 1.0
    if left < part.needs * scale:
        raise BenchError(
            f"{left:.0f} s are left, it needs about {part.needs:.0f}: run `python benchmarks/bench.py {name}`"
        )
    print(f"{name} …", file=sys.stderr, flush=True)
    watch = Watch()
    section = part.measure(scale, left)
    watched = watch.line()
    if quick:
        section = replace(section, title=f"{section.title} (tried with a twentieth of the work)", targets=())
    print(f"\n{render(section, watched)}", flush=True)
    if not quick:
        write(name, section, watched)
    return section.targets


if __name__ == "__main__":
    main()
