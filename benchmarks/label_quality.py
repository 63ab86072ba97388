"""Reprint the tables of docs/labels.md: what labels from words are worth, for sentiment of text and for tone of voices.

    python benchmarks/label_quality.py [--data ../shared/data] [--seeds 0 1 2] [--tables 1 2 3]

Needs ../shared/data (not part of tonewise, see its README for its nature and licences). Gold only judges, except in rows
that are called a ceiling. Rows of other tools want them installed: pip install cleanlab==2.9.0 crowd-kit==1.4.2
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from threadpoolctl import threadpool_limits

import label_noise
import label_texts
import label_voices


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--tables", type=int, nargs="+", choices=[1, 2, 3], default=[1, 2, 3])
    options = parser.parse_args()
    for name in ("acted.csv", "dialogue_sentiment.csv"):
        if not (options.data / name).exists():
            sys.exit(f"{options.data / name} is absent: these measurements need the shared data")
    # Two threads take ten times as long as one: the problems are small, and threads wait for each other in every step.
    with threadpool_limits(1):
        dialogue = label_texts.read(options.data / "dialogue_sentiment.csv")
        if 1 in options.tables:
            label_texts.tell(dialogue)
        if {2, 3} & set(options.tables):
            corpus = label_voices.read(options.data / "acted.csv")
        if 2 in options.tables:
            label_voices.tell(corpus, dialogue, options.seeds)
        if 3 in options.tables:
            label_noise.tell(corpus)


if __name__ == "__main__":
    main()
