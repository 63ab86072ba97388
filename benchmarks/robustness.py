"""The robustness suite on the tone benchmark: models of words' labels, clips of voices held out, judged by gold.

    python benchmarks/robustness.py [--data ../shared/data] [--limit 300] [--changes NAME ...] [FEATURES[@BASELINE] ...]

Trains one model for each FEATURES (joined by commas) and BASELINE (none or speaker), and prints its table as Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import tonewise
from tonewise.pipeline.robustness import LIMIT, robustness
from tonewise.report.robustness import markdown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--limit", type=int, default=LIMIT)
    parser.add_argument("--changes", nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("models", nargs="*", default=["turn:1@speaker", "turn@none", "melstats@none"])
    options = parser.parse_args()
    corpus = options.data / "acted.csv"
    with tempfile.TemporaryDirectory() as folder:
        for asked in options.models:
            features, _, baseline = asked.partition("@")
            model = tonewise.train(
                corpus,
                Path(folder) / asked.replace(":", "_"),
                features=features.split(","),
                baseline=baseline or "none",
                gold="polarity",
                seed=options.seed,
            ).model
            found = robustness(
                model, corpus, gold="polarity", changes=options.changes, limit=options.limit, seed=options.seed
            )
            print(f"### {asked}, {found.seconds:.0f} s\n\n{markdown(found.as_json())}", flush=True)


if __name__ == "__main__":
    main()
