import json
from pathlib import Path

import pytest

from tonewise.errors import TranscriptError
from tonewise.transcripts import decoding, json_text, read_transcript

SEGMENT = {"start": 0.0, "end": 1.0, "text": "Hi."}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    with path.open("wb") as stream:
        stream.truncate(decoding.MAX_BYTES + 1)  # sparse: nothing is written
    with pytest.raises(TranscriptError, match="larger than 100 MB; expected the transcript of one recording"):
        read_transcript(path)


def test_json_of_too_many_objects_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_CONTAINERS", 10)
    path = tmp_path / "call.json"
    path.write_text(json.dumps({"segments": [SEGMENT] * 8}))
    assert len(read_transcript(path).cues) == 8
    path.write_text(json.dumps({"segments": [SEGMENT] * 9}))
    with pytest.raises(TranscriptError, match="more than 10 objects in this JSON"):
        read_transcript(path)


@pytest.mark.parametrize("number", ["9" * 5000, "NaN", "Infinity", "-Infinity", "1e999", "true", "null", "[]", '"x"'])
def test_times_that_are_none(tmp_path: Path, number: str) -> None:
    path = tmp_path / "call.json"
    path.write_text(f'{{"segments": [{{"start": 0, "end": {number}, "text": "Hi."}}]}}')
    with pytest.raises(TranscriptError, match=r"no usable cue|invalid JSON \(Exceeds the limit"):
        read_transcript(path)


def test_half_surrogates_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    words = [{"word": "Hi\ud800.", "start": 0, "end": 0.4}, {"word": "So\U0001f600.", "start": 0.5, "end": 0.9}]
    path.write_text(json.dumps({"segments": [{"words": words, "speaker": "\udfff"}], "language": "\ud800"}))
    transcript = read_transcript(path)
    assert [(cue.text, cue.speaker) for cue in transcript.cues] == [
        ("Hi\ufffd.", "\ufffd"),
        ("So\U0001f600.", "\ufffd"),
    ]
    assert transcript.language is None


@pytest.mark.parametrize(
    ("value", "tag"), [("en_us", "en-us"), (" de ", "de"), ("english", None), (float("nan"), None), (None, None)]
)
def test_language_tags(value: object, tag: str | None) -> None:
    assert json_text.language_tag(value) == tag


@pytest.mark.parametrize(
    ("value", "counted_from", "number"),
    [
        *[(0, 0, 0), ("ch_1", 0, 1), ("channel_2", 1, 1), ("1", 1, 0), (2.0, 0, 2), ("Channel 3", 0, 3)],
        *[(0, 1, None), (-1, 0, None), (1.5, 0, None), (True, 0, None), (None, 0, None), ("left", 0, None)],
        *[("9999", 0, None), ([1], 0, None), (float("nan"), 0, None)],
    ],
)
def test_channel_numbers(value: object, counted_from: int, number: int | None) -> None:
    assert json_text.channel_number(value, counted_from) == number


def test_json_that_is_no_transcript_says_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text('{"b": 1, "a": 2}')
    with pytest.raises(TranscriptError, match=r"in no known transcript format \(JSON with the keys a, b\)"):
        read_transcript(path)


@pytest.mark.parametrize("content", ["[", "{", '{"a": 1}\n{"a": 2}', "[1, 2", "{'a': 1}"])
def test_broken_json(tmp_path: Path, content: str) -> None:
    path = tmp_path / "call.json"
    path.write_text(content)
    with pytest.raises(TranscriptError, match=r"invalid JSON .*is the file complete"):
        read_transcript(path)


def test_subtitles_that_begin_as_json_are_subtitles(tmp_path: Path) -> None:
    path = tmp_path / "call.srt"
    path.write_text("[music]\n00:00:01,000 --> 00:00:02,000\nHi.\n")
    assert read_transcript(path).format == "srt"


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "call.json")
    with pytest.raises(TranscriptError, match="it is no file"):
        read_transcript(tmp_path / "call.json")
