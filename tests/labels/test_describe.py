"""What labels are worth, from tables made by hand: every figure is checked against its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise import labels
from tonewise.labels.describe import DOUBTFUL
from tonewise.records import Evaluation, Interval

TEXTS = pd.Series(
    ["I love it", "I hate it", "The door", None, "I love it", "A very sorry and good day"],
    index=[5, 3, 9, 1, 0, 2],
)


def label_table(scores, *, threshold: float = 0.1, confidence=None, **parts) -> pd.DataFrame:
    """A table as `label_texts` makes it; None is a score that could not be given."""
    score = np.array([np.nan if value is None else value for value in scores], dtype=float)
    sure = np.abs(score) > threshold
    names = np.where(sure, np.where(score > 0, "positive", "negative"), None)
    reasons = np.where(sure, None, np.where(np.isnan(score), "no_text", "near_neutral"))
    table = pd.DataFrame({"label": names, "score": score, "abstention": reasons}, dtype=object)
    table["score"] = score
    table["confidence"] = np.where(sure, np.abs(np.nan_to_num(score)) if confidence is None else confidence, 0.0)
    for part, values in parts.items():
        table[f"{part}_score"] = np.array([np.nan if value is None else value for value in values], dtype=float)
    return table


def described(table: pd.DataFrame, texts=None, **more):
    texts = pd.Series([f"line {row}" for row in range(len(table))] if texts is None else texts, dtype=object)
    return labels.describe(texts, table, **{"labeller": "combined", **more})


# -- one labeller and its parts -----------------------------------------------------------------------------------------


def test_summary_counts():
    table = labels.label_texts(TEXTS, labels.create("lexicon"))
    summary = labels.describe(TEXTS, table, labeller="lexicon")
    assert summary.utterances == 6
    assert sum(summary.counts.values()) == 6
    assert summary.counts["abstained"] == sum(summary.abstentions.values())
    assert summary.coverage == pytest.approx(1 - summary.counts["abstained"] / 6)
    assert sum(summary.histogram[1]) == 5 and len(summary.histogram[0]) == 21
    agreement = summary.agreement["vader~textblob"]
    assert agreement["agree"] <= agreement["both"] and agreement["rate"] == agreement["agree"] / agreement["both"]
    assert [each.name for each in summary.labellers] == ["vader", "textblob"]
    assert summary.from_text and summary.gold is None and summary.languages == {}


def test_examples_are_of_their_kind_and_seeded():
    texts = pd.Series(["I love it", "I hate it", "bad but great fun", "not bad", "a chair"] * 20)
    table = labels.label_texts(texts, labels.create("lexicon"))
    first, second = (labels.describe(texts, table, labeller="lexicon", seed=seed).examples for seed in (1, 1))
    assert first == second
    assert {example["text"] for example in first["positive"]} <= set(texts[table["label"] == "positive"])
    assert all(example["vader"] * example["textblob"] < 0 for example in first["conflict"])


def test_undefined_agreement_is_missing():
    texts = pd.Series(["a chair", "a table"])
    summary = labels.describe(texts, labels.label_texts(texts, labels.create("lexicon")), labeller="lexicon")
    assert summary.agreement["vader~textblob"] == {"both": 0, "agree": 0, "rate": None, "kappa": None}


def test_a_part_labels_wherever_its_score_is_not_zero():
    table = label_table([0.5, 0.05, -0.5, 0.0], a=[0.5, 0.1, -1, 0], b=[0.5, 0, 0.01, None])
    first, second = described(table).labellers
    assert first.is_part and first.counts == {"positive": 2, "negative": 1, "abstained": 1}
    assert second.counts == {"positive": 2, "negative": 0, "abstained": 2}
    assert (first.coverage, first.overlap, first.conflict) == (0.75, 0.5, 0.25)


def test_a_part_without_an_opinion_is_null_in_examples_not_nan():
    table = label_table([0.5, None], a=[0.5, None], b=[None, None])
    (example,) = described(table, ["yes", None]).examples["positive"]
    assert example == {"text": "yes", "score": 0.5, "confidence": 0.5, "a": 0.5, "b": None}


def test_a_labeller_without_parts_has_nothing_inside():
    summary = described(label_table([0.5, -0.5, 0.0]))
    assert summary.labellers == () and summary.agreement == {} and summary.examples["conflict"] == []
    assert [example["text"] for example in summary.examples["doubtful"]] == ["line 0", "line 1"]


def test_no_rows_at_all():
    summary = described(label_table([], a=[], b=[]))
    assert (summary.utterances, summary.coverage, summary.counts["abstained"]) == (0, 0.0, 0)
    assert [each.coverage for each in summary.labellers] == [0.0, 0.0]
    assert not any(summary.examples.values())


# -- several labellers --------------------------------------------------------------------------------------------------

MEMBERS = {
    "lexicon": label_table([0.5, 0.5, -0.5, 0.05, None]),
    "semantic": label_table([0.9, -0.3, -0.2, 0.3, None]),
    "hub:some/model": label_table([0.2, 0.0, 0.4, 0.0, 0.6]),
}
COMBINED = label_table([0.5, 0.1, -0.2, 0.2, 0.6], lexicon=[0] * 5, semantic=[0] * 5)


def test_members_are_counted_as_snorkel_counts_labelling_functions():
    summary = described(COMBINED, members=MEMBERS)
    by_name = {each.name: each for each in summary.labellers}
    assert list(by_name) == list(MEMBERS)
    assert not any(each.is_part for each in summary.labellers)
    lexicon, semantic, hub = by_name.values()
    assert lexicon.counts == {"positive": 2, "negative": 1, "abstained": 2}
    assert [each.coverage for each in (lexicon, semantic, hub)] == pytest.approx([0.6, 0.8, 0.6])
    assert [each.overlap for each in (lexicon, semantic, hub)] == pytest.approx([0.6, 0.6, 0.4])
    assert [each.conflict for each in (lexicon, semantic, hub)] == pytest.approx([0.4, 0.4, 0.2])
    assert set(summary.agreement) == {"lexicon~semantic", "lexicon~hub:some/model", "semantic~hub:some/model"}
    assert summary.agreement["lexicon~semantic"] == {
        "both": 3,
        "agree": 2,
        "rate": pytest.approx(2 / 3),
        "kappa": pytest.approx(0.4),
    }


def test_a_label_that_no_other_gives_has_no_overlap():
    alone = {"a": label_table([0.5, 0.0]), "b": label_table([0.0, 0.5])}
    for each in described(label_table([0.5, 0.5]), members=alone).labellers:
        assert (each.coverage, each.overlap, each.conflict) == (0.5, 0.0, 0.0)


def test_what_is_known_of_members_stands_beside_them():
    judged = {name: Evaluation(Interval(auc, None, None, 4)) for name, auc in (("combined", 0.8), ("lexicon", 0.7))}
    summary = described(
        COMBINED,
        members=MEMBERS,
        estimated={"lexicon": 0.61},
        weights={"semantic": 1.5},
        gold=judged,
        gold_column="sentiment",
        from_text=False,
    )
    lexicon, semantic, _ = summary.labellers
    assert (lexicon.accuracy, lexicon.weight, lexicon.gold) == (0.61, None, judged["lexicon"])
    assert (semantic.accuracy, semantic.weight, semantic.gold) == (None, 1.5, None)
    assert summary.gold is judged["combined"] and summary.gold_column == "sentiment" and not summary.from_text


def test_conflicts_are_of_labels_not_of_scores_too_weak_to_label():
    members = {"a": label_table([0.05, 0.5, 0.5]), "b": label_table([-0.5, -0.5, 0.5])}
    conflict = described(label_table([0.2] * 3), ["near", "clear", "none"], members=members).examples["conflict"]
    assert [example["text"] for example in conflict] == ["clear"]
    assert (conflict[0]["a"], conflict[0]["b"]) == (0.5, -0.5)


@pytest.mark.parametrize(
    ("a", "b", "kappa"),
    [
        ([1, 1, -1, -1], [1, 1, -1, -1], 1.0),
        ([1, 1, -1, -1], [1, -1, 1, -1], 0.0),
        ([1, 1, -1, -1], [-1, -1, 1, 1], -1.0),
        ([1, 1, 1], [1, 1, 1], None),
        ([1, 1, 1], [-1, -1, -1], 0.0),
        ([1, 0], [0, 1], None),
    ],
)
def test_kappa_is_agreement_beyond_chance(a, b, kappa):
    summary = described(label_table(a), members={"a": label_table(a), "b": label_table(b)})
    assert summary.agreement["a~b"]["kappa"] == (None if kappa is None else pytest.approx(kappa))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 4).flatmap(lambda k: st.lists(st.tuples(*[st.sampled_from([-1, 0, 1])] * k), min_size=1)))
def test_figures_of_any_votes_follow_their_definitions(rows):
    from sklearn.metrics import cohen_kappa_score

    columns = list(zip(*rows, strict=True))
    members = {str(position): label_table(votes) for position, votes in enumerate(columns)}
    summary = described(label_table(columns[0]), members=members)
    for own, each in enumerate(summary.labellers):
        others = [[vote for at, vote in enumerate(row) if at != own and vote] for row in rows]
        overlaps = [bool(row[own] and said) for row, said in zip(rows, others, strict=True)]
        conflicts = [bool(row[own] and set(said) - {row[own]}) for row, said in zip(rows, others, strict=True)]
        assert each.coverage == pytest.approx(np.mean([row[own] != 0 for row in rows]))
        assert each.overlap == pytest.approx(np.mean(overlaps))
        assert each.conflict == pytest.approx(np.mean(conflicts))
        assert sum(each.counts.values()) == len(rows)
    both = [(a, b) for a, b, *_ in rows if a and b]
    found = summary.agreement["0~1"]
    assert (found["both"], found["agree"]) == (len(both), sum(a == b for a, b in both))
    if len(set(both) & {(1, 1), (-1, -1)}) == 2 or {(1, -1), (-1, 1)} & set(both):
        assert found["kappa"] == pytest.approx(cohen_kappa_score(*zip(*both, strict=True)))
    else:
        assert found["kappa"] is None


# -- what is doubtful ---------------------------------------------------------------------------------------------------


def test_the_least_sure_labels_are_doubtful_the_most_disputed_first():
    members = {"a": label_table([0.5, 0.9, 0.2, None, 0.3, 0.0]), "b": label_table([0.4, -0.9, 0.2, 0.3, -0.4, 0.0])}
    table = label_table([0.5, 0.5, 0.2, 0.2, 0.2, 0.0])
    found = described(table, members=members).examples["doubtful"]
    assert [example["text"] for example in found] == ["line 4", "line 2", "line 3", "line 1", "line 0"]
    assert [example["confidence"] for example in found] == [0.2, 0.2, 0.2, 0.5, 0.5]


def test_doubtful_lines_are_few_and_different():
    table = label_table(np.linspace(0.2, 0.9, 30))
    texts = ["Yeah."] * 10 + [f"line {row}" for row in range(20)]
    found = described(table, texts).examples["doubtful"]
    assert [example["text"] for example in found] == ["Yeah.", *(f"line {row}" for row in range(DOUBTFUL - 1))]


def test_a_column_of_labels_leaves_no_doubt():
    summary = described(label_table([1.0, -1.0, 0.0], confidence=1.0), from_text=False)
    assert summary.examples["doubtful"] == []


def test_a_text_that_is_missing_is_empty_in_examples():
    (example,) = described(label_table([0.5]), [None]).examples["positive"]
    assert example["text"] == ""


# -- languages ----------------------------------------------------------------------------------------------------------


def test_languages_are_counted_the_most_frequent_first():
    table = label_table([0.5] * 6).assign(text_language=["de", None, "en", "en", np.nan, ""])
    assert list(described(table).languages.items()) == [("unknown", 3), ("en", 2), ("de", 1)]
