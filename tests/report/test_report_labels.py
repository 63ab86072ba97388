"""The page about labels, and the label section that it shares with the page about training."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tonewise import report
from tonewise.records import Evaluation, Interval, LabellerSummary, Problem
from tonewise.report import label_facts, model_card, training_report

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """A page's tags and its words, with its elements known to nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def combined(labels, hostile_text):
    """What two labellers said, one of them with a hostile name, judged by gold labels."""
    gold = Evaluation(Interval(0.765, 0.74, 0.79, 640, 310, 11), accuracy=0.71, majority=0.52)
    lexicon = LabellerSummary(
        "lexicon", {"positive": 900, "negative": 300, "abstained": 4242}, 0.221, 0.153, 0.047, 0.687, 0.43
    )
    other = LabellerSummary(hostile_text, {"positive": 0, "negative": 0, "abstained": 5442}, 0.0, 0.0, 0.0, gold=gold)
    doubtful = {"text": f"Hm. {hostile_text}", "score": 0.11, "confidence": 0.03, "lexicon": 0.4, hostile_text: None}
    return replace(
        labels,
        labeller="combined",
        labellers=(lexicon, other),
        agreement={f"lexicon~{hostile_text}": {"both": 9, "agree": 9, "rate": 1.0, "kappa": None}},
        examples={**labels.examples, "doubtful": [doubtful]},
        gold=replace(gold, auc=Interval(0.812, 0.79, 0.83, 640, 310, 11)),
        gold_column="sentiment",
        languages={"en": 5000, "unknown": 400, hostile_text: 42},
    )


@pytest.fixture(scope="module")
def page(combined, hostile_text) -> str:
    problems = [Problem("no_text", hostile_text, "row 7 is empty", 3)]
    return report.labels_report(combined, source="calls & more.csv", layout="text", problems=problems, recordings=61)


def test_the_page_says_what_was_labelled_and_how(page):
    text = Page(page).text
    assert "calls & more.csv 5,442 utterances 61 recordings layout: text" in text
    for figure in ("57 %", "1,904 positive and 1,217 negative (61 % positive)", "1,502 near zero, 118 no text"):
        assert figure in text
    assert "row 7 is empty" in text and "Made from the words by “combined”" in text


def test_labellers_stand_one_by_one_with_undefined_figures_named(page):
    text = Page(page).text
    assert "Labeller Coverage Positive Overlap Conflict Est. accuracy Weight" in text
    assert "lexicon 22 % 75 % 15 % 5 % 69 % 0.43" in text
    assert "0 % not defined 0 % 0 % – –" in text
    assert "9 9 100 % not defined one answer only" in text


def test_gold_comes_with_intervals_and_with_what_it_does_not_show(page):
    text = Page(page).text
    assert "column “sentiment”: ROC AUC 0.81 (95 % 0.79–0.83; 640 utterances, 11 speakers), better than chance." in text
    assert "0.77 (0.74–0.79) accuracy 71 % (majority 52 %), 640 utterances, 11 speakers" in text
    assert "Text sentiment is not tone" in text and label_facts.NO_GOLD not in text


def test_doubtful_lines_and_languages_are_there(page):
    text = Page(page).text
    assert "Most doubtful labels Hm." in text
    assert "score 0.11 · confidence 0.03 · lexicon 0.40" in text and "abstains" in text
    assert "Languages of the texts en 5,000 92 % unknown 400 7 %" in text


def test_the_page_needs_nothing_from_elsewhere_and_escapes_all(page):
    parsed = Page(page)
    addresses = [value for name, value in parsed.attributes if name in ("src", "href", "xlink:href", "srcset")]
    assert all(value and value.startswith("#") for value in addresses)
    assert "script" not in parsed.tags and "link" not in parsed.tags and "<script" not in page.lower()
    assert not re.search(r"@import|url\((?!#)", page)
    assert "alert(&#39;x&#39;)" in page and "{{ 7 * 7 }}" in parsed.text
    ids = [value for name, value in parsed.attributes if name == "id"]
    assert len(ids) == len(set(ids)) and {value.removeprefix("#") for value in addresses} <= set(ids)


def test_hostile_names_of_everything_else(combined, hostile_text):
    hostile = replace(combined, labeller=hostile_text, gold_column=hostile_text, abstentions={hostile_text: 2})
    page = report.labels_report(hostile, source=hostile_text, layout=hostile_text)
    Page(page)
    assert "<script" not in page.lower()


def test_without_gold_the_page_says_so(labels):
    text = Page(report.labels_report(labels, source="a.csv", layout="text")).text
    assert label_facts.NO_GOLD in text and "Against gold" not in text
    assert "recordings" not in text.split("Labels")[0]


def test_a_gold_column_of_one_class_makes_no_number(labels):
    undefined = Evaluation(Interval(None, None, None, 12, 12, 2))
    text = Page(report.labels_report(replace(labels, gold=undefined), source="a.csv", layout="text")).text
    assert "ROC AUC not defined (none of 12 utterances is negative)." in text


def test_labels_of_a_column_are_not_called_made_from_words(labels):
    own = replace(labels, labeller="mood", from_text=False)
    text = Page(report.labels_report(own, source="a.csv", layout="text")).text
    assert "Brought along in column “mood”." in text and "Made from the words" not in text


@pytest.mark.parametrize("spec", ["semantic:bge-small", "hub:org/model", "llm:gpt-x", "combined"])
def test_any_labeller_of_text_is_weak(make_result, labels, spec):
    text = Page(training_report(make_result(labels=replace(labels, labeller=spec)))).text
    assert f"weak labels ({spec})" in text and "labels of column" not in text


def test_an_empty_summary_still_makes_a_page(labels):
    nothing = {"counts": {}, "abstentions": {}, "agreement": {}, "examples": {}, "histogram": ((), ())}
    bare = replace(labels, utterances=0, coverage=0.0, **nothing)
    text = Page(report.labels_report(bare, source="a.csv", layout="text")).text
    assert "Not defined: there are no scores." in text


def test_the_same_summary_gives_the_same_bytes(combined):
    first, second = (report.labels_report(combined, source="a.csv", layout="text") for _ in range(2))
    assert first == second


def test_the_training_page_shows_the_same_of_labels(make_result, combined, page):
    training = training_report(make_result(labels=combined))
    sections = [re.search(r"<h2>Labels</h2>.*?</section>", each, re.DOTALL) for each in (training, page)]
    assert sections[0] and sections[1] and sections[0].group() == sections[1].group()


def test_the_card_tells_of_labellers_and_of_no_transcript(make_result, combined):
    card = model_card(make_result(labels=combined))
    assert (
        "- Labeller lexicon: labels 22 %, in conflict with another on 5 %, accuracy estimated without gold 69 %."
        in card
    )
    assert "- combined against gold labels (column sentiment): ROC AUC 0.81 (95 %" in card
    assert "<script" not in card.lower().replace("\\<script", "") and "Hm." not in card


def test_parts_of_one_labeller_are_called_parts(labels):
    parts = tuple(
        LabellerSummary(name, {"positive": 1, "negative": 1, "abstained": 0}, 1, 1, 0, is_part=True) for name in "ab"
    )
    table = label_facts.labeller_table(replace(labels, labellers=parts))
    assert table is not None and table.title == "Parts of lexicon"
    assert table.columns == ("coverage", "positive", "overlap", "conflict")
    assert "A part labels wherever its score is not 0." in table.notes[0]
    assert label_facts.labeller_table(labels) is None
