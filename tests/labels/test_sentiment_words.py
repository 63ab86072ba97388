"""Sentiment-bearing words: those that the lexicons know, inflections under one name."""

from __future__ import annotations

import pandas as pd

from tonewise import labels


def words(*texts: object, languages: list[object] | None = None) -> list[frozenset[str]]:
    index = range(7, 7 + len(texts))
    tags = None if languages is None else pd.Series(languages, index=index)
    found = labels.sentiment_words(pd.Series(texts, index=index, dtype=object), tags)
    assert list(found.index) == list(index)
    return list(found)


def test_words_of_either_lexicon_count():
    assert words("I love this wonderful place.", "The train leaves at nine.") == [{"love", "wonderful"}, frozenset()]
    assert words("Nothing here is horrible; no.") == [{"horrible", "no"}]


def test_inflections_case_and_writing_make_no_difference():
    assert words("LOVED", "loves", "ｌｏｖｉｎｇ", "Love’s") == [{"love"}] * 4
    assert "good" in words("a good-hearted thing")[0]
    assert words("happy") == words("Happiness") == [{"happy"}]


def test_each_language_has_its_lexicon_or_none():
    assert words("un film horrible et très ennuyeux", languages=["fr-CA"])[0] >= {"horrible"}
    assert words("horrible", "horrible", "horrible", languages=["de", "en", None]) == [
        frozenset(), {"horrible"}, {"horrible"},
    ]  # fmt: skip


def test_no_text_has_no_words():
    assert words(None, float("nan"), "", "12 ... !?") == [frozenset()] * 4


def test_what_the_lexicon_labels_has_a_sentiment_word():
    texts = ["What a great day!", "It is not bad.", "Thanks, that was awful.", "The table.", "He laughed kindly."]
    scores = labels.label_texts(pd.Series(texts), labels.create("lexicon"))["score"]
    assert [bool(found) for found in words(*texts)] == list(scores != 0)
