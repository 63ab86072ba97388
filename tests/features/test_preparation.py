"""What is done to features before a classifier sees them."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise import features
from tonewise.errors import OptionError


def _voices(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four speakers of fifty clips each, every one at a level of their own."""
    random = np.random.default_rng(seed)
    speakers = np.repeat(["a", "b", "c", "d"], 50)
    level = np.repeat(random.normal(scale=10, size=(4, 6)), 50, axis=0)
    return (level + random.normal(size=(200, 6))).astype(np.float32), speakers


def test_without_a_baseline_nothing_is_done() -> None:
    matrix, speakers = _voices()
    prepared, preparation = features.prepare(matrix, speakers, baseline="none")
    assert prepared is matrix
    assert preparation.as_array() is None
    assert preparation.apply(matrix, speakers) is matrix


def test_a_speakers_baseline_takes_the_speakers_level_away() -> None:
    matrix, speakers = _voices()
    prepared, _ = features.prepare(matrix, speakers, baseline="speaker", shrinkage=10)
    before = np.ptp([matrix[speakers == who].mean(axis=0) / matrix.std(axis=0) for who in "abcd"], axis=0)
    after = np.ptp([prepared[speakers == who].mean(axis=0) for who in "abcd"], axis=0)
    assert (after < before / 2).all()


def test_held_out_rows_have_no_part_in_what_others_are_drawn_towards() -> None:
    matrix, speakers = _voices()
    training = speakers != "d"
    changed = matrix.copy()
    changed[~training] += 1000
    first, _ = features.prepare(matrix, speakers, baseline="speaker", training=training)
    second, _ = features.prepare(changed, speakers, baseline="speaker", training=training)
    np.testing.assert_array_equal(first[training], second[training])


def test_new_rows_are_prepared_alike_after_a_round_through_a_file() -> None:
    matrix, speakers = _voices()
    prepared, preparation = features.prepare(matrix, speakers, baseline="speaker", shrinkage=5)
    settings = {"kind": preparation.baseline, "shrinkage": preparation.shrinkage}
    again = features.restore(settings, preparation.as_array(), dimensions=6)
    np.testing.assert_array_equal(again.apply(matrix, speakers), prepared)


def test_an_unknown_baseline_is_refused() -> None:
    matrix, speakers = _voices()
    with pytest.raises(OptionError, match="unknown baseline 'corpus'; choose none or speaker"):
        features.prepare(matrix, speakers, baseline="corpus")
    with pytest.raises(OptionError, match="unknown or incomplete"):
        features.restore({"kind": "speaker", "shrinkage": 10}, None, dimensions=6)
    with pytest.raises(OptionError, match="no 5 means and deviations"):
        features.restore({"kind": "speaker", "shrinkage": 10}, np.ones((2, 6)), dimensions=5)
