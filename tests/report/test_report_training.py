import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tonewise.records import Evaluation, Interval
from tonewise.report import LanguageResult, Spectrogram, sections, training_report
from tonewise.report import figures as report_figures

VOID = {"meta", "link", "br", "img", "hr", "input"}
UNDEFINED = Evaluation(Interval(None, None, None, 12, 12, 2))


class Page(HTMLParser):
    """Checks that elements nest, and collects what tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.graphics: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []
        # What a reader sees, in one line of plain spaces.
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]
        if values.get("role") == "img":
            self.graphics.append(values)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def page(result, languages, spectrograms) -> str:
    return training_report(result, languages=languages, spectrograms=spectrograms, title="Town halls", notes=["A note"])


def test_the_page_nests_and_its_ids_are_unique(page):
    parsed = Page(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    inner = [link[1:] for link in parsed.links if link.startswith("#")]
    assert set(inner) <= set(parsed.ids)
    assert "Town halls" in parsed.text and "A note" in parsed.text


def test_the_page_needs_nothing_from_elsewhere(page):
    parsed = Page(page)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in parsed.links)
    assert "script" not in parsed.tags and "link" not in parsed.tags
    assert not re.search(r"@import|url\((?!#)", page)


def test_every_number_of_the_evaluations_is_there(page):
    text = Page(page).text
    for figure in ("0.73", "0.68–0.78", "0.58", "0.55–0.61", "0.60", "0.54–0.65", "0.71", "0.66", "0.65"):
        assert figure in text
    for figure in (
        "positive rate 0.48",
        "0.67",
        "0.52",
        "95 % 0.52–0.60",
        "812",
        "498",
        "11 speakers",
        "9 speakers",
    ):
        assert figure in text
    assert "73 times in 100" in text
    assert "Better than chance." in text
    assert "the sound is ahead" in text


def test_every_number_of_labels_run_and_problems_is_there(page):
    text = Page(page).text
    for figure in ("1,904", "1,217", "2,321", "57 %", "2,810", "2,266", "81 %", "1,502", "118"):
        assert figure in text
    for figure in ("3,840", "27", "Times outside audio", "16", "calls/0044.mp3", "empty file"):
        assert figure in text
    for figure in (
        "1,152",
        "logistic",
        "1.2 s",
        "3 min 31 s",
        "3 min 46 s",
        "1,204",
        "4,238",
        "numpy 2.4.6",
        "85.3 times",
    ):
        assert figure in text


def test_hostile_text_is_escaped(page, make_result, hostile_text):
    assert "<script" not in page.lower()
    assert "alert(&#39;x&#39;)" in page
    hostile = make_result(model=hostile_text, corpus=hostile_text, gold_column=hostile_text, data_note=hostile_text)
    language = LanguageResult(hostile_text, hostile_text, UNDEFINED, (0.2,), (0.1,))
    text = training_report(hostile, languages=[language], title=hostile_text, notes=[hostile_text])
    assert "<script" not in text.lower()
    Page(text)


def test_every_graphic_has_a_name(page):
    parsed = Page(page)
    ids = dict(re.findall(r'<(?:title|desc) id="([^"]+)">([^<]*)<', page))
    assert len(parsed.graphics) >= 5
    for attributes in parsed.graphics:
        named = [ids[key] for key in (attributes.get("aria-labelledby") or "").split()]
        assert attributes.get("aria-label") or (all(named) and len(named) == 2)
    assert page.count("<svg") == page.count('role="img"') - 1  # the bar of coverage is no SVG


@pytest.mark.parametrize(
    ("audio", "words"), [(3.21, "3.21"), (310.4, "310"), (999.9, "1,000"), (1567.4, "1,567"), (47_000, "47,000")]
)
def test_the_speed_is_a_plain_number(make_result, audio, words):
    assert sections.speed(make_result(audio_seconds=audio, seconds={"total": 1.0})) == f"{words} times real time"


def test_figures_take_the_page_s_colours(page):
    assert "#0102" not in page
    assert "currentColor" in page and "var(--positive,#0072b2)" in page
    assert "prefers-color-scheme: dark" in page


def test_the_same_record_gives_the_same_bytes(page, result, languages, spectrograms):
    pictures = {"languages": languages, "spectrograms": spectrograms}
    assert training_report(result, **pictures, title="Town halls", notes=["A note"]) == page


def test_the_page_stays_small(page):
    assert len(page.encode()) < 1_000_000


def test_undefined_metrics_are_named_with_their_reason(make_result):
    text = Page(training_report(make_result(gold=UNDEFINED, evaluations={"test": UNDEFINED}))).text
    assert "The ROC AUC is not defined: none of 12 utterances is negative." in text
    assert "the labels were made from the words" in text
    assert "no text to read" in text
    assert "ROC curves are not defined" in text
    assert "none that both judge" in text
    assert not re.search(r"ROC AUC chance 0.50 [\d.]+", text)


def test_too_few_speakers_are_flagged(make_result):
    few = Evaluation(Interval(0.8, 0.7, 0.9, 30, 15, 3))
    text = Page(training_report(make_result(gold=few))).text
    assert "Too few speakers to conclude: only 3 speakers." in text


def test_an_interval_that_contains_chance_is_flagged(make_result):
    unclear = Evaluation(Interval(0.55, 0.45, 0.65, 300, 150, 30))
    text = Page(training_report(make_result(gold=unclear))).text
    assert "Not shown to be better than chance: the interval contains 0.5." in text


def test_without_gold_the_page_says_that_nothing_measures_hearing(make_result):
    text = Page(training_report(make_result(gold=None, gold_column=None))).text
    assert "No gold labels were given, so nothing here measures how well tone is heard." in text
    assert "58 times in 100" in text


def test_labels_from_a_column_are_not_called_weak(make_result, labels):
    own = replace(labels, labeller="gold", from_text=False)
    text = Page(training_report(make_result(labels=own, gold=None))).text
    assert "labels of column gold" in text
    assert "weak labels (" not in text and "made from the words" not in text


def test_the_barest_run_still_makes_a_page(make_result, labels):
    nothing = replace(
        labels,
        utterances=0,
        counts={},
        abstentions={},
        coverage=0.0,
        agreement={},
        examples={},
        histogram=((), ()),
    )
    bare = make_result(
        labels=nothing,
        evaluations={},
        gold=None,
        speakers=None,
        split={},
        problems=(),
        seconds={},
        cache={},
        versions={},
    )
    text = Page(training_report(bare)).text
    assert "Nothing was evaluated." in text
    assert "speakers unknown" in text
    assert "Not defined: there are no scores." in text


def test_padding_is_marked_and_said(page, spectrograms):
    assert "8.0 s; silence added: 5.9 s before the sound." in Page(page).text
    picture = report_figures.spectrogram(spectrograms[0], "a", -3.0)
    assert ">silence added</text>" in picture
    assert ">silence added</text>" not in report_figures.spectrogram(spectrograms[1], "a", -3.0)


def test_a_spectrogram_of_nothing_but_silence(spectrograms, result):
    import numpy as np

    silent = Spectrogram("Silence", np.full((4, 6), -np.inf), 1.0, (1.0, 0.0))
    assert report_figures.loudest_level([silent]) == 0.0
    Page(training_report(result, spectrograms=[silent]))


def test_languages_are_counted_with_rigour(page):
    text = Page(page).text
    assert "score higher on average in 2 of 2 languages" in text
    assert "better than chance is shown in 1 of 2" in text
    assert "English & $more$" in text and "中文" in text
    assert "only 2 speakers" in text


def test_equal_scores_in_all_languages_do_not_divide_by_zero():
    flat = LanguageResult("en", "English", UNDEFINED, (0.5,), (0.5,))
    assert report_figures.languages([flat]) is not None


def test_the_user_s_matplotlibrc_does_not_change_the_page(result):
    import matplotlib

    before = training_report(result)
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 30}):
        assert training_report(result) == before
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize(
    "split",
    [
        {"train": 10, "valid": 3, "test": 4},
        {"train": {"utterances": 10}, "valid": {"utterances": 3}, "test": {"utterances": 4}},
        {"utterances": {"train": 10, "valid": 3, "test": 4}},
    ],
)
def test_splits_of_any_shape_become_one_table(make_result, split):
    text = Page(training_report(make_result(split={"kind": "speaker", **split}))).text
    assert "Part Utterances Training 10 Validation 3 Test 4 Kind speaker" in text
