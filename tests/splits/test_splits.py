"""Splits: by speaker nobody is in two parts; at random the founding article's 80/10/10."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tonewise import splits
from tonewise.errors import OptionError, SplitError


def corpus(speakers: int, each: int) -> pd.Series:
    n = speakers * each
    return pd.Series(np.repeat([f"speaker:{k}" for k in range(speakers)], each), index=range(100, 100 + n))


@pytest.mark.parametrize("speakers", [3, 4, 7, 30])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_by_speaker_nobody_is_in_two_parts(speakers, seed):
    groups = corpus(speakers, 20)
    parts = splits.split(groups, "speaker", seed=seed)
    assert set(parts) == {"train", "valid", "test"}
    assert (pd.DataFrame({"g": groups, "p": parts}).groupby("g")["p"].nunique() == 1).all()
    assert list(parts.index) == list(groups.index)


def test_by_speaker_tests_on_about_a_fifth():
    shares = splits.split(corpus(50, 30)).value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.2, abs=0.03) and shares["valid"] == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("seed", range(6))
def test_of_a_few_voices_the_one_who_says_most_is_learned_from(seed):
    groups = pd.Series(["a"] * 70 + ["b"] * 20 + ["c"] * 10)
    assert (splits.split(groups, seed=seed)[groups == "a"] == "train").all()


def test_at_random_is_80_10_10():
    shares = splits.split(corpus(10, 100), "random", seed=3).value_counts(normalize=True)
    assert (shares["train"], shares["valid"], shares["test"]) == pytest.approx((0.8, 0.1, 0.1))


def test_the_seed_decides_and_repeats():
    groups = corpus(30, 10)
    said = pd.Series([frozenset({f"sentence:{k % 20}"}) for k in range(300)], index=groups.index)
    for strategy in splits.names():
        first, again, other = (splits.split(groups, strategy, seed=seed, contents=said) for seed in (1, 1, 2))
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
    groups = corpus(2, 20)
    with pytest.raises(SplitError, match=r"2 speaker\(s\) or recording\(s\), and a split by speaker needs 3"):
        splits.split(groups)
    with pytest.raises(SplitError, match="5 utterances are too few"):
        splits.split(groups[:5], "random")
    with pytest.raises(OptionError, match="unknown split 'moon'; choose speaker, random, lexical"):
        splits.split(groups, "moon")
