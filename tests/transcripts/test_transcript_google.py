import json
from pathlib import Path
from typing import Any

import pytest

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts import Transcript, google, read_transcript


def read(folder: Path, data: Any) -> Transcript:
    path = folder / "call.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def word(text: str, start: object, end: object, **more: Any) -> dict[str, Any]:
    return {"word": text, "startTime": start, "endTime": end, **more}


def result(words: object, transcript: str = "", **more: Any) -> dict[str, Any]:
    return {"alternatives": [{"transcript": transcript, "words": words}, {"transcript": "worse"}], **more}


HELLO = [word("Hello.", "0s", "0.500s"), word("How", "0.6s", "0.8s"), word("so?", "0.8s", "1.200s")]
CUES = (Cue(0.0, 0.5, "Hello."), Cue(0.6, 1.2, "How so?"))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda found: {"results": found},
        lambda found: {"name": "1", "done": True, "response": {"@type": "x", "results": found}},
        lambda found: {"results": {"gs://a.wav": {"transcript": {"results": found}}}},
        lambda found: {"response": {"results": {"gs://a.wav": {"inlineResult": {"transcript": {"results": found}}}}}},
    ],
)
def test_wherever_the_results_are(tmp_path: Path, wrap: Any) -> None:
    transcript = read(tmp_path, wrap([result(HELLO, "Hello. How so?", languageCode="en-us")]))
    assert (transcript.format, transcript.language, transcript.problems) == ("google-stt", "en-us", ())
    assert transcript.cues == CUES


def batch(*addresses: str) -> dict[str, Any]:
    """A batch's answer: each file says its own address."""
    said = {each: [result([word(each, "0s", "1s")], each, languageCode="en-us")] for each in addresses}
    return {"results": {each: {"inlineResult": {"transcript": {"results": found}}} for each, found in said.items()}}


def test_of_several_files_only_the_recordings_own_is_read(tmp_path: Path) -> None:
    both = batch("gs://bucket/other.wav", "gs://bucket/CALL.wav")
    assert [cue.text for cue in read(tmp_path, both).cues] == ["gs://bucket/CALL.wav"]
    with pytest.raises(TranscriptError, match=r"of 2 recordings \(a, b\), none of them called 'call'"):
        read(tmp_path, batch("gs://x/a.wav", "gs://x/b.wav"))
    with pytest.raises(TranscriptError, match="2 recordings called 'call'"):
        read(tmp_path, batch("gs://x/call.wav", "gs://y/call.wav"))
    assert read(tmp_path, batch("gs://x/another-name.wav")).cues


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("12.900s", "13.300s"),
        ({"seconds": "12", "nanos": 900000000}, {"seconds": 13, "nanos": 300000000}),
        ({"seconds": {"low": 12, "high": 0, "unsigned": False}, "nanos": 900000000}, 13.3),
    ],
)
def test_times(tmp_path: Path, start: object, end: object) -> None:
    assert read(tmp_path, {"results": [result([word("There", start, end)])]}).cues == (Cue(12.9, 13.3, "There"),)


def test_zero_is_left_out_by_protobuf(tmp_path: Path) -> None:
    words = [
        {"word": "So", "endTime": {"nanos": 500000000}},
        {"word": "it", "startTime": {}, "endTime": {"seconds": 1}},
    ]
    assert read(tmp_path, {"results": [result(words)]}).cues == (Cue(0.0, 1.0, "So it"),)


def test_results_within_results_are_no_transcript() -> None:
    nested: dict[str, Any] = {}
    for _ in range(5_000):  # as deep as newer Pythons parse JSON
        nested = {"results": {"a": nested}}
    assert not google.matches(nested)


def test_version_2_and_underscores(tmp_path: Path) -> None:
    words = [
        {"word": "Hello.", "startOffset": "0.100s", "endOffset": "0.5s", "speakerLabel": "1"},
        {"word": "Hi.", "startOffset": "0.600s", "endOffset": "0.9s", "speakerLabel": "2"},
    ]
    assert read(tmp_path, {"results": [result(words, "Hello. Hi.")]}).cues == (
        Cue(0.1, 0.5, "Hello.", "1"),
        Cue(0.6, 0.9, "Hi.", "2"),
    )
    snake = [{"word": "Hello.", "start_offset": {"nanos": 100000000}, "end_offset": {"nanos": 500000000}}]
    found = read(tmp_path, {"results": [{**result(snake, "Hello."), "language_code": "de-DE", "channel_tag": 2}]})
    assert (found.language, found.cues) == ("de-DE", (Cue(0.1, 0.5, "Hello.", channel=1),))


def test_the_last_result_of_a_diarised_answer_repeats_all(tmp_path: Path) -> None:
    tagged = [{**one, "speakerTag": tag} for one, tag in zip(HELLO, (1, 2, 2), strict=True)]
    plain = [result(HELLO[:1], "Hello."), result(HELLO[1:], "How so?")]
    expected = (Cue(0.0, 0.5, "Hello.", "1"), Cue(0.6, 1.2, "How so?", "2"))
    assert read(tmp_path, {"results": [*plain, result(tagged)]}).cues == expected
    # Newer models tag every result, and repeat nothing.
    assert read(tmp_path, {"results": [result(tagged[:1], "Hello."), result(tagged[1:], "How so?")]}).cues == expected
    nobody = [{**one, "speakerTag": 0} for one in HELLO]
    assert read(tmp_path, {"results": [result(nobody)]}).cues[0].speaker is None


def test_channels_are_counted_from_1(tmp_path: Path) -> None:
    found = read(tmp_path, {"results": [result(HELLO[:1], channelTag=2), result(HELLO[1:], channelTag=1)]})
    assert [(cue.text, cue.channel) for cue in found.cues] == [("Hello.", 1), ("How so?", 0)]


def test_without_word_times_a_result_begins_where_the_one_before_ended(tmp_path: Path) -> None:
    bare = [
        {"alternatives": [{"transcript": "One."}], "resultEndTime": "2.5s"},
        {"alternatives": [{"transcript": " Two."}], "resultEndOffset": "4.000s"},
    ]
    transcript = read(tmp_path, {"results": bare})
    assert transcript.cues == (Cue(0.0, 2.5, "One."), Cue(2.5, 4.0, "Two."))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("interpolated", 2)]
    timed = [word("And.", "2.5s", "2.9s")]
    assert read(tmp_path, {"results": [bare[0], result(timed, "And."), bare[1]]}).cues[2] == Cue(2.5, 4.0, "Two.")


def test_readings_of_japanese_words_are_left_out(tmp_path: Path) -> None:
    words = [word("今日|キョウ", "0s", "0.5s"), word("は|ワ", "0.5s", "0.6s")]
    assert read(tmp_path, {"results": [result(words)]}).cues == (Cue(0.0, 0.6, "今日は"),)


def test_no_times_at_all(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"no usable cue in this google-stt transcript.*has no times"):
        read(tmp_path, {"results": [{"alternatives": [{"transcript": "Hi."}]}]})


@pytest.mark.real
def test_real_google(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "google-stt-json" / "a.json")
    assert (transcript.format, transcript.language, transcript.problems) == ("google-stt", None, ())
    assert len(transcript.cues) == 40
    first = "There was a day about 10 years ago when I asked a friend to hold a baby dinosaur robot upside down."
    assert transcript.cues[0] == Cue(12.9, 19.6, first)
    assert (transcript.cues[-1].start, transcript.cues[-1].end) == (263.4, 271.6)
    assert transcript.cues[-1].text.endswith("even if they know that they're not real.")
    assert {(cue.speaker, cue.channel) for cue in transcript.cues} == {(None, None)}
