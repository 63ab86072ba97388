import math

import pytest

from tonewise.records import Evaluation, Interval
from tonewise.report import wording

GOOD = Interval(0.734, 0.682, 0.781, 812, 400, 11)
UNDEFINED = Interval(None, None, None, 12, 12, 2)


def test_auc_phrase_has_interval_and_sample():
    assert wording.auc_phrase(GOOD) == "0.73 (95 % 0.68–0.78; 812 utterances, 11 speakers)"


def test_auc_phrase_of_one_recording():
    interval = Interval(0.6, None, None, 1200, 600, 1, "recording")
    assert wording.auc_phrase(interval) == "0.60 (interval not defined; 1,200 utterances, 1 recording)"


def test_auc_short():
    assert wording.auc_short(GOOD) == "0.73 (0.68–0.78)"
    assert wording.auc_short(UNDEFINED) == "not defined"


@pytest.mark.parametrize(
    ("interval", "reason"),
    [
        (None, "not measured"),
        (Interval(None, None, None, 0), "no labelled utterances"),
        (UNDEFINED, "none of 12 utterances is negative"),
        (Interval(None, None, None, 1, 0, 1), "none of 1 utterance is positive"),
        (Interval(None, None, None, 9, 4, 2), "could not be computed from 9 utterances, 2 speakers"),
    ],
)
def test_an_undefined_auc_comes_with_its_reason_and_without_a_metric(interval, reason):
    assert wording.auc_phrase(interval) == f"not defined ({reason})"


@pytest.mark.parametrize(
    ("interval", "conclusion", "words"),
    [
        (GOOD, "better", "better than chance"),
        (Interval(0.3, 0.2, 0.4, 99, 40, 11), "worse", "worse than chance"),
        (Interval(0.55, 0.47, 0.63, 99, 40, 11), "unclear", "not shown to be better than chance"),
        (Interval(0.9, 0.5, 0.95, 99, 40, 11), "unclear", "not shown to be better than chance"),
        (Interval(0.9, 0.85, 0.95, 99, 40, 4), "unclear", "too few speakers to conclude: only 4 speakers"),
        (Interval(0.9, 0.85, 0.95, 99, 40, 1, "recording"), "unclear", "too few recordings to conclude"),
        (
            Interval(0.8, 0.6, 0.95, 9, 4, 9),
            "unclear",
            "too little data to conclude: the interval is",
        ),
        (Interval(0.9, None, None, 9, 4, 9), "unclear", "too little data to conclude: its interval is not"),
        (Interval(0.9, 0.85, 0.95, 99, 40), "unclear", "too few speakers to conclude: how many speakers is"),
        (Interval(0.9, 0.85, 0.95, 99, 40, 99, "utterance"), "better", "better than chance"),
        (UNDEFINED, "undefined", "not defined: none of 12 utterances is negative"),
    ],
)
def test_verdict_is_careful(interval, conclusion, words):
    assert wording.conclusion(interval) == conclusion
    assert wording.verdict(Evaluation(interval)).startswith(words)


def test_five_speakers_and_a_width_of_exactly_the_limit_are_enough():
    assert wording.caveats(Interval(0.7, 0.55, 0.85, 99, 40, 5)) == ()


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        (Interval(0.55, 0.5, 0.6, 812, 400, 11), "the sound is ahead."),
        (Interval(0.9, 0.85, 0.95, 812, 400, 11), "the sound is behind."),
        (Interval(0.7, 0.6, 0.8, 812, 400, 11), "neither is shown to be ahead."),
        (Interval(0.7, None, None, 812, 400, 11), "cannot be compared."),
    ],
)
def test_sound_against_words(words, ending):
    phrase = wording.against_words(Evaluation(GOOD, words_auc=words))
    assert phrase is not None and phrase.endswith(ending)
    assert wording.auc_phrase(words) in phrase


def test_no_comparison_with_words_that_are_not_there():
    assert wording.against_words(Evaluation(GOOD)) is None
    assert wording.against_words(Evaluation(GOOD, words_auc=UNDEFINED)) is None
    assert wording.against_words(Evaluation(UNDEFINED, words_auc=GOOD)) is None


def test_meaning_is_a_wager():
    assert "73 times in 100" in wording.meaning(GOOD)
    assert "not defined" in wording.meaning(UNDEFINED)


def test_numbers():
    assert wording.number(-0.4) == "−0.40"
    assert wording.number(-0.004) == "0.00" and wording.number(-0.004, 3) == "−0.004"
    assert wording.number(None) == wording.number(math.nan) == wording.percent(None) == "not defined"
    assert wording.count(23500) == "23,500"
    assert wording.plural(1, "speaker") == "1 speaker"
    assert [wording.percent(share) for share in (0, 0.001, 0.62, 0.999, 1)] == [
        "0 %",
        "under 1 %",
        "62 %",
        "over 99 %",
        "100 %",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.08, "+0.08"),
        (-0.02, "−0.02"),
        (0.004, "0.00"),
        (-0.004, "0.00"),
        (None, "not defined"),
        (math.nan, "not defined"),
    ],
)
def test_differences_have_a_sign_where_they_are_any(value, words):
    assert wording.signed(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.85, "850 ms"),
        (0.9996, "1.0 s"),
        (4.2, "4.2 s"),
        (59.97, "1 min 00 s"),
        (200, "3 min 20 s"),
        (18120, "5 h 02 min"),
    ],
)
def test_duration(seconds, words):
    assert wording.duration(seconds) == words


def test_evaluations_are_named_gold_first(result):
    assert [(each.name, each.gold) for each in wording.named_evaluations(result)] == [
        ("Test, gold labels (column emotion)", True),
        ("Test, weak labels (lexicon)", False),
        ("Validation, weak labels (lexicon)", False),
    ]
    main = wording.main_evaluation(result)
    assert main is not None and main.evaluation is result.gold
