import json
from pathlib import Path
from typing import Any

import pytest

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript

TEXT = 'Hello, "you". It is (well) so.'


def read(folder: Path, data: Any) -> Transcript:
    path = folder / "align.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def word(text: str, start: float | None, **more: Any) -> dict[str, Any]:
    offset = TEXT.index(text)
    times = {"case": "not-found-in-audio"} if start is None else {"case": "success", "start": start, "end": start + 0.4}
    return {"word": text, "startOffset": offset, "endOffset": offset + len(text), **times, **more}


def test_punctuation_is_found_in_the_transcript(tmp_path: Path) -> None:
    words = [
        *[word("Hello", 0.0), {"case": "not-found-in-transcript", "word": "uh", "start": 0.4, "end": 0.5}],
        *[word("you", 0.5), word("It", 1.0), word("is", None), word("well", None), word("so", 2.0)],
    ]
    transcript = read(tmp_path, {"transcript": TEXT, "words": words})
    assert transcript.format == "gentle"
    assert transcript.cues == (Cue(0.0, 0.9, 'Hello, you".'), Cue(1.0, 2.4, "It is well) so."))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("interpolated", 2)]


@pytest.mark.parametrize(
    "offsets", [{"startOffset": -3, "endOffset": 999}, {"startOffset": "x", "endOffset": None}, {}]
)
def test_offsets_that_point_nowhere(tmp_path: Path, offsets: dict[str, Any]) -> None:
    words = [{"word": "Hi", "case": "success", "start": 0.0, "end": 0.5, **offsets}]
    assert read(tmp_path, {"transcript": TEXT, "words": words}).cues == (Cue(0.0, 0.5, "Hi"),)


def test_nothing_was_found(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="no usable cue in this gentle transcript"):
        read(tmp_path, {"transcript": TEXT, "words": [word("Hello", None)]})


@pytest.mark.real
def test_real_gentle(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "aligner" / "gentle-a.json")
    assert (transcript.format, transcript.problems) == ("gentle", ())
    assert transcript.cues == (
        Cue(1.03, 4.34, "The mute muffled the high tones of the horn."),
        Cue(6.17, 7.27, "The gold ring"),
    )
