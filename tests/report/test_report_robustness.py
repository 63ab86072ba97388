"""A robustness suite told to people."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tonewise.report.robustness import headline, lines, markdown, result, section


def estimate(value, low, high):
    return {"value": value, "ci_low": low, "ci_high": high}


def auc(value):
    return {
        "roc_auc": value, "ci_low": 0.7, "ci_high": 0.9, "n": 300, "positives": 150, "groups": 21, "grouped_by": "speaker"
    }  # fmt: skip


def change(title, level, failed=(), certain=True, fell=0.011):
    return {
        "name": title,
        "family": "x",
        "title": title,
        "level": level,
        "passed": not failed,
        "n": 300,
        "groups": 21,
        "change": estimate(0.031, 0.024, 0.04),
        "shift": estimate(-0.01, -0.02, 0.0),
        "unchanged": estimate(0.82, 0.7, 0.9),
        "flipped": estimate(0.04, 0.01, 0.07),
        "correlation": estimate(0.96, 0.94, 0.98),
        "clean_auc": auc(0.82),
        "auc": auc(0.81),
        "drop": estimate(fell, -0.002, 0.024),
        "failed": list(failed),
        "certain": certain,
        "mixed": None,
    }


@pytest.fixture
def found():
    limits = {"change": 0.05, "correlation": 0.9, "auc_drop": 0.05}
    return {
        "model": "m",
        "corpus": "c",
        "gold_column": "polarity",
        "baseline": "none",
        "utterances": 300,
        "available": 812,
        "groups": 21,
        "grouped_by": "speaker",
        "trained_groups": 0,
        "spread": 0.21,
        "clean": auc(0.82),
        "limits": {"subtle": limits, "plain": {**limits, "change": 0.1, "correlation": 0.7}},
        "unchanged_below": 0.05,
        "passed": 1,
        "tried": 2,
        "changes": [change("gain +10 dB", "subtle"), change("μ-law, 8 kHz", "plain", ["change", "gold"], False, 0.06)],
        "problems": [],
    }


def test_headline_says_what_it_rests_on(found):
    assert headline(found) == "Passed 1 of 2 changes of the sound: 300 clips of 21 speakers that it was not trained on."


def test_table_has_intervals_and_limits(found):
    text = markdown(found)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1 and len(rows) == 4
    assert (
        "| gain +10 dB | 0.031 (0.024 to 0.040) | 82 % | 4 % | 0.96 | 0.81 (0.70–0.90) | 0.011 (−0.002 to 0.024) |"
        in text
    )
    assert "failed: tones moved, AUC fell (AUC not certain)" in text
    assert "below 0.05" in text and "above 0.7" in text and "Not certain" in text and "ser-tests" in text


def test_lines_name_what_failed(found):
    first, second = lines(found)
    assert first == headline(found)
    assert second.startswith("μ-law, 8 kHz: failed") and "AUC fell by 0.060" in second


def test_without_gold_no_auc_is_told(found):
    plain = deepcopy(found) | {"gold_column": None, "clean": None}
    for each in plain["changes"]:
        each.update(auc=None, clean_auc=None, drop=None, certain=None)
    assert "AUC fell by" not in markdown(plain)
    assert "ROC AUC" not in section(plain)


def test_undefined_figures_stay_undefined(found):
    found["changes"][0]["correlation"] = estimate(None, None, None)
    found["changes"][0]["drop"] = None
    found["changes"][0]["auc"] = None
    assert "not defined" in markdown(found)


def test_baseline_and_trained_voices_are_told(found):
    found.update(baseline="speaker", trained_groups=4)
    found["changes"][0]["mixed"] = {**change("", "subtle"), "change": estimate(0.077, 0.05, 0.09)}
    text = markdown(found)
    assert "4 speakers had a part" in text and "own baseline" in text
    assert "| 0.077 | passed |" in text and "| not defined | failed" in text


def test_section_is_escaped_and_whole(found, hostile_text):
    found["changes"][0]["title"] = hostile_text
    found["gold_column"] = hostile_text
    page = section(found)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert page.count("<tr>") == 3 and page.count("<table>") == page.count("</table>") == 1
    assert "verdict worse" in page and "verdict better" in page


def test_result_is_words(found):
    assert [result(each) for each in found["changes"]] == [
        "passed",
        "failed: tones moved, AUC fell (AUC not certain)",
    ]
