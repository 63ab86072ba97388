"""Labels corrected by the voice: what a simulation hides is found again, and nobody is taught by their own voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from tonewise.labels.refinement import (
    CHOICES,
    FOLDS,
    MINIMUM_SPEAKERS,
    NONE,
    Choice,
    Material,
    Refinement,
    labels_of,
    refine,
    speaker_folds,
)


@pytest.fixture(autouse=True)
def one_thread():
    """Small sums are slow on many threads, most of all where others use them too."""
    with threadpool_limits(1):
        yield


def learn(features: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return LogisticRegression(C=0.1, max_iter=500).fit(features, positive, sample_weight=weight).decision_function


def simulated(seed: int = 0, *, speakers: int = 12, each: int = 40, strength: float = 1.0, reliability: float = 0.55):
    """Moods; features = mood · `strength` + the speaker's own voice + noise; and words that hear the mood badly."""
    random = np.random.default_rng(seed)
    mood = random.normal(size=speakers * each)
    groups = np.repeat([f"speaker{number}" for number in range(speakers)], each)
    voices = np.repeat(0.5 * random.normal(size=(speakers, 6)), each, axis=0)
    features = strength * mood[:, None] * np.linspace(1, 0.2, 6) + voices + random.normal(size=(len(mood), 6))
    words = reliability * mood + np.sqrt(1 - reliability**2) * random.normal(size=len(mood))
    score = np.tanh(0.5 * words)
    confidence = np.where(np.abs(score) > 0.1, np.abs(score), 0.0)
    return mood > 0, Material(features.astype(np.float32), score, confidence, groups, reliability)


@dataclass
class Spy:
    """A learner that is told by the last column of the features whose rows it is given; it learns from the others."""

    taught: list[frozenset[int]] = field(default_factory=list)
    asked: list[tuple[frozenset[int], frozenset[int]]] = field(default_factory=list)

    def __call__(self, features, positive, weight):
        heard = frozenset(features[:, -1].astype(int))
        self.taught.append(heard)
        answer = learn(features[:, :-1], positive, weight)

        def listen(others):
            self.asked.append((heard, frozenset(others[:, -1].astype(int))))
            return answer(others[:, :-1])

        return listen


def marked(material: Material) -> Material:
    """The same material with the speaker's number as the last feature."""
    _, numbers = np.unique(material.groups, return_inverse=True)
    return replace(material, features=np.column_stack([material.features, numbers]))


def same(one: Refinement, other: Refinement) -> bool:
    return (
        (one.choice, one.agreement, one.flipped, one.added)
        == (other.choice, other.agreement, other.flipped, other.added)
        and np.array_equal(one.positive, other.positive)
        and np.array_equal(one.weight, other.weight)
    )


# Who hears whom


def test_nobody_is_taught_by_their_own_voice():
    spy = Spy()
    refine(marked(simulated()[1]), spy)
    assert len(spy.asked) >= 50
    assert not any(heard & listened for heard, listened in spy.asked)
    everybody = set(range(12))
    assert {speaker for _, listened in spy.asked for speaker in listened} == everybody
    assert all(heard < everybody for heard in spy.taught)


def taught_while_held_out(material: Material, speakers: frozenset[int]) -> list[bytes]:
    """All that a learner is given until it is first given one of some speakers."""
    seen, over = [], False

    def spy(features, positive, weight):
        nonlocal over
        over = over or bool(speakers & set(features[:, -1].astype(int)))
        if not over:
            seen.append(features.tobytes() + positive.tobytes() + weight.tobytes())
        answer = learn(features[:, :-1], positive, weight)
        return lambda others: answer(others[:, :-1])

    refine(material, spy)
    return seen


def changed(material: Material, rows: np.ndarray) -> Material:
    """The same material with other words and another sound in some rows."""
    random = np.random.default_rng(1)
    features, score = material.features.copy(), material.score.copy()
    features[rows, :-1] = random.normal(size=(rows.sum(), features.shape[1] - 1))
    score[rows] = random.uniform(-0.9, 0.9, size=rows.sum())
    return replace(material, features=features, score=score, confidence=np.abs(score))


