"""Batches of like lengths, crops, weights, and settings that make sense."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tonewise.errors import MissingExtraError, OptionError
from tonewise.finetuning import Examples, Settings
from tonewise.finetuning.examples import RATIO, batches, crop


def examples(positive, weight) -> Examples:
    return Examples(np.ones(len(positive)), np.array(positive), np.array(weight, dtype=float), lambda row: np.zeros(1))


def test_every_clip_is_in_one_batch_of_like_lengths():
    seconds = np.random.default_rng(0).uniform(0.2, 12, 200)
    found = batches(seconds, 20.0, np.random.default_rng(1))
    assert sorted(np.concatenate(found)) == list(range(200))
    for rows in found:
        lengths = seconds[rows]
        assert lengths.min() * len(rows) <= 20 and lengths.max() <= RATIO * lengths.min()
    assert max(len(rows) for rows in found) > 5, "short clips share a batch"


def test_batches_differ_between_epochs_and_repeat_with_the_seed():
    seconds = np.random.default_rng(0).uniform(0.5, 3, 60)
    first, again, other = (batches(seconds, 10.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert {tuple(sorted(rows)) for rows in first} != {tuple(sorted(rows)) for rows in other}


def test_one_long_clip_is_a_batch_of_its_own():
    assert [rows.tolist() for rows in batches(np.array([90.0]), 20.0, np.random.default_rng(0))] == [[0]]


def test_crops_are_as_long_as_the_shortest_and_lie_inside():
    sounds = [np.arange(length, dtype=np.float32) for length in (1000, 1200, 1100)]
    random = np.random.default_rng(0)
    starts = []
    for _ in range(30):
        found = crop(sounds, 15.0, random)
        assert [len(each) for each in found] == [1000, 1000, 1000]
        assert all(np.array_equal(np.diff(each), np.ones(999)) for each in found)
        starts.append([each[0] for each in found])
    assert {start[0] for start in starts} == {0} and len({start[1] for start in starts}) > 5
    assert len(crop([np.zeros(50_000)], 2.0, random)[0]) == 32_000


def test_classes_weigh_alike_and_confidence_counts():
    found = examples([True, True, True, False], [1.0, 0.5, 0.5, 0.1]).balanced()
    assert found.mean() == pytest.approx(1) and found[3] == pytest.approx(found[:3].sum())
    assert found[0] == pytest.approx(2 * found[1])
    assert np.isfinite(examples([True, False], [0.0, 1.0]).balanced()).all()


def test_one_class_is_told_from_two():
    assert examples([True, False], [1, 1]).has_both_classes
    assert not examples([True, True], [1, 1]).has_both_classes and not examples([], []).has_both_classes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tuning": "prefix"}, "unknown tuning 'prefix'; choose lora, full, head"),
        ({"epochs": 0}, "--epochs 0"),
        ({"patience": 0}, "--patience 0"),
        ({"batch_seconds": 0.1}, "--batch-seconds 0.1"),
        ({"batch_seconds": float("nan")}, "--batch-seconds nan"),
        ({"learning_rate": 0.0}, "--learning-rate 0"),
        ({"learning_rate": 5.0}, "--learning-rate 5"),
        ({"seed": -1}, "--seed -1"),
    ],
)
def test_impossible_settings_are_told(options, message):
    with pytest.raises(OptionError, match=message):
        Settings(**options)


def test_rates_are_those_of_the_tuning():
    assert (Settings("lora").rate, Settings("full").rate, Settings("head").rate) == (3e-4, 2e-5, 1e-3)
    assert Settings("full", learning_rate=0.01).rate == 0.01 and Settings("full", learning_rate=0.01).head_rate == 1e-3
    assert Settings("head", learning_rate=0.01).head_rate == 0.01


@pytest.mark.parametrize(("library", "tuning"), [("torch", "head"), ("transformers", "full"), ("peft", "lora")])
def test_a_missing_library_is_told_with_what_installs_it(monkeypatch, library, tuning):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[torch\]'"):
        Settings(tuning).require()
