"""The founding labeller: the mean of two lexicons, abstaining by name."""

from __future__ import annotations

import pytest
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from tonewise import labels
from tonewise.errors import OptionError
from tonewise.labels import Abstention

SENTENCES = [
    "I am so happy with the wonderful service.",
    "This is a terrible, awful mess and I hate it.",
    "The meeting is at three.",
    "Well, that was not bad at all!",
]


def test_the_score_is_the_mean_of_both_libraries():
    votes = labels.create("lexicon").votes(SENTENCES)
    vader = SentimentIntensityAnalyzer()
    for sentence, vote in zip(SENTENCES, votes, strict=True):
        expected = (vader.polarity_scores(sentence)["compound"] + TextBlob(sentence).sentiment.polarity) / 2
        assert vote.score == pytest.approx(expected)
        assert vote.parts["vader"] == vader.polarity_scores(sentence)["compound"]


def test_labels_and_confidence():
    happy, terrible, meeting, _ = labels.create("lexicon").votes(SENTENCES)
    assert (happy.label, terrible.label, meeting.label) == ("positive", "negative", None)
    assert happy.confidence == abs(happy.score) and 0 < happy.confidence <= 1
    assert meeting.abstention is Abstention.NEAR_NEUTRAL and meeting.confidence == 0.0
    assert meeting.score == 0.0  # what was measured is kept beside the abstention


def test_the_threshold_is_a_choice():
    texts = ["It is okay.", "It is great."]
    assert [vote.label for vote in labels.create("lexicon", threshold=0.0).votes(texts)] == [
        "positive",
        "positive",
    ]
    strict = labels.create("lexicon", threshold=0.9).votes(texts)
    assert [vote.label for vote in strict] == [None, None]
    with pytest.raises(OptionError, match="threshold 2 is out of range"):
        labels.create("lexicon", threshold=2.0)


@pytest.mark.parametrize("text", [None, "", "   \n"])
def test_no_text_is_an_abstention_and_no_score(text):
    (vote,) = labels.create("lexicon").votes([text])
    assert (vote.label, vote.score, vote.abstention) == (None, None, Abstention.NO_TEXT)


@pytest.mark.parametrize("text", ["Это просто ужасно, я очень зол.", "Ես շատ ուրախ եմ այսօր։", "我很高兴"])
def test_another_script_is_not_read_as_english(text):
    (vote,) = labels.create("lexicon").votes([text])
    assert vote.abstention is Abstention.NOT_ENGLISH and vote.score is None


def test_numbers_and_emoji_are_scored():
    votes = labels.create("lexicon").votes(["123", "😀😀"])
    assert votes[0].abstention is Abstention.NEAR_NEUTRAL
    assert votes[1].abstention is not Abstention.NOT_ENGLISH


def test_unknown_labeller_names_the_known_ones():
    with pytest.raises(OptionError, match="unknown labeller 'oracle'; choose lexicon"):
        labels.create("oracle")
