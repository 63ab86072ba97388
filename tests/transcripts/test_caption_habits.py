"""Habits of YouTube, Zoom and captioners in WebVTT and SRT."""

from pathlib import Path

import pytest

from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript

YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.470 align:start position:0%
 
so<00:00:00.560><c> what</c><00:00:00.880><c> do</c><00:00:01.120><c> you</c><00:00:01.360><c> think</c>

00:00:02.470 --> 00:00:02.480 align:start position:0%
so what do you think
 

00:00:02.480 --> 00:00:05.190 align:start position:0%
so what do you think
of<00:00:02.720><c> it</c><00:00:02.960><c> all</c>

00:00:05.190 --> 00:00:05.200 align:start position:0%
of it all
 

00:00:05.200 --> 00:00:09.000 align:start position:0%
of it all
yes

00:00:09.000 --> 00:00:09.010 align:start position:0%
yes
 

00:00:09.010 --> 00:00:12.000 align:start position:0%
yes
yes<00:00:09.500><c> indeed</c>
"""  # noqa: W293


def read(folder: Path, content: str, name: str = "call.vtt") -> Transcript:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return read_transcript(path)


def test_rolling_captions_are_heard_once_and_word_by_word(tmp_path: Path) -> None:
    transcript = read(tmp_path, YOUTUBE)
    assert (transcript.format, transcript.language, transcript.problems) == ("webvtt", "en", ())
    assert " ".join(cue.text for cue in transcript.cues) == "so what do you think of it all yes yes indeed"
    # "all" is not spoken until the next line comes up: after a second it is silent, and a pause ends a sentence.
    assert [(cue.start, cue.end, cue.text) for cue in transcript.cues] == [
        (0.16, 3.96, "so what do you think of it all"),
        (5.2, 6.2, "yes"),
        (9.01, 10.5, "yes indeed"),
    ]


def test_two_lines_that_are_new_at_once(tmp_path: Path) -> None:
    content = (
        "WEBVTT\n\n00:00.000 --> 00:03.000\nA<00:00:00.500> crash<00:00:01.000> on<00:00:01.400> the\n"
        "market<00:00:02.400> today.\n"
    )
    assert [(cue.start, cue.end, cue.text) for cue in read(tmp_path, content).cues] == [
        (0.0, 3.0, "A crash on the market today.")
    ]


def test_rolling_captions_with_a_broken_time(tmp_path: Path) -> None:
    transcript = read(tmp_path, YOUTUBE.replace("00:00:02.480 --> 00:00:05.190", "00:00:02.480 --> later"))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("bad_cue", 1)]


def test_one_karaoke_line_is_no_habit(tmp_path: Path) -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\nOne<00:00:01.500>two\n\n00:01.000 --> 00:02.000\nOne two\n"
    assert len(read(tmp_path, content).cues) == 2


def test_zoom_puts_names_before_what_is_said(tmp_path: Path) -> None:
    content = (
        "WEBVTT\r\n\r\n1\r\n00:00:01.000 --> 00:00:02.500\r\nAnn Lee (she/her): Hello: all.\r\n\r\n"
        "2\r\n00:00:03.000 --> 00:00:04.000\r\nBob: Hi.\r\n\r\n3\r\n00:00:05.000 --> 00:00:06.000\r\nBob: Shall we?\r\n"
    )
    assert read(tmp_path, content).cues == (
        Cue(1.0, 2.5, "Hello: all.", "Ann Lee (she/her)"),
        Cue(3.0, 4.0, "Hi.", "Bob"),
        Cue(5.0, 6.0, "Shall we?", "Bob"),
    )


def test_captioners_write_names_too(tmp_path: Path) -> None:
    content = "".join(
        f"{number}\n00:00:0{number},000 --> 00:00:0{number},500\n>> {name}: Yes.\n\n"
        for number, name in enumerate(["DR. SMITH", "JUDGE", "DR. SMITH"], start=1)
    )
    assert [cue.speaker for cue in read(tmp_path, content, "call.srt").cues] == ["DR. SMITH", "JUDGE", "DR. SMITH"]


@pytest.mark.parametrize(
    "texts",
    [
        ["Remember this: be kind."],
        ["Remember this: be kind.", "Hello.", "There you go."],
        ["One thing: this.", "Another thing: that."],
        ["At 12:30 we go.", "At 12:30 we went."],
        ["Well, I mean: no.", "Well, I mean: yes."],
    ],
)
def test_a_colon_is_not_always_a_name(tmp_path: Path, texts: list[str]) -> None:
    content = "WEBVTT\n\n" + "".join(f"00:0{n}.000 --> 00:0{n}.500\n{text}\n\n" for n, text in enumerate(texts))
    transcript = read(tmp_path, content)
    assert [cue.speaker for cue in transcript.cues] == [None] * len(texts)
    assert [cue.text for cue in transcript.cues] == texts


def test_voice_tags_are_believed_first(tmp_path: Path) -> None:
    content = "WEBVTT\n\n" + "".join(f"00:0{n}.000 --> 00:0{n}.500\n<v Ann>Bob: no.</v>\n\n" for n in range(3))
    assert {(cue.speaker, cue.text) for cue in read(tmp_path, content).cues} == {("Ann", "Bob: no.")}
