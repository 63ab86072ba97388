"""How well words against voice are told: clips of the tone benchmark with their own words and with opposite ones.

    python benchmarks/mismatch.py [--data ../shared/data] [--features turn] [--labels combined] [--seed 0]

Trains a model on the training voices' weak labels. Each clip of a test voice that people called positive or negative is
then heard twice: with its own words (borrowed lines of dialogue of the clip's polarity: an agreeing segment) and with those
of a clip of the opposite polarity, drawn at random (a disagreeing one). Prints, as Markdown, the ROC AUC of the disagreement
score with its interval over speakers, and how often the model's threshold calls either a mismatch. Only pairs whose words
take a side count, as in scoring: words that say nothing contradict nothing. The words are borrowed and the voices acted:
this is a controlled experiment, and says nothing of how often people in calls disagree with themselves.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import tonewise
from tonewise import evaluation, labels, splits
from tonewise.evaluation.mismatch import opposition
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.labelling import words_table
from tonewise.pipeline.loading import LoadedModel
from tonewise.pipeline.reading import audible, read_corpora

GOLD = "polarity"
DRAWS = 2000  # of the bootstrap over speakers
FEWEST = 5  # speakers, for an interval of a share


@dataclass(frozen=True)
class Pairs:
    """Clips with words: `(n,)` each; `differs` = the words are of the opposite polarity."""

    score: np.ndarray
    mismatch: np.ndarray
    differs: np.ndarray
    speaker: np.ndarray
    corpus: np.ndarray

    def of(self, rows: np.ndarray) -> Pairs:
        return Pairs(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--features", default="turn")
    parser.add_argument("--labels", default=labels.DEFAULT_LABELS)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    corpus = asked.data / "acted.csv"
    with tempfile.TemporaryDirectory() as folder:
        trained = tonewise.train(
            corpus, Path(folder) / "model", features=asked.features, labels=asked.labels, gold=GOLD, seed=asked.seed
        )
        model = tonewise.load(trained.model)
        pairs = hear_twice(model, corpus, seed=asked.seed)
    print(f"Model: {asked.features}, {asked.labels} labels, gold AUC of test voices {trained.gold.auc.roc_auc:.3f}")
    print(f"Calibration: {model.manifest['calibration']}")
    kept = {key: value for key, value in (model.manifest["mismatch"] or {}).items() if key != "quantiles"}
    print(f"Threshold: {kept}\n")
    print(
        "| corpus | AUC (95 %) | called a mismatch: agreeing | disagreeing | pairs | speakers |\n|---|---|---|---|---|---|"
    )
    print(row("all", pairs, asked.seed))
    for name in np.unique(pairs.corpus):
        print(row(name, pairs.of(pairs.corpus == name), asked.seed))


def hear_twice(model: LoadedModel, corpus: Path, *, seed: int) -> Pairs:
    """Clips of test voices with their own and with opposite words."""
    table = audible(read_corpora(corpus), jobs=2).utterances
    groups, _ = splits.speaker_groups(table)
    gold = labels.polarity_column(table, GOLD).to_numpy()
    tested = (splits.split(groups, "speaker", seed=seed) == splits.TEST).to_numpy()
    heard = table[tested].reset_index(drop=True)  # all that a voice says is its baseline
    tone, _ = model.hear(heard, cache=open_cache(True))
    chosen = labels.is_polar(gold[tested]) & heard["text"].notna().to_numpy()
    rows, tone = heard[chosen].reset_index(drop=True), tone[chosen]
    found = [paired(model, rows, tone, rows["text"], False), paired(model, rows, tone, swapped(rows, seed), True)]
    return Pairs(*(np.concatenate([getattr(each, name) for each in found]) for name in Pairs.__dataclass_fields__))


def swapped(rows: pd.DataFrame, seed: int) -> pd.Series:
    """For each clip the words of a clip of the opposite polarity."""
    random = np.random.default_rng(seed)
    positive = (labels.polarity_column(rows, GOLD) == labels.POSITIVE).to_numpy()
    texts = rows["text"].to_numpy()
    drawn = np.where(positive, random.choice(texts[~positive], len(rows)), random.choice(texts[positive], len(rows)))
    return pd.Series(drawn, index=rows.index)


def paired(model: LoadedModel, rows: pd.DataFrame, tone: np.ndarray, texts: pd.Series, differs: bool) -> Pairs:
    words = words_table(rows.assign(text=texts), model.text_labeller)
    said = np.where(words["label"].notna(), words["score"].to_numpy(dtype=float), np.nan)
    # Beyond the threshold's staircase the calibrated score saturates; its order is that of the opposition.
    score = opposition(said, model.scale.rank(tone))
    pairs = Pairs(
        score,
        model.scale.mismatch(said, tone),
        np.full(len(rows), differs),
        rows["speaker"].to_numpy(dtype=str),
        rows["corpus"].to_numpy(dtype=str),
    )
    return pairs.of(np.isfinite(score))


def row(name: str, pairs: Pairs, seed: int) -> str:
    auc = evaluation.roc_auc_interval(pairs.score, pairs.differs, pairs.speaker, seed=seed)
    rates = [rate(pairs.of(pairs.differs == differs), seed) for differs in (False, True)]
    figures = "–" if auc.roc_auc is None else f"{auc.roc_auc:.3f} ({auc.ci_low:.3f}–{auc.ci_high:.3f})"
    return f"| {name} | {figures} | {rates[0]} | {rates[1]} | {auc.n} | {len(np.unique(pairs.speaker))} |"


def rate(pairs: Pairs, seed: int) -> str:
    """Share of mismatches, with a percentile bootstrap over speakers; of a handful that tells nothing, and none is given."""
    _, speaker = np.unique(pairs.speaker, return_inverse=True)
    if len(np.unique(speaker)) < FEWEST:
        return f"{pairs.mismatch.mean():.1%}"
    hits, sizes = np.bincount(speaker, pairs.mismatch), np.bincount(speaker)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(DRAWS, len(sizes)))
    low, high = np.quantile(hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [0.025, 0.975])
    return f"{pairs.mismatch.mean():.1%} ({low:.1%}–{high:.1%})"


if __name__ == "__main__":
    main()
