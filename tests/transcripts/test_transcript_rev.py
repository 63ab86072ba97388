import json
from pathlib import Path
from typing import Any

import pytest

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript


def read(folder: Path, data: Any, name: str = "call.json") -> Transcript:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def said(text: str, start: object, end: object) -> dict[str, Any]:
    return {"type": "text", "value": text, "ts": start, "end_ts": end, "confidence": 0.9}


def mark(text: str) -> dict[str, Any]:
    return {"type": "punct", "value": text}


def test_monologues(tmp_path: Path) -> None:
    data = {
        "speakers": [{"id": 1, "name": "Ann Lee"}],
        "monologues": [
            {
                "speaker": 0,
                "elements": [said("Hello", 0.5, 0.9), mark("."), mark(" "), said("You", 1.0, 1.2), mark("?")],
            },
            {"speaker": 1, "elements": [said("Me", 1.5, 1.9), mark(" "), {"type": "unknown", "value": "<laugh>"}]},
            {"speaker": 1, "elements": []},
        ],
    }
    transcript = read(tmp_path, data)
    assert transcript.format == "rev"
    assert transcript.cues == (
        Cue(0.5, 0.9, "Hello.", "0"),
        Cue(1.0, 1.2, "You?", "0"),
        Cue(1.5, 1.9, "Me <laugh>", "Ann Lee"),
    )
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("interpolated", 1)]


def test_clock_times_of_people(tmp_path: Path) -> None:
    element = {"type": "text", "value": "Hello", "timestamp": "00:00:01,500", "end_timestamp": "00:00:02,250"}
    assert read(tmp_path, {"monologues": [{"speaker": 0, "elements": [element, mark(".")]}]}).cues == (
        Cue(1.5, 2.25, "Hello.", "0"),
    )


def test_monologues_without_times(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"no usable cue in this rev transcript.*utterance 1 has no times"):
        read(tmp_path, {"monologues": [{"speaker": 0, "elements": [{"type": "text", "value": "Hello"}]}]})


NLP = """token|speaker|ts|endTs|punctuation|prepunctuation|case|tags|wer_tags
Good|1|0.50|0.80|||UC|[]|[]
morning|1|0.80|1.20|.||LC|['5:TIME']|['5']
2020|1|||,||CA|[]|[]
so|1|1.60|1.80|?|"|LC|[]|[]
Yes|2|2.00|2.30|.||UC|[]|[]
"""


@pytest.mark.parametrize("name", ["call.nlp", "call.txt"])
def test_nlp(tmp_path: Path, name: str) -> None:
    transcript = read(tmp_path, NLP, name)
    assert transcript.format == "rev-nlp"
    assert transcript.cues == (
        Cue(0.5, 1.2, "Good morning.", "1"),
        Cue(1.2, 1.8, '2020, "so?', "1"),
        Cue(2.0, 2.3, "Yes.", "2"),
    )
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("interpolated", 1)]


def test_nlp_that_was_not_aligned(tmp_path: Path) -> None:
    rows = "token|speaker|ts|endTs|punctuation|case|tags\nGood|0||||UC|[]\nmorning|0|||.|LC|[]\n"
    with pytest.raises(TranscriptError, match=r"no usable cue in this rev-nlp transcript \(none of its 2 words"):
        read(tmp_path, rows, "call.nlp")
