"""An audit told to people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tonewise.evaluation.audit import AuditFindings, SoundFigures, SplitFigures, Verdict
from tonewise.evaluation.audit_intervals import Estimate
from tonewise.records import Interval
from tonewise.report.audit import audit_markdown, audit_report, audit_section, facts, headline

AUC = Interval(0.81, 0.75, 0.87, 400, 180, 12)
UNDEFINED = Interval(None, None, None, 400, 0, 12)


@pytest.fixture
def found() -> AuditFindings:
    return AuditFindings(
        truth="gold column '<b>mood</b>'",
        held_out="sentences",
        splits=(SplitFigures("speaker", AUC, None, 1300, 60), SplitFigures("lexical", AUC, AUC, 900, 60)),
        fall=Estimate(-0.01, -0.04, 0.02, 400),
        kept=Estimate(0.91, 0.72, 1.1, 400),
        above_text=None,
        above_length=Estimate(0.2, 0.1, 0.3, 400),
        repeated=AUC,
        text_share=Estimate(-0.02, None, None, 400),
        sounds=(SoundFigures("hum", replace(AUC, roc_auc=0.7), AUC), SoundFigures("low-pass", UNDEFINED, AUC)),
        verdict=Verdict("hears tone", "more than half is left"),
        missing={"random": "too few | clips"},
    )


def test_words(found):
    assert headline(found) == "Hears tone: more than half is left."
    told = dict(facts(found))
    assert told["Skill left on new sentences"] == "91 % (72 % to 110 %)"
    assert told["AUC lost with new sentences"] == "−0.01 (−0.04 to 0.02)"
    assert told["Share of the sound's score that text predicts"] == "−2 % (interval not defined)"
    assert told["Sound above words alone, on new sentences"] == "not defined"


def test_markdown_is_a_table(found):
    text = audit_markdown(found)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 2 + 1 + 2 and {line.replace(r"\|", "").count("|") for line in lines} == {7}
    assert "unknown" in text and r"too few \| clips" in text and r"\<b\>" in text


def test_html_is_escaped_and_needs_nothing_else(found):
    section = audit_section(found)
    assert "&lt;b&gt;" in section and "<b>" not in section and "not defined" in section
    page = audit_report([found, found], about={"Model": "x"})
    assert page.count("Hears tone") == 2 and "By other labels" in page and "http" not in page.split("<main>")[1]
    assert page == audit_report([found, found], about={"Model": "x"})
