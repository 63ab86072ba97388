"""Reprint the tables of docs/results.md: real voices, labels from words alone, judged by what people said of the voice.

    python benchmarks/real_voices.py [--data ../shared/data] [--seeds 0 1 2]

Needs the recordings of ../shared/data (they are not part of tonewise, see its README for their nature and licences).
Features are cached as always, so that a second run takes seconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import tonewise
from tonewise.records import TrainingResult
from tonewise.report.wording import auc_short

ACTED_NOTE = (
    "nEMO, ASED and URDU voices with borrowed words: each clip got a line of dialogue whose human sentiment equals the "
    "clip's polarity, so words cannot be heard in the sound; a controlled experiment, not a natural corpus"
)
ROWS = (
    ("mel", "forest", "none"),
    ("mel", "neighbors", "none"),
    ("mel", "network", "none"),
    ("melstats", "logistic", "none"),
    ("whisper", "logistic", "none"),
    ("turn", "logistic", "none"),
    ("prosody", "logistic", "speaker"),
    ("turn:1", "logistic", "speaker"),  # what `tonewise train` does, with combined labels
)
STRONG = ROWS[3:]


def train(manifest: Path, features: str, classifier: str, baseline: str, seed: int, labels: str) -> TrainingResult:
    """One training run, its model thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return tonewise.train(
            manifest,
            Path(folder) / "model",
            features=features,
            classifier=classifier,
            baseline=baseline,
            audit=False,
            gold="polarity",
            labels=labels,
            seed=seed,
            note=ACTED_NOTE,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    manifest = options.data / "acted.csv"
    if not manifest.exists():
        sys.exit(f"{manifest} is absent: these measurements need the shared recordings")
    columns = (
        "labels",
        "features",
        "classifier",
        "baseline",
        "weak-label test AUC",
        "gold AUC, by seed",
        "mean gold AUC",
    )
    print(f"| {' | '.join((*columns, 'words alone'))} |")
    print(f"|{'---|' * (len(columns) + 1)}")
    for labels, kind in (("lexicon", "lexicon"), ("combined", "combined"), ("polarity", "gold (ceiling)")):
        for features, classifier, baseline in ROWS if labels != "combined" else STRONG:
            runs = [train(manifest, features, classifier, baseline, seed, labels) for seed in options.seeds]
            gold = [run.gold for run in runs if run.gold is not None]
            mean = statistics.fmean(found.auc.roc_auc or float("nan") for found in gold)
            print(
                f"| {kind} | {features} | {classifier} | {baseline} "
                f"| {' · '.join(auc_short(run.evaluations['test'].auc) for run in runs)} "
                f"| {' · '.join(auc_short(found.auc) for found in gold)} | **{mean:.3f}** "
                f"| {' · '.join(auc_short(found.words_auc) for found in gold)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
