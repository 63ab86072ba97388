"""Audacity labels and WebVTT of a scored recording."""

from __future__ import annotations

import pytest

from tonewise.records import RecordingScore, Segment
from tonewise.report.timelines import audacity_labels, webvtt
from tonewise.transcripts import read_transcript

SUMMARY = {"tone_scale": "tone is calibrated"}


def score(*segments: Segment) -> RecordingScore:
    return RecordingScore("call.wav", 4000.0, segments, SUMMARY)


KIND = Segment(1.0, 2.5, 0, "Ann", "Thanks a lot!", 0.1234, 0.8, True, role="customer")
HARD = Segment(3601.0, 3602.0, 1, "Bob <b>", "a\tb\n--> c & d", None, None, False, role="agent")


def test_labels_are_one_line_each():
    lines = audacity_labels(score(KIND, HARD)).splitlines()
    assert lines[0] == "1.000000\t2.500000\t[0.12 ▼] ≠ Ann: Thanks a lot!"
    assert lines[1] == "3601.000000\t3602.000000\tBob <b>: a b --> c & d"


def test_captions_can_be_read_back(tmp_path):
    text = webvtt(score(KIND, HARD))
    assert text.startswith("WEBVTT\n\nNOTE tone is calibrated\n\n00:00:01.000 --> 00:00:02.500\n<v Ann>")
    assert "<c.negative.mismatch>[0.12 ▼] ≠ Thanks a lot!</c></v>" in text
    assert text.count("-->") == 2
    (tmp_path / "call.vtt").write_text(text, encoding="utf-8")
    cues = read_transcript(tmp_path / "call.vtt").cues
    assert [(cue.start, cue.end) for cue in cues] == [(1.0, 2.5), (3601.0, 3602.0)]
    assert cues[0].speaker == "Ann" and "Thanks a lot!" in cues[0].text
    assert cues[1].text == "a b --> c & d"


@pytest.mark.parametrize("text", [None, "", "   "])
def test_segments_without_words_or_tone_are_there_all_the_same(text):
    silent = Segment(1.0, 1.0, None, None, text, None, None, False)
    assert webvtt(score(silent)).endswith("00:00:01.000 --> 00:00:01.001\n–\n")
    assert audacity_labels(score(silent)) == "1.000000\t1.000000\t\n"
    heard = Segment(1.0, 2.0, 1, None, text, 0.5, None, False)
    assert audacity_labels(score(heard)).endswith("\t[0.50] channel 1:\n")
