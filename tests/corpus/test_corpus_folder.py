import json
from pathlib import Path

import pytest

from tonewise.corpus import AUDIO_EXTENSIONS, read_corpus
from tonewise.errors import CorpusError, OptionError

SRT = "1\n00:00:01,000 --> 00:00:02,000\nFrom SRT.\n"
CSV = "f1,0.0,1.5,From CSV.\nf2,1.5,2.5,Second.\n"


def put(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def test_transcripts_of_the_same_stem(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "b.mp3": "",
            "b_timestamp.csv": CSV,
            "deep/er/a.WAV": "",
            "deep/er/a.SRT": SRT,
            "._b.mp3": "",
            ".hidden/c.wav": "",
            "notes.txt": "nothing",
        },
    )
    corpus = read_corpus(tmp_path)
    table = corpus.utterances
    assert (corpus.layout, corpus.problems) == ("folder", ())
    assert table["recording"].tolist() == ["b", "b", "deep/er/a"]
    assert table["text"].tolist() == ["From CSV.", "Second.", "From SRT."]
    assert table["start"].tolist() == [0.0, 1.5, 1.0]
    assert table["audio"].tolist() == [str(tmp_path / "b.mp3")] * 2 + [str(tmp_path / "deep" / "er" / "a.WAV")]


def test_the_richest_readable_transcript_is_taken(tmp_path: Path) -> None:
    whisper = json.dumps({"segments": [{"start": 0, "end": 1, "text": "From JSON."}], "language": "fr"})
    put(tmp_path, {"a.wav": "", "a.json": whisper, "a.srt": SRT, "a.txt": "From text."})
    put(tmp_path, {"b.wav": "", "b.json": '{"meta": 1}', "b.srt": SRT, "b.txt": "From text."})
    corpus = read_corpus(tmp_path)
    assert corpus.utterances["text"].tolist() == ["From JSON.", "From SRT."]
    assert corpus.utterances["language"].tolist() == ["fr", None]
    assert [(problem.kind, problem.subject) for problem in corpus.problems] == [("bad_transcript", "b")]


def test_anonymous_speakers_are_told_apart_between_recordings(tmp_path: Path) -> None:
    segments = [
        {"start": 0, "end": 1, "text": "Hi.", "speaker": name} for name in ("SPEAKER_00", "Ann Lee", "agent", "A")
    ]
    whisperx = json.dumps({"segments": segments})
    put(tmp_path, {"x.wav": "", "x.json": whisperx, "y.wav": "", "y.json": whisperx})
    speakers = read_corpus(tmp_path).utterances["speaker"].tolist()
    assert speakers == [
        *("x/SPEAKER_00", "Ann Lee", "x/agent", "x/A"),
        *("y/SPEAKER_00", "Ann Lee", "y/agent", "y/A"),
    ]


def test_what_cannot_be_used_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "good.wav": "",
            "good.mp4": "",
            "good.srt": SRT + "\n2\n00:00:03,000 --> never\nLost.\n",
            "alone.wav": "",
            "empty.wav": "",
            "empty.srt": "",
            "untimed.wav": "",
            "untimed.txt": "What was said.\n",
        },
    )
    corpus = read_corpus(tmp_path)
    assert corpus.utterances["audio"].tolist() == [str(tmp_path / "good.wav")]
    assert sorted(problem.kind for problem in corpus.problems) == [
        *("bad_cue", "bad_transcript", "bad_transcript"),
        *("duplicate_recording", "no_transcript"),
    ]


def test_folders_that_nobody_may_list_are_told(tmp_path: Path, forbid) -> None:
    put(tmp_path, {"a.wav": "", "a.srt": SRT, "deep/er/b.wav": "", "deep/er/b.srt": SRT, ".hidden/c.wav": ""})
    forbid(tmp_path / "deep" / "er")
    corpus = read_corpus(tmp_path)
    (problem,) = corpus.problems
    assert corpus.utterances["recording"].tolist() == ["a"]
    assert (problem.kind, problem.subject) == ("unreadable_folder", "deep/er")
    assert problem.detail == "what lies in this folder is left out: it cannot be listed (Permission denied)"


@pytest.mark.parametrize("extension", AUDIO_EXTENSIONS)
def test_extensions_of_recordings(tmp_path: Path, extension: str) -> None:
    put(tmp_path, {f"a{extension}": "", "a.srt": SRT})
    assert len(read_corpus(tmp_path).utterances) == 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no recordings in this folder"),
        ({"a.srt": SRT}, "no recordings in this folder"),
        (
            {"a.wav": "", "b.wav": "", "c.srt": SRT},
            r"none of 2 recordings has a readable transcript.*whisperx.*webvtt",
        ),
        ({"a.wav": "", "a.srt": ""}, "none of 1 recordings.*the first one found.*empty"),
        ({"a.wav": "", "a.vtt": "WEBVTT\n"}, "not one utterance can be used.*its transcripts are empty"),
    ],
)
def test_folders_that_hold_no_corpus(tmp_path: Path, files: dict[str, str], message: str) -> None:
    put(tmp_path, files)
    with pytest.raises(CorpusError, match=message):
        read_corpus(tmp_path)


@pytest.mark.real
def test_town_halls(shared: Path) -> None:
    corpus = read_corpus(shared / "data" / "townhall")
    table = corpus.utterances
    assert (corpus.layout, len(table), corpus.problems) == ("folder", 118, ())
    assert table["recording"].value_counts().tolist() == [53, 34, 31]
    assert (table["end"] > table["start"]).all()


def test_transcripts_are_read_as_what_they_are_said_to_be(tmp_path: Path) -> None:
    put(tmp_path, {"a.wav": "", "a.srt": "WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n"})
    assert read_corpus(tmp_path, transcript_format="webvtt").utterances["text"].tolist() == ["Hello."]
    with pytest.raises(CorpusError, match="none of 1 recordings has a readable transcript"):
        read_corpus(tmp_path, transcript_format="textgrid")
    with pytest.raises(OptionError, match="unknown transcript format 'docx'"):
        read_corpus(tmp_path, transcript_format="docx")
