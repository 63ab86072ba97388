"""The founding labeller: the mean of two lexicons in English, one in French, abstaining by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import pandas as pd
import pytest
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from tonewise import labels
from tonewise.errors import OptionError
from tonewise.labels import Abstention, Sentence, Vote

SENTENCES = [
    "I am so happy with the wonderful service.",
    "This is a terrible, awful mess and I hate it.",
    "The meeting is at three.",
    "Well, that was not bad at all!",
]


def votes(texts: list[str | None], language: str | None = None, **options: float) -> list[Vote]:
    return labels.create("lexicon", **options).votes([Sentence(text, language) for text in texts])


def mean_of_both(text: str) -> float:
    return (SentimentIntensityAnalyzer().polarity_scores(text)["compound"] + TextBlob(text).sentiment.polarity) / 2


@pytest.mark.parametrize("language", [None, "en", "en-GB", "EN"])
def test_the_score_is_the_mean_of_both_libraries(language):
    vader = SentimentIntensityAnalyzer()
    for sentence, vote in zip(SENTENCES, votes(SENTENCES, language), strict=True):
        assert vote.score == mean_of_both(sentence)
        assert vote.parts["vader"] == vader.polarity_scores(sentence)["compound"]
        assert vote.parts["textblob"] == TextBlob(sentence).sentiment.polarity


def test_labels_and_confidence():
    happy, terrible, meeting, _ = votes(SENTENCES)
    assert (happy.label, terrible.label, meeting.label) == ("positive", "negative", None)
    assert happy.confidence == abs(happy.score) and 0 < happy.confidence <= 1
    assert meeting.abstention is Abstention.NEAR_NEUTRAL and meeting.confidence == 0.0
    assert meeting.score == 0.0  # what was measured is kept beside the abstention


def test_the_threshold_is_a_choice():
    texts = ["It is okay.", "It is great."]
    assert [vote.label for vote in votes(texts, threshold=0.0)] == ["positive", "positive"]
    assert [vote.label for vote in votes(texts, threshold=0.9)] == [None, None]
    with pytest.raises(OptionError, match="threshold 2 is out of range"):
        labels.create("lexicon", threshold=2.0)


@pytest.mark.parametrize("language", [None, "en", "fr", "ru"])
@pytest.mark.parametrize("text", [None, "", "   \n"])
def test_no_text_is_an_abstention_and_no_score(text, language):
    (vote,) = votes([text], language)
    assert (vote.label, vote.score, vote.abstention) == (None, None, Abstention.NO_TEXT)


@pytest.mark.parametrize("language", [None, "en", "fr"])
@pytest.mark.parametrize("text", ["Это просто ужасно, я очень зол.", "Ես շատ ուրախ եմ այսօր։", "我很高兴"])
def test_another_script_is_not_read_whatever_is_told_of_it(text, language):
    (vote,) = votes([text], language)
    assert vote.abstention is Abstention.OTHER_LANGUAGE and vote.score is None


@pytest.mark.parametrize("language", ["de", "pl", "und", "frr", "enm"])
def test_another_language_is_not_read(language):
    (vote,) = votes(["Das ist super gut!"], language)
    assert vote.abstention is Abstention.OTHER_LANGUAGE and vote.score is None


def test_numbers_and_emoji_are_scored():
    number, emoji = votes(["123", "😀😀"])
    assert number.abstention is Abstention.NEAR_NEUTRAL
    assert emoji.abstention is not Abstention.OTHER_LANGUAGE


# What TextBlob-FR 0.2.0 itself says, its one import that has gone (xml.etree.cElementTree) mended.
@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Quelle belle matinée", 0.8),
        ("C'est une voiture terribles.", -0.7),
        ("Ce n'est pas beau.", -0.4),
        ("Je suis très content.", 1.0),
        ("J'adore ça", 0.5),
        ("C'est la table de la cuisine.", 0.0),
    ],
)
@pytest.mark.parametrize("language", ["fr", "fr-CA"])
def test_french_is_scored_by_textblob_fr_alone(text, polarity, language):
    (vote,) = votes([text], language)
    assert vote.score == pytest.approx(polarity)
    assert vote.parts == {"vader": None, "textblob": vote.score}
    assert vote.label == ("positive" if polarity > 0 else "negative" if polarity < 0 else None)


def test_french_words_are_found_without_accents_and_after_any_apostrophe():
    precaire, precaire_bare, straight, curly, upper = votes(
        ["C'est précaire.", "C'est precaire.", "Quelle belle voiture, l'horrible !", "Quelle belle voiture, l’horrible !",
         "QUELLE BELLE VOITURE, L’HORRIBLE !"],
        "fr",
    )  # fmt: skip
    assert precaire.score == precaire_bare.score != 0.0
    assert straight.score == curly.score == upper.score


def test_the_language_decides_which_lexicon_reads():
    text = "Quelle surprise terrible!"
    (english,), (french,) = votes([text], "en"), votes([text], "fr")
    assert english.score == mean_of_both(text) != french.score
    both = labels.create("lexicon").votes([Sentence(text, "fr"), Sentence(text), Sentence(text, "fr")])
    assert both == [french, english, french]


def test_identity_names_everything_that_scores():
    identity = labels.create("lexicon", threshold=0.2).identity()
    assert identity == {
        "name": "lexicon",
        "threshold": 0.2,
        "textblob": version("textblob"),
        "textblob-fr": version("textblob-fr"),
        "vaderSentiment": version("vaderSentiment"),
    }
    assert labels.create("lexicon").languages == {"en", "fr"}


def test_threads_agree():
    texts = SENTENCES * 20
    expected = votes(texts), votes(texts, "fr")
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(lambda _: (votes(texts), votes(texts, "fr")), range(8)))


def test_unknown_labeller_names_the_known_ones():
    with pytest.raises(OptionError, match="unknown labeller 'oracle'; choose lexicon"):
        labels.create("oracle")


@pytest.mark.real
def test_real_dialogue_is_scored_as_the_article_did(shared):
    texts = pd.read_csv(shared / "data" / "dialogue_sentiment.csv")["text"].sample(300, random_state=0)
    vader = SentimentIntensityAnalyzer()
    expected = [(vader.polarity_scores(text)["compound"] + TextBlob(text).sentiment.polarity) / 2 for text in texts]
    assert [vote.score for vote in votes(list(texts), "en")] == expected
