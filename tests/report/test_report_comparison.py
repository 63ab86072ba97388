"""The page about a comparison: every figure with its interval, every absence with its reason, and no boast."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from tonewise.records import ComparisonResult, ComparisonRow, Evaluation, Interval, Problem
from tonewise.report import Correlation, comparison_facts, comparison_report, comparison_summary

CURVE = ((0.0, 0.0), (0.2, 0.5), (0.6, 0.9), (1.0, 1.0))
PARTS = {part: {"labelled": n, "positive": n // 2, "groups": 4} for part, n in (("train", 700), ("test", 200))}


def judged(auc: float | None, *, width: float = 0.05, words: float | None = None, groups: int = 12) -> Evaluation:
    if auc is None:
        return Evaluation(Interval(None, None, None, 200, 200, groups))
    interval = Interval(auc, auc - width, auc + width, 200, 96, groups)
    heard = None if words is None else Interval(words, words - 0.05, words + 0.05, 200, 96, groups)
    return Evaluation(interval, accuracy=0.61, majority=0.52, words_auc=heard, curve=CURVE)


def row(key: str, split: str, *, gold: float | None = None, test: float = 0.55, valid: float = 0.56, **changes):
    made = ComparisonRow(
        key=key,
        title=f"The {key} system",
        founding=key.startswith("old"),
        features=("mel",),
        classifier="forest",
        labels="lexicon",
        refined=key.endswith("refined"),
        split=split,
        dimensions=64,
        evaluations={"valid": judged(valid), "test": judged(test)},
        gold=None if gold is None else judged(gold, words=0.64),
        seconds_features=71.0,
        seconds_fit=0.25,
    )
    return replace(made, **changes)


def absent(key: str, split: str) -> ComparisonRow:
    why = "VGG16 needs an optional dependency: pip install 'tonewise[vgg16]'"
    return row(key, split, dimensions=None, evaluations={}, seconds_features=None, seconds_fit=None, problem=why)


ROWS = (
    row("old-forest", "random", gold=0.63),
    row("old-knn", "random", gold=0.60),
    absent("old-vgg", "random"),
    row("turn", "random", gold=0.82),
    row("turn-refined", "random", gold=0.85),
    row("old-forest", "speaker", gold=0.55, test=0.53),
    row("old-knn", "speaker", gold=0.51, test=0.5),
    absent("old-vgg", "speaker"),
    row("turn", "speaker", gold=0.76, valid=0.6),
    row("turn-refined", "speaker", gold=0.79, valid=0.58, seconds_features=None),
)


@pytest.fixture(scope="module")
def compare(labels):
    def make(rows: tuple[ComparisonRow, ...] = ROWS, **changes) -> ComparisonResult:
        result = ComparisonResult(
            corpus="/home/someone/calls.csv",
            layout="manifest",
            utterances=5442,
            recordings=61,
            speakers=48,
            labels=labels,
            gold_column="polarity",
            splits={"random": PARTS, "speaker": PARTS},
            seed=3,
            rows=rows,
            seconds=1130.0,
            audio_seconds=19283.0,
            problems=(Problem("bad_audio", "calls/0044.mp3", "empty file", 9),),
            versions={"tonewise": "0.1.0"},
            data_note="Acted speech; actors exaggerate.",
        )
        return replace(result, **changes)

    return make


class Page(HTMLParser):
    """Checks that elements nest, and collects ids and what a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        words: list[str] = []
        self.handle_data = lambda data: words.append(data) if self.open[-1:] != ["style"] else None
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        self.text = " ".join(" ".join(words).split())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(compare, spectrograms) -> str:
    correlation = Correlation(np.corrcoef(np.random.default_rng(0).normal(size=(30, 8)), rowvar=False), 30)
    return comparison_report(compare(), spectrograms=spectrograms, correlation=correlation)


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(page):
    parsed = Page(page)
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in parsed.links)
    assert "#0102" not in page
    assert len(page.encode()) < 1_000_000


def test_every_figure_stands_with_its_interval(page):
    text = Page(page).text
    for auc in (0.55, 0.51, 0.76, 0.79, 0.63, 0.60, 0.82, 0.85):
        assert f"{auc:.2f} 95 % {auc - 0.05:.2f}–{auc + 0.05:.2f}" in text
    assert "0.08 higher at random intervals overlap" in text  # the forest's 0.63 and 0.55
    assert "Words alone the text, without any sound 0.64 95 % 0.59–0.69" in text
    assert "One answer to all the larger class 0.50 accuracy 52 %" in text
    assert "accuracy 61 %" in text
    assert "the labels were made from the words" in text


def test_time_splits_problems_and_the_nature_of_the_data_are_told(page):
    text = Page(page).text
    for expected in (
        "The turn system mel; forest; labels lexicon 64 1 min 11 s 250 ms 250 ms",
        "mel; forest; labels lexicon, refined by the voice",
        "took 18 min 50 s",
        "Acted speech; actors exaggerate.",
        "Training 700 350 4",
        "calls/0044.mp3",
        "A weak-label AUC is not skill at hearing tone",
        "intervals of two rows overlap more than their difference warrants",
        "No difference was tested.",
    ):
        assert expected in text


def test_rows_that_could_not_be_run_say_why_and_how_to_mend_it(page):
    text = Page(page).text
    assert "The old-vgg system VGG16 needs an optional dependency: pip install 'tonewise[vgg16]'" in text
    assert "The old-vgg system mel; forest; labels lexicon not run not run –" in text
    assert "1 of 5 systems could not be run." in text


