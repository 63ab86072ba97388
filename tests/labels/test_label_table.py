"""Labels as columns, gold columns, and who is shown what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from tonewise import labels
from tonewise.errors import LabelError
from tonewise.labels import Abstention, Sentence, Vote
from tonewise.labels.languages import detect_languages

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


class Recorder:
    """A labeller that likes everything and remembers what it was shown."""

    name, parts, source, licence, reads_context = "recorder", ("letters",), "here", "none", False

    def __init__(self, languages: set[str] | None) -> None:
        self.languages = None if languages is None else frozenset(languages)
        self.shown: list[Sentence] = []

    def votes(self, sentences: Sequence[Sentence], progress: object = None) -> list[Vote]:
        self.shown += sentences
        return [Vote(0.5, 0.5, parts={"letters": float(len(sentence.text or ""))}) for sentence in sentences]

    def identity(self) -> dict[str, object]:
        return {"name": self.name}


MIXED = pd.Series(["Good", "Bonjour", "Guten Tag", "?", "Hello there", "Привет"], index=[4, 2, 9, 7, 1, 3])
SPOKEN = pd.Series(["en", "fr-CA", "de", None, "EN-gb", "ru"], index=MIXED.index, dtype=object)


def test_a_labeller_is_never_shown_what_it_cannot_read():
    labeller = Recorder({"en", "fr"})
    table = labels.label_texts(MIXED, labeller, languages=SPOKEN)
    assert [sentence.text for sentence in labeller.shown] == ["Good", "Bonjour", "?", "Hello there"]
    assert [sentence.language for sentence in labeller.shown] == ["en", "fr-CA", None, "EN-gb"]
    assert list(table.index) == list(MIXED.index)
    assert list(table["abstention"]) == [None, None, "other_language", None, None, "other_language"]
    assert list(table["letters_score"].dropna()) == [4, 7, 1, 11]  # the votes are those of their own rows
    assert table["score"].isna().tolist() == [False, False, True, False, False, True]
    assert set(table["confidence"]) == {0.5, 0.0}


@pytest.mark.parametrize("languages", [None, pd.Series([np.nan] * 6, index=MIXED.index)])
def test_what_cannot_be_told_is_shown(languages):
    labeller = Recorder({"sw"})
    table = labels.label_texts(MIXED, labeller, languages=languages)
    assert len(labeller.shown) == 6 and all(sentence.language is None for sentence in labeller.shown)
    assert table["abstention"].isna().all()


def test_a_labeller_of_any_language_is_shown_everything():
    labeller = Recorder(None)
    labels.label_texts(MIXED, labeller, languages=SPOKEN)
    assert len(labeller.shown) == 6


def test_a_labeller_that_can_read_nothing_here_is_shown_nothing():
    labeller = Recorder({"sw"})
    texts, languages = MIXED.drop(7), SPOKEN.drop(7)
    table = labels.label_texts(texts, labeller, languages=languages)
    assert labeller.shown == []
    assert set(table["abstention"]) == {Abstention.OTHER_LANGUAGE.value}
    assert table["letters_score"].isna().all()


def test_languages_of_another_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        labels.label_texts(MIXED, Recorder(None), languages=SPOKEN.iloc[:3])


def test_detected_languages_route_a_mixed_table_through_the_lexicon():
    texts = pd.Series(
        ["I am so happy with the wonderful service.", "Je suis très content de te voir ici aujourd'hui.",
         "Das ist ein super Tag und ich bin sehr happy.", "Это просто ужасно, я очень зол."]
    )  # fmt: skip
    languages = detect_languages(texts)
    assert list(languages) == ["en", "fr", "de", "ru"]
    table = labels.label_texts(texts, labels.create("lexicon"), languages=languages)
    assert list(table["label"]) == ["positive", "positive", None, None]
    assert list(table["abstention"]) == [None, None, "other_language", "other_language"]
    assert table["vader_score"].isna().tolist() == [False, True, True, True]


def test_gold_columns_hold_words_or_numbers():
    table = pd.DataFrame({"a": ["Positive", "negative ", None, "neutral"], "b": [2.5, -1, 0, np.nan]})
    table["c"] = ["-0.5", " ", "-nan", "None"]
    assert list(labels.polarity_column(table, "a")) == ["positive", "negative", None, "neutral"]
    assert list(labels.polarity_column(table, "b")) == ["positive", "negative", "neutral", None]
    assert list(labels.polarity_column(table, "c")) == ["negative", None, None, None], (
        "what is undefined is not neutral"
    )


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
