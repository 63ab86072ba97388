"""TextGrids in other clothes: the aligner's tables and JSON."""

import json
from pathlib import Path

import pytest

from tonewise.errors import TranscriptError
from tonewise.transcripts import Transcript, read_transcript


def read(folder: Path, content: str, **options: str) -> Transcript:
    path = folder / "call.txt"
    path.write_text(content, encoding="utf-8")
    return read_transcript(path, **options)


def cues(transcript: Transcript) -> list[tuple[float, float, str, str | None]]:
    return [(cue.start, cue.end, cue.text, cue.speaker) for cue in transcript.cues]


def test_tables_of_the_aligner(tmp_path: Path) -> None:
    content = (
        'Begin,End,Label,Type,Speaker\n0.0,0.4,thank,words,ann\n0.4,0.9,"you",words,ann\n0.9,3.0,,words,ann\n'
        "0.2,0.7,yes,words,bob\n0.0,0.1,θ,phones,ann\nsoon,0.1,no,words,ann\n3.0\n"
    )
    transcript = read(tmp_path, content)
    assert transcript.format == "mfa-csv"
    assert cues(transcript) == [(0.0, 0.9, "thank you", "ann"), (0.2, 0.7, "yes", "bob")]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("bad_cue", 2)]


@pytest.mark.parametrize("content", ["a,b\n", "Begin,End,Label,Type,Speaker\n" + "x" * 200_000 + ",\n"])
def test_other_tables(tmp_path: Path, content: str) -> None:
    with pytest.raises(TranscriptError, match=r"expected a table with the columns|cannot be read as a table"):
        read(tmp_path, content, format="mfa-csv")


WORDS = [[0.0, 0.4, "thank"], [0.4, 0.9, "you"], [1, 2, ""], ["x", 1, "lost"], "odd"]


@pytest.mark.parametrize(
    "tiers",
    [
        {"ann - words": {"type": "interval", "entries": WORDS}, "ann - phones": {"entries": [[0, 1, "θ"]]}},
        [{"class": "IntervalTier", "name": "words_ann", "entries": WORDS}, {"name": "phones", "entries": None}, 7],
    ],
)
def test_json_of_the_aligner_and_of_praatio(tmp_path: Path, tiers: object) -> None:
    transcript = read(tmp_path, json.dumps({"start": 0, "end": 3, "tiers": tiers}))
    assert transcript.format == "textgrid-json"
    assert cues(transcript) == [(0.0, 0.9, "thank you", "ann")]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("untimed", 1)]


def test_points_are_no_speech(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="'clicks' is taken for no speech"):
        read(tmp_path, json.dumps({"tiers": {"clicks": {"entries": [[0.5, "x"], [0.7, "y"]]}}}))
