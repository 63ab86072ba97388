"""The ground truth: shares, styles and voices are as stated."""

from __future__ import annotations

from collections import Counter

import pytest

from tonewise.demo.plan import plan_languages, plan_training
from tonewise.demo.voices import TEST_SPEAKERS, TRAIN_SPEAKERS


@pytest.mark.parametrize("agreement", [0.0, 0.5, 0.75, 1.0])
def test_tone_agrees_with_words_in_exactly_the_stated_share(agreement: float) -> None:
    lines = [line for session in plan_training(4, agreement, 1200) for line in session.lines]
    polar = [line for line in lines if line.words != "neutral"]
    assert len(lines) == 1200
    assert len(polar) == 1020
    for words in ("positive", "negative"):
        tones = Counter(line.tone == words for line in polar if line.words == words)
        assert tones[True] / 510 == pytest.approx(agreement, abs=0.001)
    assert sum(line.tone == line.words for line in polar) == round(agreement * 1020)


def test_neutral_words_are_said_in_either_tone() -> None:
    lines = [line for session in plan_training(0, 0.75, 1200) for line in session.lines]
    tones = Counter(line.tone for line in lines if line.words == "neutral")
    assert min(tones["positive"], tones["negative"]) > 60


def test_the_default_corpus_has_enough_voices_and_none_is_tested_on() -> None:
    trained = {session.speaker for session in plan_training(0, 0.75, 1200)}
    assert len(trained) >= 24
    assert len(TEST_SPEAKERS) == 8
    assert not {s.variant for s in TRAIN_SPEAKERS} & {s.variant for s in TEST_SPEAKERS}
    assert len({s.variant for s in TRAIN_SPEAKERS}) == len(TRAIN_SPEAKERS)


def test_names_of_recordings_are_distinct_and_long_enough_to_segment() -> None:
    sessions = plan_training(0, 0.75, 1200)
    assert len({session.name for session in sessions}) == len(sessions)
    assert all(15 <= len(session.lines) <= 25 for session in sessions)


def test_more_recordings_than_voices_take_turns() -> None:
    sessions = plan_training(0, 0.75, 5000)
    assert len({session.name for session in sessions}) == len(sessions) == 250


def test_the_test_has_both_tones_for_every_voice_and_language() -> None:
    sessions = plan_languages(0, 10)
    assert len(sessions) == 4 * 8
    for session in sessions:
        counts = Counter((line.words, line.tone) for line in session.lines)
        assert counts == {
            ("positive", "positive"): 10,
            ("negative", "negative"): 10,
            ("neutral", "positive"): 4,
            ("neutral", "negative"): 4,
        }
        neutral = Counter(line.text for line in session.lines if line.words == "neutral")
        assert set(neutral.values()) == {2}


def test_a_seed_is_a_plan() -> None:
    assert plan_training(1, 0.75, 100) == plan_training(1, 0.75, 100)
    assert plan_training(1, 0.75, 100) != plan_training(2, 0.75, 100)
    assert plan_languages(1, 3) == plan_languages(1, 3)
    assert plan_languages(1, 3) != plan_languages(2, 3)