def test_the_summary_is_computed_and_modest(compare):
    text = " ".join(comparison_summary(compare()))
    for expected in (
        "Split by speaker and judged by gold labels (column polarity) of the test part",
        "best founding row is “The old-forest system”, ROC AUC 0.55 (0.50–0.60)",
        "best row of ours is “The turn-refined system”, ROC AUC 0.79 (0.74–0.84): ours is 0.24 higher",
        "the difference is from 0.14 to 0.34. The intervals do not overlap.",
        "the difference itself was not tested",
        "validation would have chosen “The turn system”, 0.76 (0.71–0.81)",
        "4 systems came out 0.07 higher on average (from +0.06 to +0.09)",
        "The words alone, without any sound, get 0.64 (0.59–0.69)",
    ):
        assert expected in text
    assert "significan" not in text
    assert "flatters the best a little." in " ".join(comparison_summary(compare(ROWS[5:7])))
    assert "flatters" not in " ".join(comparison_summary(compare(ROWS[6:9])))
    assert "+0.24" in comparison_report(compare())


def test_overlap_few_speakers_and_defeat_are_said_as_they_are(compare):
    rows = (row("old-knn", "speaker", gold=0.6), row("turn", "speaker", gold=0.57))
    text = " ".join(comparison_summary(compare(rows)))
    assert "ours is 0.03 lower" in text
    assert "from −0.13 to 0.07. The intervals overlap, so neither is shown to be ahead." in text
    few = replace(rows[1], gold=judged(0.8, groups=3))
    assert "Beware of ours: only 3 speakers" in " ".join(comparison_summary(compare((rows[0], few))))
    equal = (rows[0], replace(rows[0], key="turn", founding=False))
    assert "they are equal" in " ".join(comparison_summary(compare(equal)))


def test_a_difference_of_nothing_is_no_difference(compare):
    rows = (row("turn", "random", gold=0.701), row("turn", "speaker", gold=0.70))
    assert "no difference" in Page(comparison_report(compare(rows))).text
    assert "1 system came out the same on average (one system only)" in " ".join(comparison_summary(compare(rows)))
    apart = (row("turn", "random", gold=0.9), row("turn", "speaker", gold=0.6))
    assert "0.30 higher at random intervals apart" in Page(comparison_report(compare(apart))).text


def test_without_gold_nothing_is_called_hearing(compare):
    result = compare(tuple(replace(each, gold=None) for each in ROWS), gold_column=None)
    text = Page(comparison_report(result)).text
    assert "No gold labels were given, so nothing here measures how well tone is heard." in text
    assert "judged by weak labels (lexicon) of the test part" in text and "gold labels (column" not in text
    assert comparison_facts.gold_remark(compare()) == ""


def test_gold_that_judges_nothing_is_told(compare):
    rows = tuple(replace(each, gold=judged(None)) for each in ROWS)
    text = Page(comparison_report(compare(rows))).text
    assert "gold labels of column polarity judge no row (none of 200 utterances is negative)" in text


def test_labels_of_a_column_are_not_called_weak(compare, labels):
    own = compare(labels=replace(labels, labeller="mood", from_text=False))
    text = Page(comparison_report(own)).text
    assert "ROC AUC by labels of column mood" in text and "weak labels (" not in text
    assert "weak-label AUC" not in text


def test_corpora_without_speakers_are_split_by_recording(compare):
    def unknown(each: ComparisonRow) -> ComparisonRow:
        gold = each.gold and replace(each.gold, auc=replace(each.gold.auc, grouped_by="recording"))
        return replace(each, gold=gold, evaluations={})

    text = Page(comparison_report(compare(tuple(map(unknown, ROWS)), speakers=None))).text
    assert "Split by recording" in text and "speakers unknown" in text and "by speaker" not in text


@pytest.mark.parametrize("rows", [(), (absent("old-vgg", "speaker"),)])
def test_a_comparison_of_nothing_still_makes_a_page(compare, rows):
    text = Page(comparison_report(compare(rows, splits={}))).text
    assert "No row could be judged." in text and "not defined" in text


def test_one_kind_of_system_alone_has_no_difference(compare):
    result = compare(tuple(each for each in ROWS if each.founding))
    assert comparison_facts.contest(result).points is None
    text = Page(comparison_report(result)).text
    assert "the best founding row is “The old-forest system”" in text and "row of ours" not in text


def test_an_interval_that_is_missing_is_not_made_up(compare):
    bare = Evaluation(Interval(0.7, None, None, 200, 96, 1))
    rows = (row("old-knn", "speaker", gold=0.6), row("turn", "speaker", gold=0.7, evaluations={"test": bare}))
    rows = (rows[0], replace(rows[1], gold=bare))
    text = Page(comparison_report(compare(rows))).text
    assert "0.70 interval not defined" in text
    assert "Without both intervals, nobody can say how sure that is." in text


def test_hostile_titles_are_escaped(compare, hostile_text):
    rows = tuple(replace(each, title=hostile_text, problem="") for each in ROWS)
    text = comparison_report(compare(rows, corpus=hostile_text, gold_column=hostile_text, data_note=hostile_text))
    assert "<script" not in text.lower()
    Page(text)


def test_the_same_result_gives_the_same_bytes(compare):
    assert comparison_report(compare()) == comparison_report(compare())


def test_curves_are_titled_by_who_judges_and_how_the_corpus_was_split(page):
    titles = re.findall(r'<title id="roc\d-title">([^<]*)<', page)
    assert titles == [
        "ROC curves by gold labels (column polarity), split by speaker",
        "ROC curves by gold labels (column polarity), split at random",
    ]
