"""Labels as columns, gold columns, and the summary of what labels are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tonewise import labels
from tonewise.errors import LabelError

TEXTS = pd.Series(
    ["I love it", "I hate it", "The door", None, "I love it", "A very sorry and good day"],
    index=[5, 3, 9, 1, 0, 2],
)


def labelled() -> pd.DataFrame:
    return labels.label_texts(TEXTS, labels.create("lexicon"))


def test_columns_keep_the_index_and_abstain_with_null():
    table = labelled()
    assert list(table.index) == list(TEXTS.index)
    assert list(table["label"].iloc[:4]) == ["positive", "negative", None, None]
    assert list(table["abstention"].iloc[:4]) == [None, None, "near_neutral", "no_text"]
    assert np.isnan(table["score"].iloc[3]) and table["score"].iloc[2] == 0.0
    assert table["confidence"].between(0, 1).all()
    assert {"vader_score", "textblob_score"} <= set(table.columns)


def test_summary_counts():
    summary = labels.describe(TEXTS, labelled(), labeller="lexicon")
    assert summary.utterances == 6
    assert sum(summary.counts.values()) == 6
    assert summary.counts["abstained"] == sum(summary.abstentions.values())
    assert summary.coverage == pytest.approx(1 - summary.counts["abstained"] / 6)
    assert sum(summary.histogram[1]) == 5 and len(summary.histogram[0]) == 21
    agreement = summary.agreement["vader~textblob"]
    assert agreement["agree"] <= agreement["both"] and agreement["rate"] == agreement["agree"] / agreement["both"]


def test_examples_are_of_their_kind_and_seeded():
    texts = pd.Series(["I love it", "I hate it", "bad but great fun", "not bad", "a chair"] * 20)
    table = labels.label_texts(texts, labels.create("lexicon"))
    first, second = (labels.describe(texts, table, labeller="lexicon", seed=seed).examples for seed in (1, 1))
    assert first == second
    assert {example["text"] for example in first["positive"]} <= set(texts[table["label"] == "positive"])
    assert all(example["vader"] * example["textblob"] < 0 for example in first["conflict"])


def test_undefined_agreement_is_missing():
    texts = pd.Series(["a chair", "a table"])
    summary = labels.describe(texts, labels.label_texts(texts, labels.create("lexicon")), labeller="lexicon")
    assert summary.agreement["vader~textblob"] == {"both": 0, "agree": 0, "rate": None}


def test_gold_columns_hold_words_or_numbers():
    table = pd.DataFrame({"a": ["Positive", "negative ", None, "neutral"], "b": [2.5, -1, 0, np.nan]})
    assert list(labels.polarity_column(table, "a")) == ["positive", "negative", None, "neutral"]
    assert list(labels.polarity_column(table, "b")) == ["positive", "negative", "neutral", None]


def test_gold_columns_refuse_what_they_do_not_understand():
    table = pd.DataFrame({"a": ["happy"], "empty": [None]})
    with pytest.raises(LabelError, match="column 'a' holds 'happy'; expected positive, negative"):
        labels.polarity_column(table, "a")
    with pytest.raises(LabelError, match=r"has no column 'b' .* its columns are: a, empty"):
        labels.polarity_column(table, "b")
    with pytest.raises(LabelError, match="column 'empty' is empty"):
        labels.polarity_column(table, "empty")


@pytest.mark.real
def test_the_lexicon_on_real_dialogue(shared):
    from sklearn.metrics import roc_auc_score

    dialogue = pd.read_csv(shared / "data" / "dialogue_sentiment.csv")
    polar = dialogue[dialogue["sentiment"] != "neutral"]
    scores = labels.label_texts(polar["text"], labels.create("lexicon"))["score"]
    assert roc_auc_score(polar["sentiment"] == "positive", scores) == pytest.approx(0.66, abs=0.01)
