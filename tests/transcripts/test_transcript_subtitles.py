from pathlib import Path

import pytest

from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript
from tonewise.transcripts.subtitles import plain_text


def read(folder: Path, content: str, format: str) -> Transcript:
    path = folder / "call.sub"
    path.write_text(content, encoding="utf-8")
    transcript = read_transcript(path)
    assert transcript.format == format
    return transcript


def test_srt_numbers_points_and_blank_lines_may_be_missing(tmp_path: Path) -> None:
    content = (
        "\n\n00:00:01.5 --> 00:00:02,250  X1:10 X2:20\nOne\n2\n"
        "00:00:03,000-->00:00:04,000\nTwo,\n\nstill two\n\n42\n\n4\n0:00:05,000 --> 0:00:06,000\n7\n"
    )
    assert read(tmp_path, content, "srt").cues == (
        Cue(1.5, 2.25, "One"),
        Cue(3.0, 4.0, "Two, still two 42"),
        Cue(5.0, 6.0, "7"),
    )


def test_srt_overlapping_reversed_and_empty_times_stay_as_stated(tmp_path: Path) -> None:
    content = (
        "1\n00:00:01,000 --> 00:00:05,000\nOne\n\n2\n00:00:02,000 --> 00:00:02,000\nTwo\n\n"
        "3\n00:00:09,000 --> 00:00:08,000\nThree\n\n4\n-00:00:00,500 --> 00:00:01,000\nFour\n"
    )
    times = [(cue.start, cue.end) for cue in read(tmp_path, content, "srt").cues]
    assert times == [(1.0, 5.0), (2.0, 2.0), (9.0, 8.0), (-0.5, 1.0)]


def test_srt_broken_cue_is_counted_and_its_text_given_to_nobody(tmp_path: Path) -> None:
    content = (
        "1\n00:00:01,000 --> 00:00:02,000\nOne 5 --> 6\n\n2\n00:00:0x,000 --> 00:00:04,000\nTwo\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\n\n4\n00:00:07,000 --> 00:00:08,000\nFour\n"
    )
    transcript = read(tmp_path, content, "srt")
    assert [cue.text for cue in transcript.cues] == ["One 5 --> 6", "Four"]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [
        ("bad_cue", 1),
        ("empty_cue", 1),
    ]
    assert "line 6" in transcript.problems[0].detail


@pytest.mark.parametrize(
    ("markup", "text", "speaker"),
    [
        ("<i>Hello</i>\n<b>you</b>", "Hello you", None),
        ('<font color="#fff">Hi</font> {\\an8}there', "Hi there", None),
        ("3 < 4 & R&Design, AT&amp;T &lt;3", "3 < 4 & R&Design, AT&T <3", None),
        ("<v Ann Lee>Hello.</v>", "Hello.", "Ann Lee"),
        ("<v.loud.first Ann>Hello.", "Hello.", "Ann"),
        ("<v Fish &amp; Co>Hello.", "Hello.", "Fish & Co"),
        ("<v Ann>Hello.</v>\n<v Bob>Hi.</v>", "Hello. Hi.", None),
        ("<v Ann>Hello.</v> <v Ann>Hi.</v>", "Hello. Hi.", "Ann"),
        ("<c.yellow>One</c> <00:00:01.500>two <lang en>three</lang>", "One two three", None),
        ("[SPEAKER_01]: Hello.", "Hello.", "SPEAKER_01"),
        ("[laughs] Hello.", "[laughs] Hello.", None),
    ],
)
def test_markup(markup: str, text: str, speaker: str | None) -> None:
    assert plain_text(markup) == (text, speaker)


def test_webvtt_blocks_settings_and_times(tmp_path: Path) -> None:
    content = (
        "WEBVTT - a call\nKind: captions\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000\n\n"
        "STYLE\n::cue { color: red }\n\n"
        "REGION\nid:fred\n\nNOTE the next is\nno cue --> really\n\nintro\n"
        "00:01.000 --> 00:02.500 align:start line:0%\n"
        "<v Ann>Hello,\nyou.</v>\n\n01:00:00.000 --> 01:00:01.000\nLate\n\n12\n0:0:0.0 --> 0:0:0.570\nTeams\n"
    )
    transcript = read(tmp_path, content, "webvtt")
    assert transcript.cues == (
        Cue(1.0, 2.5, "Hello, you.", "Ann"),
        Cue(3600.0, 3601.0, "Late"),
        Cue(0.0, 0.57, "Teams"),
    )
    assert transcript.problems == ()


def test_webvtt_broken_and_empty_cues_are_counted(tmp_path: Path) -> None:
    content = (
        "WEBVTT\n\nsoon --> later\nLost\n\n00:01.000 --> 00:02.000\nOne\n00:02.000 --> 00:03.000\nTwo\n\n"
        "00:04.000 --> 00:05.000\n<c></c>\n"
    )
    transcript = read(tmp_path, content, "webvtt")
    assert [cue.text for cue in transcript.cues] == ["One", "Two"]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [
        ("bad_cue", 1),
        ("empty_cue", 1),
    ]
    assert "line 3" in transcript.problems[0].detail


def test_webvtt_of_silence_has_no_cues(tmp_path: Path) -> None:
    assert read(tmp_path, "WEBVTT\n", "webvtt").cues == ()


def test_a_long_file_is_read_in_linear_time(tmp_path: Path) -> None:
    cues = (
        f"{n}\n{n // 3600}:{n // 60 % 60:02}:{n % 60:02},000 --> 99:00:00,000\n<i>Number {n}\n" for n in range(50_000)
    )
    assert len(read(tmp_path, "\n".join(cues), "srt").cues) == 50_000


HELLO, BYE = Cue(12.721, 13.843, "Hello."), Cue(217.497, 217.738, "Thanks, bye.")
FIRST_CAPTION = Cue(0.5, 7.0, "Caption text #1")
YURI = Cue(0.0, 0.57, "There you go.", "Yuri Bakulin")
ADRIAN = Cue(0.21, 1.13, "Why hello there, Yuri.", "Adrian Petrescu")


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "format", "count", "ends"),
    [
        ("srt/a.srt", "srt", 53, (HELLO, BYE)),
        ("srt/odd-invalid-timeframe.srt", "srt", 5, (FIRST_CAPTION, Cue(21.58, 23.88, "Caption text #5"))),
        ("webvtt/a.vtt", "webvtt", 53, (HELLO, BYE)),
        ("webvtt/b-teams.vtt", "webvtt", 2, (YURI, ADRIAN)),
        (
            "webvtt/c-captions_with_bom.vtt",
            "webvtt",
            4,
            (FIRST_CAPTION, Cue(16.32, 21.58, "Caption text #4")),
        ),
    ],
)
def test_real_subtitles(shared: Path, file: str, format: str, count: int, ends: tuple[Cue, Cue]) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / file)
    assert (transcript.format, len(transcript.cues), transcript.problems) == (format, count, ())
    assert (transcript.cues[0], transcript.cues[-1]) == ends
