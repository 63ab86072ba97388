"""CTM, STM and RTTM: lines of fields, comments, channels, several recordings in one file."""

from pathlib import Path

import pytest

from tonewise.errors import TranscriptError
from tonewise.transcripts import Transcript, read_transcript
from tonewise.transcripts.nist import channel_numbers
from tonewise.transcripts.rttm import Turn, read_turns


def read(folder: Path, content: str, name: str) -> Transcript:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return read_transcript(path)


def facts(transcript: Transcript) -> list[tuple[float, float, str, str | None, int | None]]:
    return [(cue.start, cue.end, cue.text, cue.speaker, cue.channel) for cue in transcript.cues]


def problems(transcript: Transcript) -> list[tuple[str, int]]:
    return [(problem.kind, problem.count) for problem in transcript.problems]


def test_ctm_words_become_sentences(tmp_path: Path) -> None:
    content = (
        ";; written by a recogniser\ncall 1 0.10 0.30 thank 0.9\ncall 1 0.40 0.20 you 1.0\ncall 1 0.60 0.4 <eps>\n"
        "call 1 3.00 0.50 [noise]\ncall 1 3.50 0.50 goodbye\n"
    )
    transcript = read(tmp_path, content, "call.ctm")
    assert (transcript.format, problems(transcript)) == ("ctm", [])
    assert facts(transcript) == [(0.1, 0.6, "thank you", None, None), (3.5, 4.0, "goodbye", None, None)]


def test_ctm_channels_speakers_types_and_alternatives(tmp_path: Path) -> None:
    content = (
        "call A 0.0 0.5 hello 0.9 lex ann\ncall A 0.5 0.5 mm 0.9 noise ann\ncall B 0.2 0.5 hi 0.9 lex null\n"
        "call B * * <ALT_BEGIN>\ncall B 0.7 0.3 (there)\ncall B * * <ALT>\ncall B 0.7 0.3 their\ncall B * * <ALT_END>\n"
        "call B * * lost\ncall B 1.0\n"
    )
    transcript = read(tmp_path, content, "call.ctm")
    assert facts(transcript) == [(0.0, 0.5, "hello", "ann", 0), (0.2, 1.0, "hi there", None, 1)]
    assert problems(transcript) == [("bad_cue", 1), ("untimed", 1)]


def test_of_several_recordings_the_one_of_the_files_name(tmp_path: Path) -> None:
    ctm = "one 1 0.0 0.5 first\ntwo 1 0.0 0.5 second\n"
    assert facts(read(tmp_path, ctm, "Two.ctm"))[0][2] == "second"
    with pytest.raises(TranscriptError, match=r"words of 2 recordings \(one, two\), none of them called 'all'"):
        read(tmp_path, ctm, "all.ctm")
    stm = "one 1 ann 0.0 0.5 first\ntwo 1 ann 0.0 0.5 second\n"
    assert facts(read(tmp_path, stm, "one.stm"))[0][2] == "first"
    with pytest.raises(TranscriptError, match="transcripts of 2 recordings"):
        read(tmp_path, stm, "all.stm")


def test_stm_labels_marks_and_what_is_not_scored(tmp_path: Path) -> None:
    content = (
        ';; CATEGORY "0" "" ""\ncall 1 ann 0.5 2.0 <O,FEMALE> (MAYBE) I { want / wanted } it(2) @ {NOISE} <unk>\n'
        "call 2 bob 1.5 3 GOOD (M-) (ONE\ncall 1 ann 3 4 <o,f0>\ncall 1 inter_segment_gap 4 5 <o,,>\n"
        "call 1 ann 5 6 <O> IGNORE_TIME_SEGMENT_IN_SCORING\ncall 1 ann 6 7 <O> %HESITATION\nbroken line\n"
    )
    transcript = read(tmp_path, content, "call.stm")
    assert transcript.format == "stm"
    assert facts(transcript) == [
        (0.5, 2.0, "MAYBE I want it", "ann", 0),
        (1.5, 3.0, "GOOD M- ONE", "bob", 1),
        (6.0, 7.0, "%HESITATION", "ann", 0),
    ]
    assert problems(transcript) == [("bad_cue", 1), ("empty_cue", 1)]


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["1"], {"1": None}),
        (["0", "0"], {"0": None}),
        (["A", "B"], {"A": 0, "B": 1}),
        (["b", "a"], {"b": 1, "a": 0}),
        (["1", "2"], {"1": 0, "2": 1}),
        (["0", "1"], {"0": 0, "1": 1}),
        (["00", "01"], {"00": 0, "01": 1}),
        (["1", "3"], {"1": 0, "3": 2}),
        (["1", "left"], {"1": 0, "left": None}),
    ],
)
def test_channel_names(names: list[str], numbers: dict[str, int | None]) -> None:
    assert channel_numbers(names) == numbers


def test_rttm_turns(tmp_path: Path) -> None:
    path = tmp_path / "call.rttm"
    path.write_text(
        "SPKR-INFO call 1 <NA> <NA> <NA> adult_male bob <NA>\n;; comment\n"
        "SPEAKER call 2 1.5 1.0 <NA> <NA> bob <NA> <NA>\nSPEAKER call 1 0.5 0.75 <NA> <NA> ann <NA>\n"
        "SPEAKER other 1 0.0 9.0 <NA> <NA> eve <NA> <NA>\n"
    )
    assert read_turns(path) == (Turn(0.5, 1.25, "ann", 0), Turn(1.5, 2.5, "bob", 1))
    with pytest.raises(TranscriptError, match="who speaks when, but not what"):
        read_transcript(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("SPEAKER a 1 0 1 <NA> <NA> x <NA>\nSPEAKER b 1 0 1 <NA> <NA> x <NA>\n", "turns of 2 recordings"),
        ("SPEAKER call 1 now 1 <NA> <NA> x <NA>\n", "line 1 has no start and duration"),
        ("SPEAKER call 1 0\n", "line 1 is no RTTM"),
        ("SPKR-INFO call 1 <NA> <NA> <NA> adult_male bob <NA>\n", "nobody speaks"),
        ("", "empty"),
    ],
)
def test_broken_rttm(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "call.rttm"
    path.write_text(content)
    with pytest.raises(TranscriptError, match=message):
        read_turns(path)


def test_numbers_that_are_words_do_not_turn_one_format_into_another(tmp_path: Path) -> None:
    ctm = "call 1 0.0 0.5 ten\ncall 1 0.5 0.5 9 0.99\ncall 1 1.0 0.5 lives\n"
    assert read(tmp_path, ctm, "a.txt").format == "ctm"
    tabs = "1\t0\t2\t3 apples\n2\t2\t4\tand pears\n3\t4\t6\tplease\n"
    assert read(tmp_path, tabs, "b.txt").format == "csv"
