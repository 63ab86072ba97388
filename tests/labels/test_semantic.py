"""Polarity of meaning: obvious sentences, the user's own poles, and scores that depend on the text alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise import weights
from tonewise.errors import LabelError, WeightsError
from tonewise.labels import Abstention, Sentence, create, label_texts
from tonewise.labels.prototypes import Prototypes, read_prototypes
from tonewise.labels.semantic import SemanticLabeller, _platt, _pooled

PLEASED = [
    "I absolutely love this, thank you so much!",
    "We won the match and everybody cheered.",
    "My daughter was born this morning, we are overjoyed.",
    "You made my day, that is such good news.",
    "What a lovely evening we had together.",
    "It was the happiest holiday of our lives.",
]
UPSET = [
    "I hate this place, it makes me miserable.",
    "They stole my car and nobody helped me.",
    "My dog died yesterday and I cannot stop crying.",
    "You ruined everything, how could you do that?",
    "This is the worst service I have ever had.",
    "I am terrified that they will fire me.",
]
PLAIN = ["The train leaves at nine.", "It is on the second floor.", "There are twelve months in a year."]

TEMPER = """[calm]
Take your time, there is no hurry.
I am relaxed, everything is quiet and peaceful.
Let us talk about this calmly.
I feel at ease.
[angry]
I am furious, this is outrageous!
How dare you, you idiot!
I am so angry that I could scream.
Shut up and get out!
"""
SERVICE = """[satisfied]
I am very satisfied with your service.
You solved my problem at once, well done.
It works perfectly now, thank you.
Your people were friendly and helpful.
Great support, I am happy with the result.
I would recommend you to my friends.
[frustrated]
I have been waiting for an hour, this is unacceptable.
It still does not work, I am so frustrated.
Nobody calls me back, I am tired of this.
I want to cancel my contract and get my money back.
Your support is useless, nothing was repaired.
I have complained three times, and nothing happens.
"""


@pytest.fixture
def weighted():
    try:
        weights.get("minilm-l6-int8")
    except WeightsError as error:
        pytest.skip(f"pretrained weights are not to be had: {error}")


@pytest.fixture(scope="module")
def known():
    """A labeller with our own prototypes, read once."""
    return create("semantic")


@pytest.fixture
def semantic(weighted, known) -> SemanticLabeller:
    return known


def scores(labeller, texts: list[str]) -> list[float]:
    return [vote.score for vote in labeller.votes([Sentence(text) for text in texts])]


def written(folder: Path, content: str) -> Path:
    (folder / "poles.txt").write_text(content)
    return folder / "poles.txt"


# What it says


def test_obvious_sentences_are_on_their_side(semantic):
    found = label_texts(pd.Series(PLEASED + UPSET), semantic)
    assert list(found["label"]) == ["positive"] * len(PLEASED) + ["negative"] * len(UPSET)
    assert (found["confidence"] == found["score"].abs()).all()


def test_plain_sentences_are_nearer_to_neither(semantic):
    clear = np.abs(scores(semantic, PLEASED + UPSET))
    assert max(np.abs(scores(semantic, PLAIN))) < np.median(clear)


def test_negation_is_heard(semantic):
    liked, disliked = scores(semantic, ["I am happy with it.", "I am not happy with it."])
    assert liked > 0.5 > disliked + 0.3


def test_its_own_prototypes_are_on_their_side(semantic):
    own = read_prototypes()
    assert min(scores(semantic, list(own.positive))) > 0 > max(scores(semantic, list(own.negative)))


def test_sentences_are_as_right_as_their_scores_say(weighted):
    """A third of our prototypes is judged by another third: their confidence is not far from their accuracy."""
    own = read_prototypes()
    poles = np.array([own.positive, own.negative])[:, np.random.default_rng(0).permutation(len(own.positive))]
    positive, negative = poles[:, :32].tolist()
    third = Prototypes(tuple(positive), tuple(negative), own.poles)
    found = np.array(scores(SemanticLabeller(prototypes=third), poles[:, 32:64].ravel().tolist()))
    right = (found > 0) == np.repeat([True, False], len(found) // 2)
    assert right.mean() > 0.85
    assert right.mean() - 0.07 < (0.5 + np.abs(found) / 2).mean() < right.mean() + 0.02


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_has_a_score_or_is_blank(known, texts):
    try:
        weights.get("minilm-l6-int8")
    except WeightsError as error:
        pytest.skip(f"pretrained weights are not to be had: {error}")
    votes = known.votes([Sentence(text) for text in texts])
    assert len(votes) == len(texts)
    for text, vote in zip(texts, votes, strict=True):
        assert (vote.score is None) == (not text.strip())
        assert vote.score is None or -1 <= vote.score <= 1


def test_half_of_a_surrogate_pair_is_read(semantic):
    assert scores(semantic, ["I love you \ud83d"])[0] > 0.5


def test_blank_text_is_no_text(semantic):
    votes = semantic.votes([Sentence(text) for text in (None, "", "  \n", "I love you")])
    assert [vote.abstention for vote in votes] == [Abstention.NO_TEXT] * 3 + [None]
    assert votes[0].score is None and votes[0].confidence == 0


def test_the_threshold_decides_what_is_near_neutral(weighted, tmp_path):
    file, text = written(tmp_path, TEMPER), "The weather is okay."
    (score,) = scores(create("semantic", prototypes=file), [text])
    below, above = (create("semantic", prototypes=file, threshold=abs(score) + step) for step in (0.01, -0.01))
    assert below.votes([Sentence(text)])[0].abstention is Abstention.NEAR_NEUTRAL
    assert above.votes([Sentence(text)])[0].label is not None


def test_other_languages_are_not_shown_to_it(semantic):
    found = label_texts(pd.Series(["Ich liebe dich", "I love you"]), semantic, languages=pd.Series(["de", "en-GB"]))
    assert list(found["abstention"]) == ["other_language", None]
    assert semantic.languages == {"en"} and not semantic.reads_context and semantic.parts == ()


# The same text, the same score


def mixed(n: int) -> list[str]:
    random = np.random.default_rng(0)
    words = " ".join(PLEASED + UPSET + PLAIN).split()
    return [" ".join(random.choice(words, random.integers(1, 12))) for _ in range(n)]


def test_scores_do_not_depend_on_what_is_read_beside_them(semantic):
    texts = mixed(80)
    together = scores(semantic, texts)
    assert together[:20] == [scores(semantic, [text])[0] for text in texts[:20]]
    assert together[::-1] == scores(semantic, texts[::-1])
    assert together[:5] == scores(create("semantic"), texts[:5])


def test_equal_texts_are_read_once_and_score_the_same(semantic):
    told = []
    sentences = [Sentence(text) for text in ["I love you", "No!", "I love you", "No!", "I love you"]]
    votes = semantic.votes(sentences, lambda *arguments: told.append(arguments))
    assert votes[0] == votes[2] == votes[4] and votes[1] == votes[3]
    assert told[-1] == ("reading sentences", 2, 2)


def test_nothing_to_read_loads_nothing(monkeypatch):
    def never(*_, **__):
        raise AssertionError("no weights are needed")

    monkeypatch.setattr(weights, "get", never)
    assert create("semantic").votes([]) == []
    assert create("semantic").votes([Sentence(None)])[0].abstention is Abstention.NO_TEXT


# The user's poles


def test_the_users_poles_decide(weighted, tmp_path):
    labeller = create("semantic", prototypes=written(tmp_path, TEMPER))
    gentle = ["Please sit down, we have all day.", "It is so quiet here by the lake."]
    wild = ["You bastard, I will kill you!", "I am mad as hell!"]
    found = scores(labeller, gentle + wild)
    assert min(found[:2]) > 0 > max(found[2:])
    calm, _, angry = TEMPER.partition("[angry]")
    swapped = create("semantic", prototypes=written(tmp_path, f"[angry]{angry}{calm}"))
    assert scores(swapped, gentle + wild) == pytest.approx(-np.array(found), abs=1e-3)


def test_poles_of_service_are_not_those_of_mood(weighted, tmp_path):
    labeller = create("semantic", prototypes=written(tmp_path, SERVICE))
    kind, cross = "You handled it very well, I am content.", "Let me speak to your manager, this is a waste of my time."
    satisfied, frustrated = scores(labeller, [kind, cross])
    assert satisfied > 0.1
    assert frustrated < -0.1


def test_prototypes_that_were_read_are_as_good_as_their_file(weighted, tmp_path):
    file = written(tmp_path, TEMPER)
    by_file = create("semantic", prototypes=file)
    kept = Prototypes.from_dict(json.loads(json.dumps(read_prototypes(file).as_dict())))
    file.unlink()
    by_value = SemanticLabeller(prototypes=kept)
    assert by_value == SemanticLabeller(prototypes=kept) and hash(by_value) == hash(SemanticLabeller(prototypes=kept))
    file.write_text(TEMPER)
    assert scores(by_value, PLEASED + UPSET) == scores(by_file, PLEASED + UPSET)
    assert by_value.identity() == by_file.identity()
    assert by_value.identity()["poles"] == ["calm", "angry"]


def test_identity_changes_with_all_that_changes_scores(semantic, tmp_path):
    made = [
        semantic,
        create("semantic", threshold=0.3),
        create("semantic", prototypes=written(tmp_path, TEMPER)),
    ]
    made += [create("semantic", prototypes=written(tmp_path, TEMPER.replace("I feel at ease.", "I am at ease.")))]
    identities = [json.dumps(labeller.identity()) for labeller in made]
    assert len({identities[0], identities[1], identities[3]}) == 3
    assert create("semantic").identity() == semantic.identity()
    assert "weights" in semantic.identity() and str(tmp_path) not in identities[2]


# What is refused


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"I am at ease.\nI am calm.\n", "line 1: a sentence before any pole"),
        (b"[calm]\nI am at ease.\nFine.\nQuiet.\n[angry]\nGet out!\n", r"3 sentences or more each.*\[angry\] with 1$"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is not UTF-8"),
        (b"", "found none"),
    ],
)
def test_prototypes_that_cannot_be_used_are_told_in_one_line(tmp_path, content, message):
    file = tmp_path / "poles.txt"
    file.write_bytes(content)
    with pytest.raises(LabelError, match=message) as caught:
        create("semantic", prototypes=file).votes([Sentence("I love you")])
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(LabelError, match=message):
        create("semantic", prototypes=file).identity()


def test_poles_that_mean_the_same_are_told(weighted):
    same = ("I am happy.", "I am so glad.", "I am delighted.")
    with pytest.raises(LabelError, match=r"\[glad\] and \[happy\] cannot be told apart") as caught:
        SemanticLabeller(prototypes=Prototypes(same, same, ("glad", "happy"))).votes([Sentence("I love you")])
    assert "\n" not in str(caught.value)


def test_poles_are_never_turned_round_by_a_sentence_that_is_out_of_place(weighted):
    """Few prototypes may lie nearer to the other pole on average; a curve that falls would swap the labels."""
    calm = ("Take your time.", "I am relaxed.", "I am so angry that I could scream, I am furious!")
    angry = ("I am furious, I am angry!", "I am screaming with anger!", "I am relaxed, take your time.")
    with pytest.raises(LabelError, match=r"is nearer to the other pole than to its own; expected clearer sentences"):
        SemanticLabeller(prototypes=Prototypes(calm, angry, ("calm", "angry"))).votes([Sentence("Be quiet.")])


# What scores are made of


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=8))
def test_pooling_is_between_the_mean_and_the_nearest(cosines):
    (pooled,) = _pooled(np.array([cosines]))
    assert np.mean(cosines) - 1e-9 <= pooled <= max(cosines) + 1e-9


def test_the_curve_rises_and_is_calibrated_on_what_it_was_fitted_to():
    random = np.random.default_rng(0)
    margins = np.concatenate([random.normal(0.05, 0.05, 500), random.normal(-0.05, 0.05, 500)])
    slope, offset = _platt(margins, 500, 500)
    # Two normal distributions with equal spread: log-odds = (difference of means / variance) · margin.
    assert slope == pytest.approx(0.1 / 0.05**2, rel=0.15)
    assert offset == pytest.approx(0, abs=0.2)


def test_poles_count_alike_whatever_their_sizes():
    random = np.random.default_rng(0)
    margins = np.concatenate([random.normal(0.05, 0.05, 20_000), random.normal(-0.05, 0.05, 2_000)])
    _, offset = _platt(margins, 20_000, 2_000)
    assert offset == pytest.approx(0, abs=0.15)


@pytest.mark.real
def test_real_dialogue_is_ranked_better_than_by_the_lexicon(semantic, shared):
    from sklearn.metrics import roc_auc_score

    dialogue = pd.read_csv(shared / "data" / "dialogue_sentiment.csv")
    polar = dialogue[dialogue["sentiment"] != "neutral"].iloc[::15]
    truth = polar["sentiment"] == "positive"
    by_meaning = roc_auc_score(truth, label_texts(polar["text"], semantic)["score"])
    by_lexicon = roc_auc_score(truth, label_texts(polar["text"], create("lexicon"))["score"])
    assert by_meaning > 0.72
    assert by_meaning > by_lexicon + 0.03
