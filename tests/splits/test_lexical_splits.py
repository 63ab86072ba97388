"""The lexical split and its folds: what is said in a test is said nowhere in its training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tonewise import splits
from tonewise.errors import OptionError, SplitError


def voices(count: int, each: int) -> pd.Series:
    return pd.Series(np.repeat([f"speaker:{k}" for k in range(count)], each), index=range(50, 50 + count * each))


def sentences(groups: pd.Series, count: int, seed: int = 0) -> pd.Series:
    drawn = np.random.default_rng(seed).integers(0, count, len(groups))
    return pd.Series([frozenset({f"sentence:{k}"}) for k in drawn], index=groups.index, dtype=object)


def words(groups: pd.Series, most: int, seed: int = 0) -> pd.Series:
    """Up to `most` words a row, of 300 that are as uneven as those of a language (Zipf)."""
    random = np.random.default_rng(seed)
    chances = 1 / np.arange(1, 301)
    chances /= chances.sum()
    counts = random.integers(0, most + 1, len(groups))
    found = [frozenset(f"word:{k}" for k in random.choice(300, count, p=chances)) for count in counts]
    return pd.Series(found, index=groups.index, dtype=object)


def said(contents: pd.Series, rows) -> frozenset[str]:
    return frozenset().union(*contents[rows])


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("make", [lambda groups: sentences(groups, 40), lambda groups: words(groups, 3)])
def test_neither_voices_nor_contents_are_shared(make, seed):
    groups = voices(20, 40)
    contents = make(groups)
    parts = splits.split(groups, "lexical", seed=seed, contents=contents)
    assert set(parts.dropna()) == {"train", "valid", "test"} and list(parts.index) == list(groups.index)
    test, rest = parts == "test", parts.isin(["train", "valid"])
    assert not said(contents, test) & said(contents, rest)
    assert not set(groups[parts == "train"]) & set(groups[parts != "train"].where(parts.notna()).dropna())
    by_speaker = splits.split(groups, "speaker", seed=seed)
    assert (parts[parts.notna()] == by_speaker[parts.notna()]).all()  # the very same voices are tested


def test_no_row_goes_that_could_stay():
    groups = voices(20, 40)
    contents = words(groups, 3)
    parts = splits.split(groups, "lexical", contents=contents)
    test, rest = said(contents, parts == "test"), said(contents, parts.isin(["train", "valid"]))
    by_speaker = splits.split(groups, "speaker")
    for row in parts.index[parts.isna()]:
        assert contents[row] & (rest if by_speaker[row] == "test" else test)


def test_shares_by_sentence():
    groups = voices(50, 40)
    shares = splits.split(groups, "lexical", contents=sentences(groups, 100)).value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.14, abs=0.03)  # of the rows that are in some part
    parts = splits.split(groups, "lexical", contents=sentences(groups, 100))
    assert (parts == "test").mean() == pytest.approx(0.08, abs=0.02)
    assert (parts == "train").mean() == pytest.approx(0.42, abs=0.03)


def test_half_of_the_training_is_left_where_utterances_are_wordy():
    groups = voices(20, 40)
    contents = words(groups, 8)
    speaks = contents.map(len) > 0
    parts = splits.split(groups, "lexical", contents=contents)
    by_speaker = splits.split(groups, "speaker")
    learned, could = (parts.isin(["train", "valid"]) & speaks).sum(), ((by_speaker != "test") & speaks).sum()
    assert learned >= 0.5 * could and (parts == "test").any()


def test_who_says_nothing_known_is_split_by_speaker():
    groups = voices(20, 40)
    contents = sentences(groups, 40)
    silent = np.arange(len(groups)) % 4 == 0
    contents[silent] = [frozenset()] * silent.sum()
    parts, by_speaker = splits.split(groups, "lexical", contents=contents), splits.split(groups, "speaker")
    assert (parts[silent] == by_speaker[silent]).all()


@pytest.mark.parametrize("strategy", ["speaker", "random", "lexical"])
def test_folds_test_every_row_once(strategy):
    groups = voices(12, 20)
    contents = sentences(groups, 30)
    tested = np.zeros(len(groups), dtype=int)
    for train, test in splits.folds(groups, strategy, count=4, seed=3, contents=contents):
        tested[test] += 1
        assert not set(train) & set(test) and len(train) > 0.4 * len(groups)
        if strategy != "random":
            assert not set(groups.iloc[train]) & set(groups.iloc[test])
        if strategy == "lexical":
            assert not said(contents, contents.index[train]) & said(contents, contents.index[test])
    assert (tested == 1).all()


def test_folds_of_wordy_rows_leak_nothing():
    groups = voices(12, 40)
    contents = words(groups, 4)
    tested = np.zeros(len(groups), dtype=int)
    for train, test in splits.folds(groups, "lexical", contents=contents):
        tested[test] += 1
        assert not said(contents, contents.index[train]) & said(contents, contents.index[test])
        assert not set(groups.iloc[train]) & set(groups.iloc[test])
    assert tested.max() == 1 and tested.mean() > 0.5
    assert (tested[contents.map(len).to_numpy() == 0] == 1).all()


def test_the_grid_may_be_coarser_in_contents():
    groups = voices(12, 20)
    found = list(splits.folds(groups, "lexical", count=4, contents=sentences(groups, 30), content_count=2))
    assert len(found) == 8


def test_the_seed_decides_the_folds_and_repeats():
    groups = voices(12, 20)
    contents = sentences(groups, 30)
    for strategy in splits.names():
        first, again, other = (
            [test.tolist() for _, test in splits.folds(groups, strategy, seed=seed, contents=contents)]
            for seed in (1, 1, 2)
        )
        assert first == again != other


def test_labels_have_no_say_and_neither_has_the_order_of_words():
    groups = voices(12, 20)
    contents = words(groups, 3)
    turned = contents.map(lambda content: frozenset(sorted(content, reverse=True)))
    assert splits.split(groups, "lexical", contents=contents).equals(splits.split(groups, "lexical", contents=turned))


def test_a_known_sentence_is_the_content_else_its_words():
    table = pd.DataFrame({"sentence": ["n-1", None, float("nan"), " ", 7]}, index=[4, 5, 6, 7, 8])
    bearing = pd.Series([frozenset({"love"})] * 2 + [frozenset()] + [frozenset({"hate", "sad"})] * 2, index=table.index)
    assert list(splits.contents(table, bearing)) == [
        {"sentence:n-1"}, {"word:love"}, frozenset(), {"word:hate", "word:sad"}, {"sentence:7"},
    ]  # fmt: skip
    assert splits.contents(table.drop(columns="sentence"), bearing)[4] == {"word:love"}


def test_what_cannot_be_split():
    groups = voices(12, 20)
    with pytest.raises(SplitError, match="needs to know what is said; give contents"):
        splits.split(groups, "lexical")
    with pytest.raises(SplitError, match=r"has 2 known sentence\(s\).*needs 3 at least"):
        splits.split(groups, "lexical", contents=sentences(groups, 2))
    with pytest.raises(SplitError, match=r"has 0 known sentence\(s\)"):
        next(splits.folds(groups, "lexical", contents=pd.Series([frozenset()] * len(groups), index=groups.index)))
    few = sentences(groups, 20)
    few[:120] = [frozenset()] * 120
    for cut in (
        lambda: splits.split(groups[:120], "lexical", contents=few),
        lambda: splits.folds(groups[:120], "lexical", contents=few),
    ):
        with pytest.raises(SplitError, match=r"has 0 known sentence\(s\)"):
            cut()  # what other rows say is of no use
    with pytest.raises(SplitError, match="a split by speaker needs 3"):
        splits.split(groups[:40], "lexical", contents=sentences(groups, 20))
    with pytest.raises(SplitError, match=r"1 speaker\(s\) or recording\(s\), and folds by speaker need 2"):
        splits.folds(groups[:20])
    with pytest.raises(SplitError, match="3 utterances are too few for 5 folds"):
        splits.folds(groups[:3], "random")
    with pytest.raises(OptionError, match="unknown split 'moon'"):
        splits.folds(groups, "moon")


def test_one_word_that_everybody_says_cannot_be_held_out():
    groups = voices(12, 20)
    one = pd.Series([frozenset({"word:no", "word:well", "word:more"})] * len(groups), index=groups.index)
    with pytest.raises(SplitError, match="cannot be kept out of training"):
        splits.split(groups, "lexical", contents=one)


def test_a_leak_of_contents_is_an_error():
    parts = pd.Series(["train", "test", None])
    contents = pd.Series([frozenset({"word:love"})] * 3)
    with pytest.raises(SplitError, match="the split leaks: word:love"):
        splits.check_contents(parts, contents)
    splits.check_contents(parts[1:], contents[1:])  # without the training row there is none


@pytest.mark.real
def test_the_tone_benchmark_by_sentence(shared):
    """nEMO: 9 voices, 90 sentences, each said in every emotion. About half of it is in some part, and all of it in folds."""
    table = pd.read_csv(shared / "data" / "acted.csv").query("corpus == 'nemo'").reset_index(drop=True)
    groups, _ = splits.speaker_groups(table)
    contents = splits.contents(table, pd.Series([frozenset()] * len(table)))
    parts = splits.split(groups, "lexical", contents=contents)
    assert not set(table["sentence"][parts == "test"]) & set(table["sentence"][parts.isin(["train", "valid"])])
    assert 0.5 < parts.notna().mean() < 0.65 and (parts == "test").sum() > 150
    assert sum(len(test) for _, test in splits.folds(groups, "lexical", contents=contents)) == len(table)
