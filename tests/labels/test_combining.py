"""Labellers as one: what they are worth is known of simulated ones, and found again; the mean is the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise.errors import OptionError
from tonewise.labels import Abstention, Sentence, label_texts
from tonewise.labels.base import NO_TEXT, Vote, vote
from tonewise.labels.combining import (
    DEFAULT_MEMBERS,
    HIGHEST,
    OTHER_RELIABILITY,
    PRIOR_RELIABILITY,
    CombinedLabeller,
    combine,
    fit,
    member_specs,
)

NAN = float("nan")


def simulated(reliabilities: dict[str, float], *, decay: float, recordings: int = 400, each: int = 50, seed: int = 0):
    """Moods that fade by `decay` a sentence; a score a member with errors of its own; and the recordings' rows."""
    random = np.random.default_rng(seed)
    mood = np.empty((recordings, each))
    mood[:, 0] = random.normal(size=recordings)
    for place in range(1, each):
        mood[:, place] = decay * mood[:, place - 1] + np.sqrt(1 - decay**2) * random.normal(size=recordings)
    mood = mood.ravel()
    scores = {name: r * mood + np.sqrt(1 - r**2) * random.normal(size=len(mood)) for name, r in reliabilities.items()}
    return mood, pd.DataFrame(scores), list(np.arange(len(mood)).reshape(recordings, each))


def alone(n: int) -> list[np.ndarray]:
    """Recordings of a single sentence."""
    return [np.array([row]) for row in range(n)]


# What each is worth


@pytest.mark.parametrize("truth", [{"a": 0.35, "b": 0.55}, {"a": 0.8, "b": 0.3}, {"a": 0.4, "b": 0.5, "c": 0.7}])
@pytest.mark.parametrize("decay", [0.6, 0.85])
def test_neighbours_tell_what_members_are_worth(truth, decay):
    _, scores, found = simulated(truth, decay=decay)
    fitted = fit(scores, found)
    assert fitted.evidence == "neighbours"
    assert fitted.reliabilities == pytest.approx(truth, abs=0.06)


def test_three_members_tell_what_they_are_worth_where_there_are_no_neighbours():
    truth = {"a": 0.3, "b": 0.5, "c": 0.7}
    _, scores, _ = simulated(truth, decay=0.0)
    fitted = fit(scores, alone(len(scores)))
    assert fitted.evidence == "covariances"
    assert fitted.reliabilities == pytest.approx(truth, abs=0.06)


def test_four_members_are_judged_by_all_pairs_of_others():
    truth = {"a": 0.3, "b": 0.5, "c": 0.7, "d": 0.6}
    _, scores, _ = simulated(truth, decay=0.0)
    fitted = fit(scores, alone(len(scores)))
    assert fitted.evidence == "covariances"
    assert fitted.reliabilities == pytest.approx(truth, abs=0.06)


def test_estimated_accuracies_are_those_of_the_signs():
    mood, scores, found = simulated({"a": 0.35, "b": 0.55, "c": 0.8}, decay=0.8)
    true = {name: ((scores[name] > 0) == (mood > 0)).mean() for name in scores}
    assert fit(scores, found).accuracies == pytest.approx(true, abs=0.02)
    assert fit(scores, alone(len(scores))).accuracies == pytest.approx(true, abs=0.02)


@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_the_weights_are_nearly_the_best_there_are(holes):
    mood, scores, found = simulated({"a": 0.35, "b": 0.7}, decay=0.8)
    scores["a"] *= 0.2  # a member that is as sure as the other, on a scale of its own
    seen = scores.where(np.random.default_rng(1).random(scores.shape) >= holes)
    fitted = fit(seen, found)
    ours = np.corrcoef(combine(scores, fitted.weights), mood)[0, 1]
    ceiling = np.corrcoef(scores.to_numpy() @ np.linalg.lstsq(scores.to_numpy(), mood)[0], mood)[0, 1]
    assert ours == pytest.approx(ceiling, abs=0.003)
    assert ours > max(scores.corrwith(pd.Series(mood)))


def test_the_mean_of_two_is_better_than_either():
    mood, scores, found = simulated({"lexicon": 0.35, "semantic": 0.55}, decay=0.8, recordings=100)
    both = combine(scores, fit(scores, found).weights)
    right = {name: ((scores[name] > 0) == (mood > 0)).mean() for name in scores}
    assert ((both > 0) == (mood > 0)).mean() > max(right.values()) + 0.01


@pytest.mark.parametrize("found", ["alone", "white", "few"])
def test_two_members_without_telling_neighbours_count_as_known_before(found):
    recordings = 3 if found == "few" else 100
    decay = {"alone": 0.8, "white": 0.0, "few": 0.8}[found]
    _, scores, rows = simulated({"lexicon": 0.7, "hub:owner/name": 0.2}, decay=decay, recordings=recordings)
    fitted = fit(scores, alone(len(scores)) if found == "alone" else rows)
    assert fitted.evidence == "prior"
    assert fitted.reliabilities == {"lexicon": PRIOR_RELIABILITY["lexicon"], "hub:owner/name": OTHER_RELIABILITY}
    assert fitted.weights["hub:owner/name"] > fitted.weights["lexicon"]


