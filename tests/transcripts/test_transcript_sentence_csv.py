from pathlib import Path

import pytest

from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript


def read(folder: Path, content: str) -> Transcript:
    path = folder / "call.csv"
    path.write_text(content, encoding="utf-8")
    transcript = read_transcript(path)
    assert transcript.format == "csv"
    return transcript


def test_rows_without_header(tmp_path: Path) -> None:
    transcript = read(tmp_path, 'f1,0.000,2.880,"Hello, ""you""."\nf2,2.880,8.400,"The next\nquestion."\n')
    assert transcript.cues == (Cue(0.0, 2.88, 'Hello, "you".'), Cue(2.88, 8.4, "The next question."))
    assert transcript.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("header", [True, False])
def test_delimiters(tmp_path: Path, delimiter: str, ids: bool, header: bool) -> None:
    rows = [["id", "start", "end", "text"]] if header else []
    rows += [["1", "0.5", "1.5", "Hi there."], ["2", "1.5", "2.0", "42"]]
    content = "\n".join(delimiter.join(row if ids else row[1:]) for row in rows)
    assert read(tmp_path, content).cues == (Cue(0.5, 1.5, "Hi there."), Cue(1.5, 2.0, "42"))


def test_header_with_other_names_and_order(tmp_path: Path) -> None:
    content = "\ufeffSpeaker;Transcript;Channel;Start Time;End (s)\nAnn;Hello;1;00:00:01,5;2,25\n;Yes;;3;4\n"
    assert read(tmp_path, content).cues == (Cue(1.5, 2.25, "Hello", "Ann", 1), Cue(3.0, 4.0, "Yes"))


def test_duration_and_milliseconds(tmp_path: Path) -> None:
    assert read(tmp_path, "start,duration,text\n1.5,0.5,Hi\n").cues == (Cue(1.5, 2.0, "Hi"),)
    assert read(tmp_path, "start_ms,end_ms,text\n1500,2000,Hi\n").cues == (Cue(1.5, 2.0, "Hi"),)


def test_whispers_own_table_is_in_milliseconds(tmp_path: Path) -> None:
    whole = 'start\tend\ttext\n0\t11000\t"So" he said\n11000\t12500\tthe "end"\n'
    assert read(tmp_path, whole).cues == (Cue(0.0, 11.0, '"So" he said'), Cue(11.0, 12.5, 'the "end"'))
    seconds = "start\tend\ttext\n0\t11\tSo\n11\t12.5\tthe end\n"
    assert read(tmp_path, seconds).cues == (Cue(0.0, 11.0, "So"), Cue(11.0, 12.5, "the end"))


def test_an_opening_quote_in_a_tab_table_swallows_nothing(tmp_path: Path) -> None:
    transcript = read(tmp_path, '0\t1\t"Never\n1\t2\tmind\n2\t3\t"Quoted ""well"""\n')
    assert [cue.text for cue in transcript.cues] == ['"Never', "mind", 'Quoted "well"']


def test_text_with_delimiters_without_quotes(tmp_path: Path) -> None:
    transcript = read(tmp_path, "f1,0.0,2.0,Well, it is 1,000, you know\nf2,2.0,3.0,Yes\n")
    assert [cue.text for cue in transcript.cues] == ["Well, it is 1,000, you know", "Yes"]


def test_bad_rows_are_counted(tmp_path: Path) -> None:
    rows = ["0,1,Fine,0", "x,2,Broken,0", "3,,Broken,0", "4,5,,0", "5,6,Left,left", "7,nan,No,0", "", ",,,"]
    rows.append(f"8,9,Long,{'1' * 5000}")  # more digits than Python reads
    content = "\n".join(["start,end,text,channel", *rows])
    transcript = read(tmp_path, content)
    assert transcript.cues == (Cue(0.0, 1.0, "Fine", channel=0),)
    assert {problem.kind: problem.count for problem in transcript.problems} == {
        "bad_cue": 3,
        "empty_cue": 1,
        "bad_channel": 2,
    }
    assert "line 3" in transcript.problems[0].detail


def test_one_broken_first_row_does_not_change_the_layout(tmp_path: Path) -> None:
    transcript = read(tmp_path, "f1,?,1.0,Hm\nf2,1.0,2.0,Yes\nf3,2.0,3.0,No\n")
    assert [cue.text for cue in transcript.cues] == ["Yes", "No"]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("bad_cue", 1)]


def test_times_stay_as_stated(tmp_path: Path) -> None:
    assert read(tmp_path, "a,-0.5,1.0,One\nb,3.0,2.0,Two\n").cues == (
        Cue(-0.5, 1.0, "One"),
        Cue(3.0, 2.0, "Two"),
    )


def test_text_first_as_whisper_timestamped_writes_it(tmp_path: Path) -> None:
    content = '"Well, hello there.",0.0,1.5\nYes.,1.5,2.0\n'
    assert read(tmp_path, content).cues == (Cue(0.0, 1.5, "Well, hello there."), Cue(1.5, 2.0, "Yes."))


def test_a_table_of_words_is_read_as_sentences(tmp_path: Path) -> None:
    words = ("Hello there. " * 12).split()
    rows = [f"{word},{n * 0.5},{n * 0.5 + 0.4}" for n, word in enumerate(words)]
    cues = read(tmp_path, "\n".join(rows)).cues
    assert len(cues) == 12
    assert (cues[0], cues[-1]) == (Cue(0.0, 0.9, "Hello there."), Cue(11.0, 11.9, "Hello there."))
    assert len(read(tmp_path, "\n".join(rows[:10])).cues) == 10
    milliseconds = "\n".join(["start\tend\ttext", *(f"{n * 500}\t{n * 500 + 400}\t{w}" for n, w in enumerate(words))])
    assert read(tmp_path, milliseconds).cues == cues


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("biden_town_hall_part6", 53, Cue(259.6, 260.16, "We’ll be right back.")),
        (
            "biden_town_hall_part7",
            31,
            Cue(105.88, 107.48, "I want to go back to my colleague, David Muir, in New York."),
        ),
        ("trump_town_hall_1", 34, Cue(143.64, 145.44, "Florida, Pennsylvania, were-")),
    ],
)
def test_town_halls(shared: Path, name: str, count: int, last: Cue) -> None:
    transcript = read_transcript(shared / "data" / "townhall" / f"us_election_2020_{name}_timestamp.csv")
    assert (len(transcript.cues), transcript.cues[0].start, transcript.cues[-1]) == (count, 0.0, last)
    assert transcript.problems == ()