def test_speakers_held_out_have_no_say_in_what_they_judge():
    """The first fold is held out first: what is taught until then is the same, whatever its speakers say and sound like."""
    material = marked(simulated(each=20)[1])
    folds = speaker_folds(material.groups)
    held_out = frozenset(material.features[folds == 0, -1].astype(int))
    expected = taught_while_held_out(changed(material, folds < 0), held_out)
    assert len(expected) == 5 + 4  # teachers, and a model for each choice and for none
    assert taught_while_held_out(changed(material, folds == 0), held_out) == expected
    assert taught_while_held_out(changed(material, folds == 1), held_out) != expected, "the trail shows what is changed"


def test_folds_keep_speakers_whole_and_even():
    groups = np.repeat(list("abcdefg"), [50, 10, 10, 10, 10, 10, 9])
    folds = speaker_folds(groups)
    assert all(len(set(folds[groups == name])) == 1 for name in "abcdefg")
    assert sorted(np.bincount(folds)) == [10, 10, 19, 20, 50]


# What it is good for


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_voice_that_tells_corrects_the_words(seed):
    truth, material = simulated(seed, strength=1.5)
    found = refine(material, learn, choices=(Choice(1, 0.2),))
    assert found.choice != NONE
    assert found.agreement[found.choice] > found.agreement[NONE]
    labelled, kept = material.confidence > 0, found.weight > 0
    words = material.score > 0
    before = (words == truth)[labelled].mean()
    assert (found.positive == truth)[kept].mean() > before + 0.12
    assert (found.positive == truth)[labelled].mean() > before + 0.05
    flips = labelled & kept & (words != found.positive)
    assert flips.sum() == found.flipped > 10
    assert (found.positive == truth)[flips].mean() > 0.7
    added = ~labelled & kept
    assert added.sum() == found.added > 20
    assert (found.positive == truth)[added].mean() > 0.7


def test_the_weight_says_how_certain_a_label_is():
    truth, material = simulated(2, strength=1.5)
    found = refine(material, learn, choices=(Choice(1, 0.0),))
    right = found.positive == truth
    assert found.weight.min() >= 0 and found.weight.max() <= 1
    sure = found.weight > np.median(found.weight)
    assert right[sure].mean() > right[~sure].mean() + 0.1
    # Calibrated, as far as a naive model is: weight = |2p − 1|.
    assert (0.5 + found.weight / 2).mean() == pytest.approx(right.mean(), abs=0.07)


@pytest.mark.parametrize("choice", [Choice(1, 0.2), Choice(1, 0.4)])
def test_the_least_certain_share_is_dropped(choice):
    _, material = simulated(0, strength=1.5)
    found = refine(material, learn, choices=(choice,))
    assert found.choice == choice
    assert (found.weight == 0).mean() == pytest.approx(choice.drop, abs=0.01)
    named = labels_of(found)
    assert [label is None for label in named] == list(found.weight == 0)
    assert set(named[found.weight > 0]) == {"positive", "negative"}
    assert all((named == "positive") == (found.positive & (found.weight > 0)))


def test_a_voice_that_tells_nothing_changes_nothing():
    left = 0
    for seed in range(6):
        _, material = simulated(seed, strength=0.0, speakers=10)
        found = refine(material, learn)
        left += found.choice == NONE
        if found.choice == NONE:
            assert (found.positive == (material.score > 0)).all()
            assert (found.weight == material.confidence).all()
            assert (found.flipped, found.added) == (0, 0)
            assert set(found.agreement) == {NONE, *CHOICES}
    assert left >= 4


def test_words_that_are_right_are_left_alone():
    truth, material = simulated(0, strength=0.3, reliability=0.99)
    found = refine(replace(material, reliability=0.95), learn)
    labelled = material.confidence > 0
    assert (found.positive == truth)[labelled].mean() > 0.95


def test_agreement_is_with_the_words_of_speakers_held_out():
    """Without any teacher it is the AUC of a model of the words' labels, by fold, and gold has no part in it."""
    _, material = simulated(3)
    folds = speaker_folds(material.groups)
    by_hand = []
    for fold in range(FOLDS):
        taught = (folds != fold) & (material.confidence > 0)
        judged = (folds == fold) & (material.confidence > 0)
        answer = learn(material.features[taught], material.score[taught] > 0, material.confidence[taught])
        words = material.score[judged] > 0
        by_hand.append(
            roc_auc_score(words, answer(material.features[judged]), sample_weight=material.confidence[judged])
        )
    assert refine(material, learn).agreement[NONE] == pytest.approx(np.mean(by_hand))


def test_what_words_abstain_from_is_not_judged():
    """Rows without a label of the words are taught and labelled by teachers, but no agreement is asked of them."""
    _, material = simulated(1)
    silent = material.confidence == 0
    other = replace(material, score=np.where(silent, -material.score, material.score))
    assert refine(material, learn).agreement[NONE] == refine(other, learn).agreement[NONE]


