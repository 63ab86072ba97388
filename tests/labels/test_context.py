"""Neighbouring sentences: their order, and what simulated moods show of how long they last."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise.labels.context import (
    MINIMUM_PAIRS,
    Persistence,
    autocovariances,
    neighbours,
    persistence,
    sequences,
    smooth,
)

NAN = float("nan")


def simulated(decay: float, signal: float, *, recordings: int = 400, each: int = 50, seed: int = 0):
    """Moods that fade by `decay` a sentence, scores of which a share `signal` is mood, and the recordings' rows."""
    random = np.random.default_rng(seed)
    mood = np.empty((recordings, each))
    mood[:, 0] = random.normal(size=recordings)
    for place in range(1, each):
        mood[:, place] = decay * mood[:, place - 1] + np.sqrt(1 - decay**2) * random.normal(size=recordings)
    scores = np.sqrt(signal) * mood + np.sqrt(1 - signal) * random.normal(size=mood.shape)
    return mood.ravel(), scores.ravel(), list(np.arange(mood.size).reshape(recordings, each))


def table(recordings, starts) -> pd.DataFrame:
    return pd.DataFrame({"recording": recordings, "start": pd.Series(starts, dtype=float)})


def rows(found) -> list[list[int]]:
    return [list(group) for group in found]


# The order in which things were said


def test_sentences_follow_their_starts_within_a_recording():
    utterances = table(["a", "b", "a", "b", "a"], [3.0, 0.5, 1.0, 0.25, 2.0])
    assert sorted(rows(sequences(utterances))) == [[2, 4, 0], [3, 1]]


def test_equal_and_missing_starts_keep_the_order_of_the_rows():
    assert rows(sequences(table(["a"] * 4, [NAN, NAN, NAN, NAN]))) == [[0, 1, 2, 3]]
    assert rows(sequences(table(["a"] * 4, [1.0, 1.0, 0.0, 1.0]))) == [[2, 0, 1, 3]]
    assert rows(sequences(table(["a"] * 5, [NAN, 2.0, NAN, 1.0, 3.0]))) == [[3, 1, 4, 0, 2]]


def test_sentences_of_another_part_are_no_neighbours():
    utterances = table(["a"] * 5 + ["b"] * 2, range(7))
    parts = pd.Series(["train", "train", "test", "train", "test", "valid", "valid"])
    assert sorted(rows(sequences(utterances, parts))) == [[0, 1, 3], [2, 4], [5, 6]]
    beside = neighbours(pd.Series(list("abcdefg")), sequences(utterances, parts), 2)
    assert beside[2] == ((), ("e",))
    assert beside[3] == (("a", "b"), ())


def test_the_index_of_the_table_is_of_no_matter():
    utterances = table(["a", "b", "a"], [2.0, 0.0, 1.0]).set_axis([7, 7, 3])
    parts = pd.Series(["train"] * 3, index=[1, 2, 3])
    assert sorted(rows(sequences(utterances, parts))) == [[1], [2, 0]]


def test_nothing_has_no_neighbours():
    assert sequences(table([], [])) == []
    assert neighbours(pd.Series([], dtype=object), [], 2).empty
    assert persistence(np.array([]), []) == Persistence(0.0, 0.0, 0)
    assert smooth(np.array([]), [], Persistence(0.5, 0.5, 1000), 2).size == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([NAN, 0.0, 1.0, 2.5])), max_size=30))
def test_every_row_is_in_one_sequence_of_its_recording(drawn):
    utterances = table([recording for recording, _ in drawn], [start for _, start in drawn])
    found = sequences(utterances)
    assert sorted(row for group in found for row in group) == list(range(len(drawn)))
    for group in found:
        assert utterances["recording"].iloc[group].nunique() == 1
        starts = utterances["start"].iloc[group].to_numpy()
        assert list(starts[np.isfinite(starts)]) == sorted(starts[np.isfinite(starts)])
        assert not np.isfinite(starts[np.isfinite(starts).sum() :]).any()


# Texts around a text


def test_neighbours_are_the_texts_before_and_after():
    texts = pd.Series(["one", "two", None, " ", "five", "six"], index=list("uvwxyz"))
    beside = neighbours(texts, [np.array([0, 1, 2, 3, 4]), np.array([5])], 2)
    assert beside.index.equals(texts.index)
    assert beside["u"] == ((), ("two",))
    assert beside["v"] == (("one",), ())
    assert beside["w"] == (("one", "two"), ("five",))
    assert beside["y"] == ((), ())
    assert beside["z"] == ((), ())


