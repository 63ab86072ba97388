"""A transcript and what is known about it from elsewhere."""

import pytest

from tonewise.records import Cue
from tonewise.transcripts import Transcript
from tonewise.transcripts.merging import channel_of, with_speakers
from tonewise.transcripts.rttm import Turn


def transcript(*cues: Cue) -> Transcript:
    return Transcript(cues, (), "srt")


def test_the_speaker_is_who_speaks_longest_during_a_cue() -> None:
    turns = [
        Turn(0.0, 1.2, "ann"),
        Turn(1.0, 3.0, "bob"),
        Turn(3.2, 3.4, "ann"),
        Turn(3.5, 3.9, "ann"),
        Turn(2.9, 3.5, "bob"),
    ]
    before = transcript(
        Cue(0.0, 1.5, "ann mostly"), Cue(1.0, 2.0, "bob"), Cue(3.0, 4.0, "ann in two turns"), Cue(3.6, 3.6, "no time"),
        Cue(0.0, 1.0, "named", "eve"), Cue(8.0, 9.0, "nobody"),
    )  # fmt: skip
    after = with_speakers(before, turns, "call")
    assert [cue.speaker for cue in after.cues] == ["ann", "bob", "ann", "ann", "eve", None]
    assert [(problem.kind, problem.subject, problem.count) for problem in after.problems] == [("no_speaker", "call", 1)]
    assert [cue.text for cue in after.cues] == [cue.text for cue in before.cues]


def test_turns_speak_for_their_channel() -> None:
    turns = [Turn(0.0, 2.0, "ann", 0), Turn(0.0, 2.0, "bob", 1), Turn(2.0, 4.0, "eve")]
    cues = [
        Cue(0.0, 2.0, "a", channel=0),
        Cue(0.0, 2.0, "b", channel=1),
        Cue(2.0, 4.0, "c", channel=1),
        Cue(0.0, 2.0, "d"),
    ]
    # Of two who speak equally long the first name is taken.
    assert [cue.speaker for cue in with_speakers(transcript(*cues), turns, "x").cues] == ["ann", "bob", "eve", "ann"]


def test_no_turns_and_no_cues() -> None:
    assert with_speakers(transcript(), [Turn(0.0, 1.0, "ann")], "x").problems == ()
    assert with_speakers(transcript(Cue(0.0, 1.0, "a")), [], "x").problems[0].kind == "no_speaker"


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("0", 0),
        (" 1 ", 1),
        ("Left", 0),
        ("RIGHT", 1),
        ("ch_0", 0),
        ("ch1", 1),
        ("channel 1", None),
        ("agent", None),
        ("", None),
    ],
)
def test_names_of_channels(name: str, channel: int | None) -> None:
    assert channel_of(name) == channel