def test_the_same_is_found_again():
    _, material = simulated(0)
    first = refine(material, learn)
    assert same(first, refine(material, learn))
    assert same(first, refine(replace(material, groups=material.groups.astype(object)), learn))


def test_progress_counts_the_folds():
    told = []
    refine(simulated()[1], learn, choices=(Choice(1, 0.0),), progress=lambda *arguments: told.append(arguments))
    assert told == [("refining labels", fold, FOLDS) for fold in range(1, FOLDS + 1)]


# What cannot be refined


@pytest.mark.parametrize("speakers", range(1, MINIMUM_SPEAKERS))
def test_few_speakers_are_left_as_they_are(speakers):
    _, material = simulated(0, speakers=speakers)
    found = refine(material, _never)
    assert found.choice == NONE and found.agreement == {}
    assert (found.positive == (material.score > 0)).all() and (found.weight == material.confidence).all()


def _never(*_):
    raise AssertionError("nothing was to be learned")


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_class_alone_teaches_nothing(share):
    _, material = simulated(0)
    found = refine(replace(material, score=np.abs(material.score) * (2 * share - 1)), _never)
    assert found.choice == NONE and found.agreement == {}


def test_words_that_say_nothing_at_all_teach_nothing():
    _, material = simulated(0)
    silent = np.zeros(len(material.score))
    found = refine(replace(material, score=silent, confidence=silent), _never)
    assert found.choice == NONE and found.agreement == {}
    assert not found.positive.any() and not found.weight.any()


@pytest.mark.parametrize("speakers", [4, 5, 8])
def test_speakers_of_one_mood_each_do_not_crash(speakers):
    """Every fold has one class, but for one speaker who has both: those who remain may be of one class alone."""
    _, material = simulated(0, speakers=speakers)
    numbers = np.unique(material.groups, return_inverse=True)[1]
    for sad in (numbers > 1, numbers > 0, numbers > speakers):
        score = np.abs(material.score) * np.where(sad, -1, 1)
        score[numbers == 0] = material.score[numbers == 0]
        found = refine(replace(material, score=score), learn)
        assert all(0 <= value <= 1 for value in found.agreement.values())
        assert len(found.positive) == len(score)


def test_a_model_that_cannot_be_taught_ranks_nobody():
    """Only one speaker has words of both sides, and all others are of one side: nothing can rank that speaker."""
    _, material = simulated(0, speakers=5)
    both = material.groups == "speaker0"
    found = refine(replace(material, score=np.where(both, material.score, np.abs(material.score))), learn)
    assert found.choice == NONE
    assert found.agreement[NONE] == 0.5


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 7), st.integers(1, 6), st.floats(0, 1))
def test_whatever_is_given_comes_back_whole(seed, speakers, each, silent):
    _, material = simulated(seed, speakers=speakers, each=each)
    quiet = np.random.default_rng(seed).random(len(material.score)) < silent
    confidence = np.where(quiet, 0.0, material.confidence)
    found = refine(replace(material, confidence=confidence), learn, choices=(Choice(1, 0.4), Choice(1, 0.0)))
    assert len(found.positive) == len(found.weight) == speakers * each
    assert np.isfinite(found.weight).all() and found.weight.min() >= 0 and found.weight.max() <= 1
    assert 0 <= found.flipped + found.added <= speakers * each


# Words as evidence


def test_the_words_log_odds_are_calibrated():
    truth, material = simulated(0, speakers=200)
    probability = 1 / (1 + np.exp(-material.log_odds))
    for low in np.arange(0.1, 0.9, 0.1):
        rows = (probability >= low) & (probability < low + 0.1)
        assert truth[rows].mean() == pytest.approx(probability[rows].mean(), abs=0.06)


def test_words_that_say_nothing_are_no_evidence():
    material = simulated(0)[1]
    changed = replace(material, score=np.where(np.arange(len(material.score)) < 5, 0.0, material.score))
    assert (changed.log_odds[:5] == 0).all()
    assert (replace(material, score=np.zeros(3)).log_odds == 0).all()
    assert (np.sign(material.log_odds) == np.sign(material.score)).all()
    sure = replace(material, reliability=0.9).log_odds
    assert (np.abs(sure) >= np.abs(material.log_odds)).all(), "words that are worth more say more"
