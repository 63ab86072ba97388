"""Does clip length do it? In ASED every happy clip lasts 2.9 s: what length alone gets, and clips of nearly one length.

    python benchmarks/clip_length.py [--data ../shared/data]

The default recipe learns from the words of two corpora of the tone benchmark and is judged by gold on the third: on all of
its clips, and on those of ASED that last 2.8 to 3.0 s, where a tenth of a second is all that length can tell.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tonewise import evaluation, features, labels, models, splits
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.report.wording import auc_short


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    options = parser.parse_args()
    table = audible(read_corpora([options.data / "acted.csv"]), jobs=2).utterances
    heard = hear(table, create_encoders(features.DEFAULT_FEATURES), seed=0, cache=open_cache(True))
    weak = labels.label_texts(table["text"], labels.create("semantic"))
    gold = labels.polarity_column(table, "polarity").to_numpy(dtype=object)
    groups = splits.speaker_groups(table)[0].to_numpy(dtype=str)
    corpus = table["corpus"].to_numpy(dtype=str)
    seconds = (table["end"] - table["start"]).to_numpy(dtype=np.float64)
    length = np.column_stack([np.log(seconds), np.log(seconds) ** 2]).astype(np.float32)
    labelled, polar = weak["label"].notna().to_numpy(), labels.is_polar(gold)

    def judged(matrix: np.ndarray, held_out: str, rows: np.ndarray) -> str:
        learned = (corpus != held_out) & labelled
        fitted = models.fit(
            "logistic",
            matrix[learned],
            (weak["label"] == labels.POSITIVE).to_numpy()[learned],
            confidence=weak["confidence"].to_numpy()[learned],
            weak=True,
        )
        scores = fitted.decision_function(matrix[rows])
        found = evaluation.roc_auc_interval(scores, gold[rows] == labels.POSITIVE, groups[rows])
        return f"{auc_short(found)} of {found.n}"

    print("| judged | the sound | length alone |\n|---|---|---|")
    for held_out in sorted(set(corpus)):
        prepared, _ = features.prepare(heard.matrix, groups, baseline="speaker", training=corpus != held_out)
        everything = (corpus == held_out) & polar
        kinds = {held_out: everything}
        if held_out == "ased":
            kinds["ased, 2.8 to 3.0 s"] = everything & (np.abs(seconds - 2.9) < 0.11)
        for name, rows in kinds.items():
            print(f"| {name} | {judged(prepared, held_out, rows)} | {judged(length, held_out, rows)} |", flush=True)


if __name__ == "__main__":
    main()
