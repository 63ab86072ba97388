"""Reprint the tables of docs/transfer.md: voices of a corpus, and of a language, that were never heard.

    python benchmarks/new_languages.py [--data ../shared/data] [--seeds 0 1 2] [--tables 1 2 3 4]

Needs ../shared/data (not part of tonewise, see its README for its nature and licences). Gold only judges, except in columns
that are called a ceiling. Two corpora of nEMO (Polish), ASED (Amharic) and URDU are learned from, the third is judged.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

import label_texts
import label_voices
import new_languages_choice
import new_languages_tried
from label_voices import GOLD
from new_languages_voices import CHOSEN, CORPORA, LABELLERS, Languages, Recipe, by_speaker, carried, cell, mean, read

#: What carries over better and hears the voices of a corpus that is known a little worse.
STRONGER = Recipe("turn:1", 40, 64)

#: From what `train` did before to what was chosen, and what lies around it.
STEPS = (
    Recipe("turn", None, 1),
    Recipe("turn", 10, 1),
    Recipe("turn:1", 10, 1),
    Recipe("turn:1", 40, 1),
    CHOSEN,
    STRONGER,
    Recipe("turn:1", 40, 256),
    Recipe("turn:1", 10, 16),
    Recipe("turn:1", None, 16),
    *(Recipe(name, 40, 16) for name in ("turn", "turn:0", "turn:2", "melstats", "prosody", "whisper")),
)


def tell_steps(voices: Languages) -> None:
    """Table 1: one change at a time."""
    print(f"\n| recipe | {' | '.join(CORPORA)} | mean | gold-trained (ceiling) | nEMO by speaker |\n|---|{'---|' * 6}")
    for recipe in STEPS:
        found = carried(voices, recipe, "semantic")
        ceiling = mean(carried(voices, recipe, GOLD))
        cells = [*found, mean(found), ceiling, by_speaker(voices, recipe, "semantic", 0)]
        print(f"| {recipe} | {' | '.join(map(cell, cells))} |", flush=True)


def tell_chosen(voices: Languages, dialogue: label_texts.Dialogue, seeds: list[int]) -> None:
    """Table 2: the chosen recipe with other words for the same clips, and other dealings of nEMO's speakers."""
    print(f"\n| recipe | labels | seed | {' | '.join(CORPORA)} | mean | nEMO by speaker |\n|---|---|---|{'---|' * 5}")
    # Seed 0 is the words of acted.csv; gold labels do not depend on them.
    drawn = {seed: label_voices.other_words(voices, dialogue, seed) if seed else voices for seed in seeds}
    for recipe, labeller in [*((CHOSEN, name) for name in LABELLERS), (STRONGER, "semantic")]:
        means = []
        for seed, clips in drawn.items():
            found = carried(clips, recipe, labeller, seed)
            cells = [*found, mean(found), by_speaker(clips, recipe, labeller, seed)]
            means.append([interval.roc_auc for interval in cells[-2:]])
            print(f"| {recipe} | {labeller} | {seed} | {' | '.join(map(cell, cells))} |", flush=True)
        carry, near = np.mean(means, axis=0)
        print(f"| {recipe} | {labeller} | mean | | | | **{carry:.3f}** | **{near:.3f}** |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--tables", type=int, nargs="+", choices=[1, 2, 3, 4], default=[1, 2, 3, 4])
    options = parser.parse_args()
    for name in ("acted.csv", "dialogue_sentiment.csv"):
        if not (options.data / name).exists():
            sys.exit(f"{options.data / name} is absent: these measurements need the shared data")
    with threadpool_limits(1):  # small problems: threads wait for each other
        voices = read(options.data / "acted.csv")
        if 1 in options.tables:
            tell_steps(voices)
        if 2 in options.tables:
            tell_chosen(voices, label_texts.read(options.data / "dialogue_sentiment.csv"), options.seeds)
        if 3 in options.tables:
            new_languages_choice.tell(voices)
        if 4 in options.tables:
            new_languages_tried.tell(voices)


if __name__ == "__main__":
    main()