def test_no_width_is_no_neighbours():
    assert list(neighbours(pd.Series(["one", "two"]), [np.array([0, 1])], 0)) == [((), ()), ((), ())]


# How long moods last


@pytest.mark.parametrize(("decay", "signal"), [(0.8, 0.5), (0.6, 0.3), (0.9, 0.2), (0.5, 0.8)])
def test_a_simulated_process_is_recovered(decay, signal):
    _, scores, found = simulated(decay, signal)
    fitted = persistence(scores, found)
    assert fitted.decay == pytest.approx(decay, abs=0.08)
    assert fitted.signal == pytest.approx(signal, abs=0.08)
    assert fitted.pairs == 400 * 49


def test_scale_and_mean_of_the_scores_are_of_no_matter():
    _, scores, found = simulated(0.8, 0.5, recordings=60)
    plain, moved = persistence(scores, found), persistence(0.1 * scores + 0.7, found)
    assert moved.decay == pytest.approx(plain.decay)
    assert moved.signal == pytest.approx(plain.signal)


def test_missing_scores_are_left_out_of_the_estimate():
    _, scores, found = simulated(0.8, 0.5)
    holes = np.where(np.random.default_rng(1).random(len(scores)) < 0.3, np.nan, scores)
    fitted = persistence(holes, found)
    assert fitted.decay == pytest.approx(0.8, abs=0.08)
    assert fitted.signal == pytest.approx(0.5, abs=0.08)
    assert fitted.pairs == pytest.approx(0.7**2 * 400 * 49, rel=0.05)


def test_white_noise_tells_nothing():
    found_any = 0
    for seed in range(100):
        _, scores, found = simulated(0.0, 0.5, recordings=40, seed=seed)
        fitted = persistence(scores, found)
        found_any += fitted.decay > 0
        if fitted.decay == 0:
            assert smooth(scores, found, fitted, 3).tolist() == scores.tolist()
    assert found_any <= 5  # two standard errors on one side: 2.3 in a hundred


def test_moods_that_alternate_are_no_lasting_moods():
    scores = np.tile([1.0, -1.0], 500) + np.random.default_rng(0).normal(size=1000)
    assert persistence(scores, [np.arange(1000)]).decay == 0


def test_recordings_of_two_sentences_do_not_tell_how_long_moods_last():
    _, scores, found = simulated(0.8, 0.5, recordings=1000, each=2)
    assert persistence(scores, found) == Persistence(0.0, 0.0, 1000, scores.mean())


def test_too_few_pairs_tell_nothing():
    _, scores, found = simulated(0.95, 0.95, recordings=1, each=MINIMUM_PAIRS)
    assert persistence(scores, found) == Persistence(0.0, 0.0, MINIMUM_PAIRS - 1, scores.mean())
    _, scores, found = simulated(0.95, 0.95, recordings=1, each=MINIMUM_PAIRS + 1)
    assert persistence(scores, found).decay > 0.5


@pytest.mark.parametrize("scores", [np.zeros(600), np.full(600, np.nan)])
def test_scores_without_any_difference_tell_nothing(scores):
    assert persistence(scores, [np.arange(600)]).decay == 0


def test_autocovariances_are_means_of_products_within_recordings():
    scores = np.array([1.0, 2.0, NAN, -3.0, 5.0, -5.0])
    moments, pairs = autocovariances(scores, [np.array([0, 1, 2, 3]), np.array([4, 5])])
    assert pairs == 2
    assert moments == pytest.approx((np.mean([1, 4, 9, 25, 25]), np.mean([2, -25]), -6))


# Smoothing


@settings(deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.01, 0.99), st.integers(0, 8))
def test_kernels_are_weights_that_fall_from_the_middle(decay, signal, width):
    kernel = Persistence(decay, signal, 1000).kernel(width)
    assert kernel.shape == (2 * width + 1,)
    assert kernel.sum() == pytest.approx(1)
    assert kernel == pytest.approx(kernel[::-1])
    assert (kernel > 0).all()
    assert (np.diff(kernel[width:]) < 1e-12).all()


def test_nothing_found_is_no_smoothing():
    assert Persistence(0.0, 0.0, 1000).kernel(2).tolist() == [0, 0, 1, 0, 0]
    assert Persistence(0.9, 0.5, 1000).kernel(0).tolist() == [1]


def test_a_clear_score_needs_its_neighbours_less():
    clear, noisy = Persistence(0.8, 0.9, 1000).kernel(2), Persistence(0.8, 0.1, 1000).kernel(2)
    assert clear[2] > 0.7
    assert noisy[2] < 0.3


