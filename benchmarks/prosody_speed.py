"""How fast prosody is heard, beside openSMILE's eGeMAPS where that is installed.

    python benchmarks/prosody_speed.py [--data ../shared/data] [--clips 60] [--rounds 5]

All take turns on the same decoded clips in one run. Times real time is seconds of sound a second of the clock (on all
cores together) and a second of one core's work; ranges are over the rounds. Clips are real where ../shared/data is.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tonewise import audio
from tonewise.features import prosody_pitch
from tonewise.features.egemaps import EGeMaps
from tonewise.features.prosody import Prosody
from tonewise.features.threads import cores, each
from tonewise.records import SAMPLE_RATE

Ear = Callable[[Sequence[np.ndarray]], np.ndarray]


def ears() -> dict[str, Ear]:
    """What is timed, by name."""

    def tracker(clips: Sequence[np.ndarray]) -> np.ndarray:
        return each(lambda clip: prosody_pitch.track(clip).voiced[:1], clips)

    found: dict[str, Ear] = {"prosody": Prosody().encode, "… its pitch tracker alone": tracker}
    if importlib.util.find_spec("opensmile"):
        found["egemaps (openSMILE)"] = EGeMaps().encode
    return found


def real_clips(data: Path, count: int) -> list[np.ndarray]:
    """Whole acted clips, spread evenly over all that are there."""
    files = sorted((data / "acted").rglob("*.opus"))
    chosen = files[:: max(1, len(files) // count)][:count]
    return [audio.read(file, 0.0, audio.probe(file).duration) for file in chosen]


def made_clips(count: int) -> list[np.ndarray]:
    """Buzzing glides of 1 to 5 s."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(count):
        length = int(random.integers(SAMPLE_RATE, 5 * SAMPLE_RATE))
        phase = 2 * np.pi * np.cumsum(np.linspace(120, 240, length)) / SAMPLE_RATE
        made.append(sum(np.sin(k * phase) / k for k in range(1, 20)).astype(np.float32) / 10)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    real = (options.data / "acted").is_dir()
    clips = real_clips(options.data, options.clips) if real else made_clips(options.clips)
    seconds = sum(map(len, clips)) / SAMPLE_RATE
    print(
        f"{len(clips)} {'real' if real else 'made'} clips, {seconds:.0f} s, {options.rounds} rounds, "
        f"{cores()} cores\n\n| encoder | times real time | times real time a core |\n|---|---|---|"
    )
    taken = _take_turns(ears(), clips, options.rounds)
    for name, times in taken.items():
        print(f"| {name} | {' | '.join(_rates(seconds, column) for column in zip(*times, strict=True))} |")


def _take_turns(
    heard: dict[str, Ear], clips: Sequence[np.ndarray], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Seconds of the clock and of the processor, a round."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in heard}
    for round_number in range(rounds + 1):
        for name, ear in heard.items():
            clock, work = time.perf_counter(), time.process_time()
            ear(clips)
            if round_number:  # the first round warms up
                taken[name].append((time.perf_counter() - clock, time.process_time() - work))
    return taken


def _rates(seconds: float, taken: Sequence[float]) -> str:
    rates = sorted(seconds / one for one in taken)
    return f"{statistics.median(rates):.0f} ({rates[0]:.0f} to {rates[-1]:.0f})"


if __name__ == "__main__":
    main()
