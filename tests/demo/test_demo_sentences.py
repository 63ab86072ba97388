"""Sentences must say what their polarity states, judged by the lexicons that later label them."""

from __future__ import annotations

import pytest
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from tonewise.demo.sentences import LANGUAGES, language_sentences, training_sentences

POLARITIES = ("positive", "negative", "neutral")
VADER = SentimentIntensityAnalyzer()


def lexicon(sentence: str) -> float:
    return (TextBlob(sentence).sentiment.polarity + VADER.polarity_scores(sentence)["compound"]) / 2


@pytest.mark.parametrize(("words", "sign"), [("positive", 1), ("negative", -1)])
def test_lexicons_agree_with_the_stated_polarity(words: str, sign: int) -> None:
    sentences = training_sentences(words) + language_sentences("en", words)
    right = [sign * lexicon(sentence) > 0.1 for sentence in sentences]
    assert sum(right) / len(right) >= 0.95


def test_lexicons_abstain_from_neutral_sentences() -> None:
    sentences = training_sentences("neutral") + language_sentences("en", "neutral")
    assert max(abs(lexicon(sentence)) for sentence in sentences) < 0.05


def test_there_are_enough_distinct_training_sentences() -> None:
    every = [sentence for words in POLARITIES for sentence in training_sentences(words)]
    assert len(every) == len(set(every))
    assert len(training_sentences("positive")) + len(training_sentences("negative")) >= 400
    assert not any("{" in sentence for sentence in every)


def test_no_test_sentence_is_a_training_sentence() -> None:
    trained = {sentence for words in POLARITIES for sentence in training_sentences(words)}
    tested = {sentence for words in POLARITIES for sentence in language_sentences("en", words)}
    assert not trained & tested


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_enough_sentences_in_its_own_script(language: str) -> None:
    letters = {"en": "a-z", "fr": "a-z", "ru": "Ѐ-ӿ", "hy": "԰-֏"}[language]
    low, high = letters.split("-")
    for words, least in (("positive", 10), ("negative", 10), ("neutral", 4)):
        sentences = language_sentences(language, words)
        assert len(set(sentences)) >= least
        for sentence in sentences:
            script = [letter for letter in sentence.lower() if letter.isalpha()]
            assert sum(low <= letter <= high for letter in script) > 0.8 * len(script), sentence