@pytest.mark.parametrize(("decay", "signal", "gain"), [(0.8, 0.5, 0.08), (0.6, 0.3, 0.05), (0.9, 0.2, 0.15)])
def test_smoothing_brings_scores_nearer_to_the_hidden_mood(decay, signal, gain):
    for seed in range(5):
        mood, scores, found = simulated(decay, signal, recordings=60, seed=seed)
        better = smooth(scores, found, persistence(scores, found), 3)
        assert np.corrcoef(mood, better)[0, 1] > np.corrcoef(mood, scores)[0, 1] + gain


def test_the_kernel_is_the_best_linear_one():
    """No other kernel of the width correlates more with the mood: least squares with the mood known is the ceiling."""
    mood, scores, found = simulated(0.8, 0.3, recordings=1000)
    windows = np.lib.stride_tricks.sliding_window_view(scores.reshape(1000, 50), 7, axis=1).reshape(-1, 7)
    middle = mood.reshape(1000, 50)[:, 3:-3].ravel()
    ceiling = np.corrcoef(windows @ np.linalg.lstsq(windows, middle)[0], middle)[0, 1]
    ours = np.corrcoef(windows @ persistence(scores, found).kernel(3), middle)[0, 1]
    assert ours == pytest.approx(ceiling, abs=0.01)


def test_missing_neighbours_are_made_up_for_by_the_others():
    fitted = Persistence(0.8, 0.5, 1000, mean=0.1)
    left, middle, right = fitted.kernel(1)
    scores = np.array([0.5, NAN, 0.4, -0.2, NAN, NAN, 0.3])
    found = [np.array([0, 1, 2, 3, 4, 5]), np.array([6])]
    better = smooth(scores, found, fitted, 1)
    assert better[0] == pytest.approx(0.5)  # its only neighbour has no score
    # Two scores correlate by signal times decay; what is left of their spread is widened to what one has.
    total = middle + right
    spread = np.sqrt(middle**2 + right**2 + 2 * 0.5 * 0.8 * middle * right) / total
    assert better[2] == pytest.approx(0.1 + (middle * 0.3 + right * -0.3) / total / spread)
    assert better[3] == pytest.approx(0.1 + (left * 0.3 + middle * -0.3) / total / spread)
    assert better[6] == pytest.approx(0.3)
    assert np.isnan(better[[1, 4, 5]]).all(), "a row without a score keeps none"


def test_smoothing_keeps_lean_and_spread():
    """Thresholds mean afterwards what they meant before: a labeller that leans to one side is not pushed further."""
    _, scores, found = simulated(0.8, 0.4, recordings=100, each=50)
    leaning = scores / scores.std() * 0.3 + 0.1
    better = smooth(leaning, found, persistence(leaning, found), 3)
    assert better.mean() == pytest.approx(leaning.mean(), abs=0.01)
    assert better.std() == pytest.approx(leaning.std(), rel=0.05)
    assert (better > 0).mean() == pytest.approx((leaning > 0).mean(), abs=0.03)


def test_other_recordings_have_no_say():
    fitted = Persistence(0.9, 0.5, 1000)
    scores = np.array([0.1, 0.9, 0.2, -0.9, 0.3])
    found = [np.array([0, 2, 4]), np.array([1, 3])]
    changed = scores.copy()
    changed[[1, 3]] = NAN, 0.7
    assert smooth(scores, found, fitted, 2)[[0, 2, 4]].tolist() == smooth(changed, found, fitted, 2)[[0, 2, 4]].tolist()
    assert scores.tolist() == [0.1, 0.9, 0.2, -0.9, 0.3], "what was given stays as it is"


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.just(NAN), st.floats(-1, 1)), min_size=1, max_size=20),
    st.floats(0.05, 0.95),
    st.floats(0.01, 0.99),
)
def test_no_score_changes_sides_without_a_neighbour_there(scores, decay, signal):
    values = np.array(scores)
    better = smooth(values, [np.arange(len(values))], Persistence(decay, signal, 1000), 2)
    assert (np.isnan(better) == np.isnan(values)).all()
    for row in np.flatnonzero(np.isfinite(values)):
        around = values[max(0, row - 2) : row + 3]
        if np.nanmin(around) >= 0:  # the mean that was given is 0: no score crosses it without a neighbour beyond it
            assert better[row] >= 0
        if np.isfinite(around).sum() == 1:
            assert better[row] == pytest.approx(values[row])
