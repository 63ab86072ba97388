"""Mutated recordings through the decoders: `python tests/fuzz/fuzz_media.py INPUTS --seed N --real FOLDER --keep FOLDER`.

Every input is decoded by `tonewise.audio.checking` in its killable process, as `--untrusted` does. The outcomes are counted
and printed as JSON; inputs that crashed the process, hung, swelled or found a mistake of ours are kept, and a mistake of
ours, which is the only thing that fails the run, is printed with its traceback.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "audio"))

from media_mutations import mutated, seeds

from tonewise.audio import decoder_versions
from tonewise.audio.checking import CRASHED, DECODED, REFUSED, Checker, Limits, Outcome

LIMITS = Limits(seconds=10.0, bytes=1 << 20, duration=3_600.0, channels=16, memory=512 << 20)


def main() -> int:
    """Run; the exit status is 1 where tonewise itself made a mistake."""
    asked = _arguments()
    kept = Path(asked.keep or tempfile.mkdtemp(prefix="fuzz-media-"))
    kept.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    counts: Counter[tuple[str, str]] = Counter()
    mistakes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder, Checker(LIMITS) as checker:
        for number, (name, path) in enumerate(_inputs(asked, Path(folder))):
            outcome = checker.examine(path)
            counts[name.split()[0].rstrip(","), _kind(outcome)] += 1
            if outcome.kind not in (DECODED, REFUSED):
                path.replace(kept / f"{asked.seed}-{number}-{outcome.kind.replace(' ', '-')}{path.suffix}")
            if outcome.traceback is not None:
                mistakes[outcome.traceback] = mistakes.get(outcome.traceback, 0) + 1
    _tell(counts, mistakes, kept, time.monotonic() - began, asked.seed)
    return 1 if mistakes else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("inputs", type=int, nargs="?", default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


def _inputs(asked: argparse.Namespace, folder: Path):
    """(format, file) of each input, in turn through the formats."""
    found = seeds(asked.real)
    names, contents = list(found), [content for _, content in found.values()]
    extensions = sorted({extension for extension, _ in found.values()})
    for number in range(asked.inputs):
        source = random.Random(f"{asked.seed}-{number}")
        name = names[number % len(names)]
        extension, content = found[name]
        if source.random() < 0.1:  # another name than what it is
            extension = source.choice(extensions)
        path = folder / f"input.{extension}"
        path.write_bytes(mutated(content, source, contents))
        yield name, path


def _kind(outcome: Outcome) -> str:
    if outcome.traceback is not None:
        return "mistake of ours"
    damaged = outcome.checked is not None and outcome.checked.damaged is not None
    return "decoded up to the damage" if damaged else outcome.kind


def _tell(counts: Counter[tuple[str, str]], mistakes: dict[str, int], kept: Path, seconds: float, seed: int) -> None:
    by_format: dict[str, dict[str, int]] = {}
    for (name, kind), count in sorted(counts.items()):
        by_format.setdefault(name, {})[kind] = count
    totals = Counter()
    for (_, kind), count in counts.items():
        totals[kind] += count
    found = {
        "inputs": counts.total(),
        "seed": seed,
        "seconds": round(seconds, 1),
        "outcomes": dict(totals),
        "formats": by_format,
        "versions": {"python": platform.python_version(), **decoder_versions()},
        "kept": str(kept) if totals[CRASHED] or set(totals) - {DECODED, REFUSED, "decoded up to the damage"} else None,
    }
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    for traceback, times in mistakes.items():
        sys.stdout.write(f"\n{times} times:\n{traceback}\n")


if __name__ == "__main__":
    sys.exit(main())
