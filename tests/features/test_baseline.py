"""Own baselines: many clips speak for themselves, few are drawn to everybody, strangers and gaps are kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise.errors import OptionError
from tonewise.features.baseline import SHRINKAGE, population, standardise_by_speaker


def voices(sizes, *, dimensions=6, seed=0):
    """Clips `(n, d)` of speakers who differ in level and in range, mixed in their order, and who said each."""
    random = np.random.default_rng(seed)
    speakers = np.repeat([f"voice {index}" for index in range(len(sizes))], sizes)
    level = random.normal(0, 5, (len(sizes), dimensions))[np.repeat(np.arange(len(sizes)), sizes)]
    spread = random.uniform(1, 4, (len(sizes), dimensions))[np.repeat(np.arange(len(sizes)), sizes)]
    matrix = (level + spread * random.normal(size=level.shape)).astype(np.float32)
    order = random.permutation(len(speakers))
    return matrix[order], speakers[order]


def plainly(matrix, everybody):
    return (matrix - everybody.mean) / everybody.deviation


def test_many_clips_end_near_mean_0_and_deviation_1():
    matrix, speakers = voices([2000, 3000, 2500])
    found = standardise_by_speaker(matrix, speakers)
    assert found.dtype == np.float32
    assert found.shape == matrix.shape
    for who in set(speakers):
        assert np.abs(found[speakers == who].mean(axis=0)).max() < 0.2
        assert np.abs(found[speakers == who].std(axis=0) - 1).max() < 0.2
    plain = plainly(matrix, population(matrix))
    assert max(np.abs(plain[speakers == who].mean(axis=0)).max() for who in set(speakers)) > 1


def test_without_shrinkage_means_and_deviations_are_exact():
    matrix, speakers = voices([30, 7, 100])
    found = standardise_by_speaker(matrix, speakers, shrinkage=0)
    for who in set(speakers):
        assert np.allclose(found[speakers == who].mean(axis=0), 0, atol=1e-5)
        assert np.allclose(found[speakers == who].std(axis=0), 1, atol=1e-5)


def test_one_clip_stays_near_plain_standardisation():
    matrix, speakers = voices([400, 400, 1])
    alone = speakers == "voice 2"
    everybody = population(matrix[~alone])
    found = standardise_by_speaker(matrix, speakers, everybody=everybody)[alone]
    # Mean and variance are 1/41 the clip's own, whose variance is 0: sqrt(40/41) of the plain value.
    assert np.allclose(found, plainly(matrix[alone], everybody) * np.sqrt(SHRINKAGE / (SHRINKAGE + 1)), rtol=1e-4)


def test_more_clips_count_more():
    random = np.random.default_rng(3)
    everybody = population(random.normal(size=(1000, 3)).astype(np.float32))
    left = [
        np.abs(standardise_by_speaker(np.full((count, 3), 9, np.float32), ["one"] * count, everybody=everybody)).mean()
        for count in (1, 5, 20, 100)
    ]
    assert left == sorted(left, reverse=True)
    assert left[0] > 7
    assert standardise_by_speaker(np.full((9, 3), 9, np.float32), ["one"] * 9, shrinkage=0).max() == 0


@pytest.mark.parametrize("nobody", [None, float("nan")])
def test_unknown_speakers_are_standardised_by_everybody_and_are_not_one_speaker(nobody):
    matrix, speakers = voices([50, 60])
    names = pd.Series(speakers, dtype=object).where(speakers == "voice 0", nobody)
    found = standardise_by_speaker(matrix, names)
    unknown = speakers != "voice 0"
    assert np.allclose(found[unknown], plainly(matrix, population(matrix))[unknown], atol=1e-5)
    assert not np.allclose(found[~unknown], plainly(matrix, population(matrix))[~unknown], atol=0.5)


def test_rows_that_were_not_heard_count_for_nobody_and_stay_nan():
    matrix, speakers = voices([40, 40])
    deaf = matrix.copy()
    deaf[3] = np.nan
    deaf[5, 2] = np.inf
    gone = np.isin(np.arange(len(matrix)), [3, 5])
    found = standardise_by_speaker(deaf, speakers)
    assert np.isnan(found[gone]).all()
    assert np.array_equal(found[~gone], standardise_by_speaker(matrix[~gone], speakers[~gone]))


def test_given_a_population_no_speaker_enters_anothers_numbers():
    matrix, speakers = voices([30, 30, 5])
    tested = speakers == "voice 2"
    everybody = population(matrix[~tested])
    changed = matrix.copy()
    changed[tested] += 100
    first = standardise_by_speaker(matrix, speakers, everybody=everybody)
    second = standardise_by_speaker(changed, speakers, everybody=everybody)
    assert np.array_equal(first[~tested], second[~tested])
    assert not np.array_equal(first[~tested], standardise_by_speaker(changed, speakers)[~tested])


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=5), seed=st.integers(0, 1000))
def test_the_order_of_clips_does_not_matter(sizes, seed):
    matrix, speakers = voices(sizes, seed=seed)
    order = np.random.default_rng(seed).permutation(len(matrix))
    there = standardise_by_speaker(matrix, speakers)[order]
    assert np.allclose(standardise_by_speaker(matrix[order], speakers[order]), there, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_units_do_not_matter(seed, scale, shift):
    matrix, speakers = voices([9, 3, 1], seed=seed)
    moved = (matrix.astype(np.float64) * scale + shift).astype(np.float32)
    assert np.allclose(
        standardise_by_speaker(moved, speakers), standardise_by_speaker(matrix, speakers), atol=0.02, rtol=0.02
    )


def test_columns_that_never_change_become_0():
    matrix, speakers = voices([7, 3, 1])
    matrix[:, 1] = 0.1  # has no exact mean in floating point
    assert np.abs(standardise_by_speaker(matrix, speakers)[:, 1]).max() < 1e-6
    assert np.abs(standardise_by_speaker(matrix, speakers, shrinkage=0)[:, 1]).max() < 1e-6
    assert np.isfinite(standardise_by_speaker(matrix, speakers, shrinkage=0)).all()


def test_nothing_and_nobody_heard():
    assert standardise_by_speaker(np.zeros((0, 4), np.float32), []).shape == (0, 4)
    assert np.isnan(standardise_by_speaker(np.full((2, 4), np.nan, np.float32), ["a", None])).all()


@pytest.mark.parametrize(
    ("speakers", "shrinkage", "message"),
    [
        (["a", "b"], -1.0, "shrinkage -1 is out of range: expected 0 clips or more, such as 40"),
        (["a", "b"], float("nan"), "shrinkage nan is out of range"),
        (["a", "b"], float("inf"), "shrinkage inf is out of range"),
        (["a"], 10.0, "1 speakers were named for 2 clips: expected one a clip, None where unknown"),
    ],
)
def test_bad_input_is_told(speakers, shrinkage, message):
    with pytest.raises(OptionError) as caught:
        standardise_by_speaker(np.zeros((2, 3), np.float32), speakers, shrinkage=shrinkage)
    assert message in str(caught.value)