def test_encoders_and_models_named_after_a_colon_have_the_prior_of_their_kind():
    fitted = fit(pd.DataFrame({"semantic:some/encoder": [0.1, -0.1], "lexicon": [0.2, 0.1]}), alone(2))
    assert fitted.reliabilities["semantic:some/encoder"] == PRIOR_RELIABILITY["semantic"]


def test_recordings_of_two_sentences_do_not_tell_how_long_moods_last():
    """No pair is two sentences apart; that is no sign that moods end at once and that members are nearly perfect."""
    _, scores, found = simulated({"a": 0.4, "b": 0.6}, decay=0.8, recordings=2000, each=2)
    assert fit(scores, found).evidence == "prior"


def test_a_relation_that_ends_with_the_next_sentence_is_no_mood():
    random = np.random.default_rng(0)
    errors = {name: random.normal(size=3001) for name in ("lexicon", "semantic")}
    scores = pd.DataFrame({name: values[1:] + 0.5 * values[:-1] for name, values in errors.items()})
    fitted = fit(scores, [np.arange(3000)])
    assert fitted.evidence == "prior"
    assert max(fitted.accuracies.values()) < 0.7


def test_members_that_do_not_agree_at_all_tell_nothing_by_covariances():
    random = np.random.default_rng(0)
    mood = random.normal(size=1000)
    scores = pd.DataFrame({"a": mood, "b": -mood, "c": random.normal(size=1000)})
    assert fit(scores, alone(1000)).evidence == "prior"


@pytest.mark.parametrize("constant", [0.0, 0.3, NAN])
def test_a_member_that_always_says_the_same_has_no_weight(constant):
    _, scores, found = simulated({"a": 0.5, "b": 0.5}, decay=0.8, recordings=50)
    scores["b"] = constant
    assert fit(scores, found).weights == {"a": 1.0, "b": 0.0}


@pytest.mark.parametrize("scores", [pd.DataFrame({"a": [], "b": []}), pd.DataFrame({"a": [NAN] * 5, "b": [0.0] * 5})])
def test_members_that_say_nothing_count_alike(scores):
    assert fit(scores.astype(float), alone(len(scores))).weights == {"a": 0.5, "b": 0.5}


def test_one_member_has_all_the_weight():
    _, scores, found = simulated({"a": 0.5}, decay=0.8)
    fitted = fit(scores, found)
    assert fitted.weights == {"a": 1.0}
    assert fitted.reliabilities["a"] == pytest.approx(0.5, abs=0.06)


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.one_of(st.just(NAN), st.floats(-1, 1))] * 3), max_size=30),
    st.integers(1, 5),
)
def test_weights_are_shares_whatever_the_scores(values, pieces):
    scores = pd.DataFrame(values, columns=list("abc"), dtype=float)
    fitted = fit(scores, np.array_split(np.arange(len(scores)), pieces))
    assert sum(fitted.weights.values()) == pytest.approx(1)
    assert min(fitted.weights.values()) >= 0
    assert all(0 < value <= HIGHEST for value in fitted.reliabilities.values())
    assert all(0.5 < value < 1 for value in fitted.accuracies.values())


def test_the_order_of_members_is_of_no_matter():
    _, scores, found = simulated({"a": 0.4, "b": 0.5, "c": 0.7}, decay=0.7, recordings=100)
    assert fit(scores[["c", "a", "b"]], found).weights == pytest.approx(fit(scores, found).weights)


# The mean


def test_members_without_a_score_are_left_out():
    scores = pd.DataFrame({"a": [0.8, NAN, 0.8, NAN], "b": [-0.4, -0.4, NAN, NAN]})
    expected = [0.25 * 0.8 - 0.75 * 0.4, -0.4, 0.8, NAN]
    assert combine(scores, {"b": 0.75, "a": 0.25}) == pytest.approx(expected, nan_ok=True)


def test_a_member_without_weight_has_no_say():
    scores = pd.DataFrame({"a": [0.8, 0.8], "b": [-0.4, NAN]})
    assert combine(scores, {"a": 0.0, "b": 1.0}) == pytest.approx([-0.4, NAN], nan_ok=True)


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.one_of(st.just(NAN), st.floats(-1, 1))] * 3), min_size=1, max_size=10),
    st.tuples(*[st.floats(0.01, 1)] * 3),
)
def test_the_mean_lies_between_the_members(values, weights):
    scores = pd.DataFrame(values, columns=list("abc"), dtype=float)
    for mean, row in zip(combine(scores, dict(zip("abc", weights, strict=True))), scores.to_numpy(), strict=True):
        if np.isnan(row).all():
            assert np.isnan(mean)
        else:
            assert np.nanmin(row) - 1e-9 <= mean <= np.nanmax(row) + 1e-9


# Who is combined


def test_members_are_named_after_the_colon():
    assert member_specs("combined") == DEFAULT_MEMBERS
    assert member_specs("combined:lexicon+hub:owner/name + semantic") == ("lexicon", "hub:owner/name", "semantic")


