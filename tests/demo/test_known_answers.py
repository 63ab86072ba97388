"""Corpora of known answer: words and tone are independent, and a label follows one or the other as often as it says."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from tonewise.demo.known_answers import (
    MIXTURES,
    NEGATIVE,
    POSITIVE,
    Size,
    make_known_answers,
    mixture_column,
    plan_known_answers,
    with_mixtures,
)
from tonewise.errors import OptionError
from tonewise.labels import sentiment_words


def planned(seed: int = 0, size: Size | None = None) -> pd.DataFrame:
    sessions = plan_known_answers(seed, size or Size())
    return pd.DataFrame(
        {"speaker": session.speaker.name, "text": line.text, "words": line.words, "tone": line.tone}
        for session in sessions
        for line in session.lines
    )


def test_words_and_tone_are_independent_and_every_word_is_said_in_both():
    rows = planned()
    word = rows["text"].str.lower().str.rstrip(".").str.split().str[-1]
    assert len(rows) == 2 * 80 * 6 and word.nunique() == 160 and rows["speaker"].nunique() == 12
    assert (rows.groupby(word)["tone"].apply(lambda tones: (tones == "positive").sum()) == 3).all()
    assert (rows.groupby(word)["speaker"].nunique() == 6).all()
    assert rows.groupby("speaker").size().max() - rows.groupby("speaker").size().min() <= 4


def test_another_seed_is_another_corpus():
    assert not planned(0).equals(planned(1)) and planned(0).equals(planned(0))


def test_every_word_is_in_a_lexicon_and_none_is_another_form_of_another():
    """Else the lexical split could not hold it out."""
    found = sentiment_words(pd.Series([f"So {word}." for word in (*POSITIVE, *NEGATIVE)]))
    assert all(len(words) == 1 for words in found), [*found]
    assert len({next(iter(words)) for words in found}) == len(found) == 2 * len(POSITIVE)


def test_labels_follow_the_tone_in_the_stated_share():
    rows = [{"tone": "positive", "words": "negative"}] * 200
    table = pd.DataFrame(with_mixtures(rows, seed=3))
    for share in MIXTURES:
        assert (table[mixture_column(share)] == "positive").sum() == 200 * share
    assert (table[mixture_column(0.25)] == "positive").le(table[mixture_column(0.75)] == "positive").all()


@pytest.mark.parametrize("wrong", [{"voices": 0}, {"voices": 39}, {"words": 91}, {"voices": 4, "repeats": 5}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(OptionError, match="expected 1 to"):
        Size(**{"repeats": 1, **wrong})


def test_the_manifest(tmp_path):
    pytest.importorskip("espeakng_loader")
    told = []
    size = Size(voices=2, words=2, repeats=2)
    manifest = make_known_answers(tmp_path / "one", size=size, progress=lambda *news: told.append(news))
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 8 and told[-1] == ("known answers", 2, 2)
    assert all((manifest.parent / row["audio"]).is_file() for row in rows)
    assert [row[mixture_column(0.0)] for row in rows] == [row["words"] for row in rows]
    assert [row[mixture_column(1.0)] for row in rows] == [row["tone"] for row in rows]
    again = make_known_answers(tmp_path / "two", size=size)
    assert again.read_bytes() == manifest.read_bytes()
