"""The reliability diagram of a report."""

from __future__ import annotations

import numpy as np

from tonewise import evaluation
from tonewise.report.reliability import drawn_reliability


def test_a_dot_for_each_bin_and_words_for_who_cannot_see_it():
    random = np.random.default_rng(0)
    scores = random.random(400)
    found = evaluation.calibration(scores, random.random(400) < scores, np.arange(400) % 20)
    drawn = str(drawn_reliability(found))
    assert len(found.bins) == 10
    assert drawn.count("of 40 utterances") == 10
    assert "<svg" in drawn and "Reliability diagram" in drawn
    assert drawn == str(drawn_reliability(found))


def test_nothing_to_draw():
    assert drawn_reliability(None) is None
    assert drawn_reliability(evaluation.calibration(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0))) is None