@pytest.mark.parametrize(
    "spec",
    ["combined:", "combined:lexicon", "combined:lexicon+", "combined:lexicon+lexicon", "combined:lexicon+combined"],
)
def test_what_is_no_combination_is_told_in_one_line(spec):
    with pytest.raises(OptionError, match="does not name two labellers or more") as caught:
        member_specs(spec)
    assert spec in str(caught.value) and "\n" not in str(caught.value)


# As one labeller


@dataclass
class Reader:
    """A labeller that knows the scores of some texts, and remembers what it was shown."""

    name: str
    known: dict[str, float]
    languages: frozenset[str] | None = None
    reads_context: bool = False
    parts: tuple[str, ...] = ()
    source: str = "a test"
    licence: str = "none"
    shown: list[Sentence] = field(default_factory=list)

    def votes(self, sentences: Sequence[Sentence], progress: object = None) -> list[Vote]:
        self.shown += sentences
        return [self._vote(sentence.text) for sentence in sentences]

    def identity(self) -> dict[str, object]:
        return {"name": self.name, "known": self.known}

    def _vote(self, text: str | None) -> Vote:
        if not text:
            return NO_TEXT
        return vote(self.known[text], 0.1) if text in self.known else Vote(None, 0.0, Abstention.NO_ANSWER)


TEXTS = ["fine", "bad", "so so", "unknown to all", None, "known to one", "ça va"]


def two() -> tuple[Reader, Reader]:
    english = Reader("a", {"fine": 0.9, "bad": -0.5, "so so": 0.2, "ça va": 1.0}, frozenset({"en"}))
    return english, Reader("b", {"fine": 0.3, "bad": -0.7, "so so": -0.1, "known to one": 0.5, "ça va": -0.6})


def test_the_labeller_votes_what_combine_says_of_its_members():
    members, weights = two(), {"a": 0.25, "b": 0.75}
    texts, languages = pd.Series(TEXTS, dtype=object), pd.Series(["en"] * 5 + [None, "fr-CA"])
    tables = [label_texts(texts, member, languages=languages) for member in members]
    scores = pd.DataFrame({"a": tables[0]["score"], "b": tables[1]["score"]})
    found = label_texts(texts, CombinedLabeller(members, weights), languages=languages)
    expected = combine(scores, weights)
    assert found["score"].to_numpy() == pytest.approx(expected, nan_ok=True)
    assert found[["a_score", "b_score"]].to_numpy() == pytest.approx(scores.to_numpy(), nan_ok=True)
    assert list(found["label"]) == ["positive", "negative", None, None, None, "positive", "negative"]
    assert found["confidence"].to_numpy() == pytest.approx([0.45, 0.65, 0, 0, 0, 0.5, 0.6])
    assert list(found["abstention"]) == [None, None, "near_neutral", "no_answer", "no_text", None, None]


def test_each_member_is_shown_the_languages_that_it_reads():
    english, any_language = two()
    sentences = [Sentence("fine", "en-GB"), Sentence("ça va", "fr"), Sentence("bad", None)]
    votes = CombinedLabeller((english, any_language), {"a": 0.5, "b": 0.5}).votes(sentences)
    assert [sentence.text for sentence in english.shown] == ["fine", "bad"]
    assert any_language.shown == sentences
    assert votes[1].score == pytest.approx(-0.6) and votes[1].parts == {"a": None, "b": -0.6}


def test_what_no_member_reads_is_abstained_from_by_name():
    (found,) = CombinedLabeller(two()[:1], {"a": 1.0}).votes([Sentence("ça va", "fr")])
    assert (found.score, found.confidence, found.abstention) == (None, 0.0, Abstention.OTHER_LANGUAGE)


def test_the_threshold_is_of_the_mean():
    members = (Reader("a", {"x": 0.9}), Reader("b", {"x": -0.5}))
    (near,) = CombinedLabeller(members, {"a": 0.5, "b": 0.5}, threshold=0.2).votes([Sentence("x")])
    (clear,) = CombinedLabeller(members, {"a": 0.5, "b": 0.5}, threshold=0.19).votes([Sentence("x")])
    assert near.abstention is Abstention.NEAR_NEUTRAL and near.confidence == 0
    assert clear.label == "positive" and clear.confidence == pytest.approx(0.2)


def test_nothing_asked_is_nothing_answered():
    assert CombinedLabeller(two(), {"a": 0.5, "b": 0.5}).votes([]) == []


def test_it_says_what_it_is_made_of():
    english, other = two()
    made = CombinedLabeller((english, other), {"a": 0.25, "b": 0.75})
    assert made.parts == ("a", "b") and made.languages is None and not made.reads_context
    assert made.licence == "a: none; b: none"
    assert CombinedLabeller((english, Reader("c", {}, reads_context=True)), {"a": 1, "c": 0}).reads_context
    assert made.identity()["members"] == [english.identity(), other.identity()]
    others = [CombinedLabeller((english, other), {"a": 0.5, "b": 0.5}), CombinedLabeller((english,), {"a": 1.0})]
    assert all(made.identity() != another.identity() for another in others)
    assert made.identity() != CombinedLabeller((english, other), {"a": 0.25, "b": 0.75}, threshold=0.3).identity()
