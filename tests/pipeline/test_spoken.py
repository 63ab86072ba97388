"""What is said, and what training and test must not share of it: the same for a split, for an audit, for fine-tuning."""

from __future__ import annotations

import pandas as pd
import pytest

from tonewise import splits
from tonewise.labels import remembering
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.reading import join
from tonewise.pipeline.spoken import contents, documents
from tonewise.pipeline.training_material import split_utterances
from tonewise.records import Corpus


def test_what_was_said():
    table = pd.DataFrame(
        {
            "text": ["I love it", None, "the same"],
            "spoken_text": ["borrowed", None, "The  same"],
            "sentence": [None, "7", None],
            "recording": ["a", "b", "c"],
        }
    )
    assert documents(table) == [("borrowed",), ("sentence:7",), ("the", "same", "the same")]
    assert contents(table).tolist()[1:] == [frozenset({"sentence:7"}), frozenset({"text:the same"})]
    assert contents(table.drop(columns="spoken_text"))[0] == frozenset({"word:love"})


def test_of_joined_corpora_one_may_have_borrowed_its_text():
    acted = pd.DataFrame({"text": ["I love it"], "spoken_text": ["The door is open"], "recording": ["a"]})
    talk = pd.DataFrame({"text": ["I hate this"], "recording": ["b"]})
    both = join([Corpus("acted", "manifest", acted), Corpus("talk", "manifest", talk)]).utterances
    assert documents(both)[1] == documents(talk)[0]
    assert contents(both).tolist() == [frozenset({"text:the door is open"}), frozenset({"word:hate"})]


def test_languages_are_looked_at_once(tmp_path, monkeypatch):
    table = pd.DataFrame({"text": ["I love it", "Je suis très triste"], "recording": ["a", "b"]})
    first = contents(table, tmp_path)
    monkeypatch.setattr(remembering, "detect_languages", None)
    assert contents(table, tmp_path).equals(first)


SPOKEN = [f"The {thing} is on the table." for thing in ("cup", "key", "hat", "pen", "map", "bag", "box")]


@pytest.mark.parametrize("language", ["en", "am"])
def test_a_lexical_split_holds_out_what_is_heard(language):
    """Everybody says the same seven sentences, with texts of films that are no one's; none has a sentiment word."""
    rows = pd.DataFrame(
        [(f"s{who}", text, f"I love film {who}") for who in range(12) for text in SPOKEN],
        columns=["speaker", "spoken_text", "text"],
    ).assign(recording=lambda table: table["speaker"], language=language)
    groups, _ = splits.speaker_groups(rows)
    parts = split_utterances(rows, groups, TrainingOptions(split="lexical"), cache=False)
    test = set(rows["spoken_text"][parts == splits.TEST])
    assert test and not test & set(rows["spoken_text"][parts.isin([splits.TRAIN, splits.VALID])])


def test_the_language_of_the_voice_is_not_that_of_the_words():
    """Fine-tuning once took it for that, and split otherwise than training with the encoder does."""
    table = pd.DataFrame(
        {"text": ["I love it, it is wonderful"] * 2, "recording": ["a", "b"], "language": ["am", "en"]}
    )
    assert contents(table)[0] == contents(table)[1] == frozenset({"word:love", "word:wonderful"})
