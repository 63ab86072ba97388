import json
from pathlib import Path

import pytest

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts import read_transcript

SEGMENT = {
    **{"channel_index": 2, "duration_ms": 2280, "index": 1, "offset_ms": 5990, "speaker_role": "agent"},
    **{"start_ms": 3990, "human_transcript": "hello this is the bank", "transcript": "hello mister bank"},
    **{"emotion": {"neutral": 0.3}, "word_offsets_ms": [0, 660, 810], "word_durations_ms": [330, 150, 120]},
}


def test_segments_count_from_the_beginning_of_the_recording(tmp_path: Path) -> None:
    machine = {**SEGMENT, "human_transcript": None, "speaker_role": "caller", "channel_index": 1, "offset_ms": 9000}
    path = tmp_path / "sid.json"
    path.write_text(json.dumps([SEGMENT, machine, {**SEGMENT, "offset_ms": None}, 7]), encoding="utf-8")
    transcript = read_transcript(path)
    assert (transcript.format, transcript.language) == ("harpervalley", "en")
    assert transcript.cues == (
        Cue(5.99, 8.27, "hello this is the bank", "agent", 1),
        Cue(9.0, 11.28, "hello mister bank", "caller", 0),
    )
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("untimed", 1)]


def test_a_list_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "sid.json"
    path.write_text("[1, 2, {}]", encoding="utf-8")
    with pytest.raises(TranscriptError, match=r"in no known transcript format \(JSON\), or without times"):
        read_transcript(path)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "agent", "first", "last"),
    [
        (
            "a",
            7,
            Cue(3.72, 6.39, "hello this is harper valley national bank", "agent", 1),
            Cue(50.19, 50.61, "[noise]", "caller", 0),
        ),
        ("b", 9, Cue(1.49, 1.64, "[noise]", "caller", 0), Cue(44.19, 44.58, "[noise]", "caller", 0)),
    ],
)
def test_real_harpervalley(shared: Path, name: str, agent: int, first: Cue, last: Cue) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "harpervalley-json" / f"{name}.json")
    assert (transcript.format, len(transcript.cues), transcript.problems) == ("harpervalley", 18, ())
    assert (transcript.cues[0], transcript.cues[-1]) == (first, last)
    assert sum((cue.speaker, cue.channel) == ("agent", 1) for cue in transcript.cues) == agent
    assert sum((cue.speaker, cue.channel) == ("caller", 0) for cue in transcript.cues) == 18 - agent
