"""The verdict, and the words alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tonewise.evaluation.audit import CANNOT_TELL, HEARS_TONE, READS_WORDS, RULE, SplitFigures, decide
from tonewise.evaluation.audit_intervals import Estimate
from tonewise.evaluation.audit_length import length_scores
from tonewise.evaluation.audit_text import document, known, text_predictions, text_scores
from tonewise.records import Interval


def figures(name: str, auc: float, spread: float = 0.05, **changed) -> SplitFigures:
    interval = Interval(auc, auc - spread, auc + spread, changed.pop("n", 400), 200, changed.pop("groups", 12))
    return SplitFigures(name, interval, changed.pop("text", None), 300, changed.pop("contents", 60))


def kept(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, 400)


MATCHED, LEXICAL = figures("matched", 0.85), figures("lexical", 0.8)
FINE = kept(0.7, 1.0)


def test_more_than_half_left_is_tone_less_is_words():
    assert decide(MATCHED, LEXICAL, FINE, None).name == HEARS_TONE
    assert decide(MATCHED, figures("lexical", 0.52), kept(-0.1, 0.3), None).name == READS_WORDS
    assert decide(MATCHED, LEXICAL, kept(0.51, 0.8), None).name == HEARS_TONE
    assert decide(MATCHED, LEXICAL, kept(0.4, 0.9), None).name == CANNOT_TELL  # half may be words
    assert decide(MATCHED, LEXICAL, kept(0.1, 0.8), None).name == CANNOT_TELL  # most may be tone
    assert decide(MATCHED, LEXICAL, kept(0.2, 0.7), None).name == READS_WORDS


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"groups": 4}, "4 speakers"), ({"contents": 9}, "9 different words"), ({"n": 99}, "99 clips")],
)
def test_too_few_is_no_verdict(changed, said):
    verdict = decide(MATCHED, figures("lexical", 0.8, **changed), FINE, None)
    assert verdict.name == CANNOT_TELL and said in verdict.why


def test_no_skill_and_no_split_are_no_verdict():
    assert "not shown to be better than chance" in decide(figures("matched", 0.52), LEXICAL, None, None).why
    assert decide(None, None, None, None, missing="no text").why == "no text"
    one_class = replace(MATCHED, auc=Interval(None, None, None, 400, 0, 12))
    assert "one class" in decide(one_class, LEXICAL, None, None).why


def test_words_that_could_not_be_held_out_forbid_the_verdict_of_tone():
    telling = figures("lexical", 0.8, text=Interval(0.75, 0.7, 0.8, 400, 200, 12))
    assert decide(MATCHED, telling, FINE, Estimate(0.05, -0.02, 0.12, 400)).name == CANNOT_TELL
    assert decide(MATCHED, telling, FINE, Estimate(0.05, 0.01, 0.09, 400)).name == HEARS_TONE
    chance = figures("lexical", 0.8, text=Interval(0.55, 0.45, 0.65, 400, 200, 12))
    assert decide(MATCHED, chance, FINE, Estimate(0.05, -0.02, 0.12, 400)).name == HEARS_TONE


def test_lengths_that_give_labels_away_forbid_it_too():
    long = replace(LEXICAL, length=Interval(0.9, 0.85, 0.95, 400, 200, 12))
    verdict = decide(MATCHED, long, FINE, None, Estimate(-0.1, -0.2, 0.0, 400))
    assert verdict.name == CANNOT_TELL and "length" in verdict.why
    assert decide(MATCHED, long, FINE, None, Estimate(0.1, 0.05, 0.15, 400)).name == HEARS_TONE


def test_length_alone():
    seconds = np.array([2.9] * 20 + [3.0] * 20)
    scores = length_scores(seconds, seconds < 2.95, np.array([2.9, 3.0]))
    assert scores.tolist() == [1.0, 0.0]


def test_the_rule_is_two_sentences_with_its_constants():
    assert RULE.count(". ") == 1 and "half" in RULE and "5 voices, 10 different words or sentences or 100 clips" in RULE


def test_documents():
    assert document("It's Fine, fine.") == ("it's", "fine", "fine", "it's fine", "fine fine")
    assert document(None, "07") == ("sentence:07",) and document(float("nan")) == ()
    assert not known([(), ("a",)]) and known([("a",), ("b",)])


def test_text_is_read():
    said = [document(f"how {word} it is") for word in ("good", "bad") * 10]
    positive = np.array([True, False] * 10)
    scores = text_scores(said, positive, [document("good"), document("bad"), document("unknown")])
    assert scores[0] > scores[2] > scores[1]
    values = text_predictions(said, positive.astype(float), [document("good"), document("bad")])
    assert values[0] > 0.6 and values[1] < 0.4
    assert text_scores([()] * 4, np.array([True, False] * 2), [()]).tolist() == [0.0]
    assert text_predictions([()] * 2, np.array([1.0, 3.0]), [()]).tolist() == [2.0]
