"""Each corpus of the tone benchmark by itself: five folds by speaker, labels from words, judged by gold.

    python benchmarks/by_corpus.py [--data ../shared/data] [FEATURES ...]

Every voice is judged by a model that never heard it, so that all clips count; a corpus's own figure cannot profit from
differences between the corpora, as the pooled one can.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from tonewise import evaluation, labels, models, splits
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.report.wording import auc_short


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("features", nargs="*", default=["mel", "melstats", "whisper", "turn"])
    options = parser.parse_args()
    utterances = audible(read_corpora([options.data / "acted.csv"]), jobs=2).utterances
    weak = labels.label_texts(utterances["text"], labels.create("lexicon"))
    gold = labels.polarity_column(utterances, "polarity")
    polar = gold.isin([labels.POSITIVE, labels.NEGATIVE])
    rows = (polar | weak["label"].notna()).to_numpy()
    utterances, weak, gold, polar = utterances[rows], weak[rows], gold[rows], polar[rows].to_numpy()
    groups = splits.speaker_groups(utterances)[0].to_numpy(dtype=str)
    label = weak["label"].fillna("abstained").to_numpy(dtype=str)
    corpora = sorted(set(utterances["corpus"]))
    print(f"| features | pooled | {' | '.join(corpora)} |\n|---|---|{'---|' * len(corpora)}")
    for features in options.features:
        matrix = hear(utterances, create_encoders([features]), seed=0, cache=open_cache(True)).matrix
        scores = np.zeros(len(matrix))
        for train, test in StratifiedGroupKFold(5).split(matrix, label, groups):
            learned = train[label[train] != "abstained"]
            fitted = models.fit(
                "logistic",
                matrix[learned],
                label[learned] == labels.POSITIVE,
                confidence=weak["confidence"].to_numpy()[learned],
            )
            scores[test] = fitted.predict_proba(matrix[test])[:, 1]
        cells = []
        for chosen in (polar, *(polar & (utterances["corpus"] == corpus).to_numpy() for corpus in corpora)):
            truth = (gold == labels.POSITIVE).to_numpy()[chosen]
            cells.append(auc_short(evaluation.evaluate(scores[chosen], truth, groups[chosen]).auc))
        print(f"| {features} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
