"""Splits: by speaker nobody is in two parts; at random the founding article's 80/10/10."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tonewise import splits
from tonewise.errors import OptionError, SplitError


def corpus(speakers: int, each: int, seed: int = 0) -> tuple[pd.Series, pd.Series]:
    random = np.random.default_rng(seed)
    n = speakers * each
    labels = pd.Series(
        random.choice(np.array(["positive", "negative", None], dtype=object), n), index=range(100, 100 + n)
    )
    groups = pd.Series(np.repeat([f"speaker:{k}" for k in range(speakers)], each), index=labels.index)
    return labels, groups


@pytest.mark.parametrize("speakers", [3, 4, 7, 30])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_by_speaker_nobody_is_in_two_parts(speakers, seed):
    labels, groups = corpus(speakers, 20)
    parts = splits.split(labels, groups, "speaker", seed=seed)
    assert set(parts) == {"train", "valid", "test"}
    assert (pd.DataFrame({"g": groups, "p": parts}).groupby("g")["p"].nunique() == 1).all()
    assert list(parts.index) == list(labels.index)


def test_by_speaker_tests_on_about_a_fifth():
    labels, groups = corpus(50, 30)
    shares = splits.split(labels, groups).value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.2, abs=0.03) and shares["valid"] == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("seed", range(6))
def test_of_a_few_voices_the_one_who_says_most_is_learned_from(seed):
    labels, _ = corpus(1, 100)
    groups = pd.Series(["a"] * 70 + ["b"] * 20 + ["c"] * 10, index=labels.index)
    assert (splits.split(labels, groups, seed=seed)[groups == "a"] == "train").all()


def test_at_random_is_80_10_10_with_equal_shares_of_labels():
    labels, groups = corpus(10, 100)
    parts = splits.split(labels, groups, "random", seed=3)
    shares = parts.value_counts(normalize=True)
    assert (shares["train"], shares["valid"], shares["test"]) == pytest.approx((0.8, 0.1, 0.1), abs=0.01)
    positive = (labels == "positive").groupby(parts).mean()
    assert positive.max() - positive.min() < 0.03


def test_the_seed_decides_and_repeats():
    labels, groups = corpus(30, 10)
    for strategy in splits.names():
        first, again, other = (splits.split(labels, groups, strategy, seed=seed) for seed in (1, 1, 2))
        assert first.equals(again) and not first.equals(other)


def test_groups_are_speakers_else_recordings():
    table = pd.DataFrame({"speaker": ["a", None, "a"], "recording": ["x", "y", "z"]})
    groups, by = splits.speaker_groups(table)
    assert list(groups) == ["speaker:a", "recording:y", "speaker:a"] and by == "speaker"
    groups, by = splits.speaker_groups(table.assign(speaker=None))
    assert list(groups) == ["recording:x", "recording:y", "recording:z"] and by == "recording"


def test_a_leak_is_an_error():
    parts, groups = pd.Series(["train", "test", "train"]), pd.Series(["a", "a", "b"])
    with pytest.raises(SplitError, match="the split leaks: a"):
        splits.check_disjoint(parts, groups)


def test_too_little_to_split():
    labels, groups = corpus(2, 20)
    with pytest.raises(SplitError, match=r"2 speaker\(s\) or recording\(s\), and a split by speaker needs 3"):
        splits.split(labels, groups)
    with pytest.raises(SplitError, match="5 utterances are too few"):
        splits.split(labels[:5], groups[:5], "random")
    with pytest.raises(OptionError, match="unknown split 'moon'; choose speaker, random"):
        splits.split(labels, groups, "moon")
