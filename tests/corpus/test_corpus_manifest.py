import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tonewise.corpus import layouts, read_corpus
from tonewise.errors import CorpusError
from tonewise.records import UTTERANCE_COLUMNS, Corpus


def sounds(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")  # a corpus looks at names; what they hold is for the decoder


def manifest(folder: Path, content: str | bytes, name: str = "corpus.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def kinds(corpus: Corpus) -> dict[str, int]:
    return {problem.kind: problem.count for problem in corpus.problems}


def check_shape(corpus: Corpus) -> None:
    table = corpus.utterances
    assert tuple(table.columns[: len(UTTERANCE_COLUMNS)]) == UTTERANCE_COLUMNS
    assert table.index.equals(pd.RangeIndex(len(table)))
    for name in UTTERANCE_COLUMNS:
        assert table[name].dtype == (np.float64 if name in ("start", "end") else object)
        if name not in ("start", "end"):
            assert not any(isinstance(value, float) for value in table[name])


def test_all_columns(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav", "sub/b.wav")
    path = manifest(
        tmp_path,
        "Audio,start,end,text,speaker,recording,channel,language,gold,age\n"
        'a.wav,0.5,1.5,"Hello, you.",007,call 1,1,nan,positive,31\n'
        "sub/b.wav,,,NA,,,,,,\n",
    )
    corpus = read_corpus(str(path))
    check_shape(corpus)
    assert (corpus.source, corpus.layout, corpus.problems) == (str(path), "manifest", ())
    first, second = corpus.utterances.to_dict("records")
    assert first == {
        "audio": str(tmp_path / "a.wav"),
        "recording": "call 1",
        "start": 0.5,
        "end": 1.5,
        "channel": 1,
        "speaker": "007",
        "language": "nan",
        "text": "Hello, you.",
        "gold": "positive",
        "age": 31.0,
    }
    assert second["audio"] == str(tmp_path / "sub" / "b.wav")
    assert (second["recording"], second["text"]) == ("sub/b", "NA")
    assert math.isnan(second["start"]) and math.isnan(second["end"])
    assert [second[name] for name in ("channel", "speaker", "language")] == [None, None, None]
    assert corpus.utterances["age"].dtype == np.float64


def test_audio_alone_is_enough(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav", "b.wav")
    corpus = read_corpus(manifest(tmp_path, "audio\na.wav\n./b.wav\n"))
    check_shape(corpus)
    assert corpus.utterances["recording"].tolist() == ["a", "b"]
    assert corpus.utterances["text"].tolist() == [None, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    sounds(tmp_path, "a.wav")
    rows = (
        [["audio", "text", "a,b"], ["a.wav", "déjà", "x"]]
        if delimiter != ","
        else [["audio", "text"], ["a.wav", "déjà"]]
    )
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    corpus = read_corpus(manifest(tmp_path, content))
    assert corpus.utterances["text"].tolist() == ["déjà"]


def test_decimal_comma_between_semicolons(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    corpus = read_corpus(manifest(tmp_path, "audio;start;end\na.wav;0,5;1,25\n"))
    assert corpus.utterances[["start", "end"]].to_numpy().tolist() == [[0.5, 1.25]]


def test_parquet_equals_csv(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    frame = pd.DataFrame(
        {
            "audio": ["a.wav", "a.wav"],
            "start": [0.0, None],
            "end": [1.0, None],
            "channel": pd.array([1, None], dtype="Int64"),
            "speaker": pd.array([7, None], dtype="Int64"),
            "text": pd.Categorical(["Hello", None]),
            "score": [0.5, 1.5],
        },
        index=["x", "y"],
    )
    frame.to_parquet(tmp_path / "corpus.parquet")
    frame.to_csv(tmp_path / "corpus.csv", index=False)
    from_parquet, from_csv = (read_corpus(tmp_path / f"corpus.{kind}") for kind in ("parquet", "csv"))
    check_shape(from_parquet)
    assert from_parquet.utterances["speaker"].tolist() == ["7", None]
    assert from_parquet.utterances["channel"].tolist() == [1, None]
    pd.testing.assert_frame_equal(from_parquet.utterances, from_csv.utterances)


def test_what_is_wrong_in_rows_is_counted(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    path = manifest(
        tmp_path,
        "audio,start,end,channel,text\na.wav,0,1,0,good\nb.wav,0,1,0,missing\n,0,1,0,missing\na.wav,x,1,0,time\n"
        "a.wav,nan,1,0,time\na.wav,0,inf,0,time\na.wav,0,1,agent,channel\na.wav,0,1,-1,channel\na.wav,2,3,1.0,good\n"
        "file:///a.wav,0,1,0,missing\n",
    )
    corpus = read_corpus(path)
    check_shape(corpus)
    assert corpus.utterances["text"].tolist() == ["good", "good"]
    assert corpus.utterances["channel"].tolist() == [0, 1]
    assert sorted((problem.kind, problem.count) for problem in corpus.problems) == [
        ("bad_channel", 2),
        ("bad_time", 1),
        ("bad_time", 2),
        ("missing_audio", 3),
    ]


def test_label_keeps_every_row_in_order(tmp_path: Path) -> None:
    path = manifest(tmp_path, "audio,start,text,channel\nb.wav,x,one,agent\na.wav,0,two,1\n,,three,\n")
    corpus = read_corpus(path, require_audio=False)
    check_shape(corpus)
    assert corpus.utterances["text"].tolist() == ["one", "two", "three"]
    assert corpus.utterances["audio"].tolist() == [str(tmp_path / "b.wav"), str(tmp_path / "a.wav"), None]
    assert corpus.utterances["channel"].tolist() == [None, 1, None]
    assert kinds(corpus) == {"bad_time": 1, "bad_channel": 1}


def test_text_table(tmp_path: Path) -> None:
    path = manifest(tmp_path, "text,sentiment,speaker\nNull,neutral,1\n,positive,2\nHi,negative,\n")
    corpus = read_corpus(path, require_audio=False)
    check_shape(corpus)
    assert corpus.layout == "text"
    assert corpus.utterances["text"].tolist() == ["Null", None, "Hi"]
    assert corpus.utterances["speaker"].tolist() == ["1", "2", None]
    assert corpus.utterances["sentiment"].tolist() == ["neutral", "positive", "negative"]
    with pytest.raises(CorpusError, match=r"no column 'audio' \(columns: text, sentiment, speaker\).*tonewise label"):
        read_corpus(path)


def test_second_column_of_a_name_is_kept_under_another(tmp_path: Path) -> None:
    corpus = read_corpus(manifest(tmp_path, "text,text,Text,\na,b,c,d\n"), require_audio=False)
    assert corpus.utterances["text"].tolist() == ["a"]
    assert corpus.utterances.columns[-3:].tolist() == ["text.2", "Text", "column_4"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"audio,text\n", "no rows"),
        (b"path,start\na.wav,1\n", r"no column 'audio' \(columns: path, start\)"),
        (b"audio,text\nb.wav,hi\nc.wav,hi\n", r"none of its 2 recordings is there \(such as 'b.wav'\)"),
        (b"audio,text\n,hi\n", "the column 'audio' is empty"),
        (b"audio,text\na.wav,hi\na.wav,hi, there\n", "put texts with ',' in quotes"),
        (b"audio,text\na.wav,hi, there\na.wav,hi, you\n", "more fields than the header"),
        (b'audio,text\na.wav,"hi\na.wav,hi\n', "cannot be read as a table"),
        (b"RIFF\0\0\0\0WAVE", "binary"),
        (
            b"audio,start\na.wav,x\n",
            "not one utterance can be used.*no number of seconds in 'start', such as 'x'",
        ),
    ],
)
def test_what_is_no_manifest(tmp_path: Path, content: bytes, message: str) -> None:
    sounds(tmp_path, "a.wav")
    with pytest.raises(CorpusError, match=message) as caught:
        read_corpus(manifest(tmp_path, content))
    assert "corpus.csv" in str(caught.value)


def test_broken_parquet(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read as Parquet"):
        read_corpus(manifest(tmp_path, b"PAR1 and no more", "corpus.parquet"))


def test_what_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file or folder"):
        read_corpus(tmp_path / "none.csv")
    with pytest.raises(CorpusError, match="a recording; give its folder"):
        read_corpus(manifest(tmp_path, b"RIFF", "call.wav"))
    with pytest.raises(CorpusError, match="no known corpus layout"):
        read_corpus(manifest(tmp_path, b"{}", "call.json"))


def test_layout_names() -> None:
    known = ("mosei", "earnings", "meld", "harpervalley", "audformat", "lhotse", "kaldi", "phone")
    assert layouts() == (*known, "common_voice", "ljspeech", "text", "manifest", "folder")


@pytest.mark.real
def test_tone_benchmark(shared: Path) -> None:
    corpus = read_corpus(shared / "data" / "acted.csv")
    check_shape(corpus)
    table = corpus.utterances
    assert (corpus.layout, len(table), corpus.problems) == ("manifest", 7355, ())
    assert table.columns[8:].tolist() == ["corpus", "emotion", "polarity", "spoken_text", "sentence"]
    assert set(table["language"]) == {"pl", "am", "ur"}
    assert table["start"].isna().all()


@pytest.mark.real
def test_dialogue_lines(shared: Path) -> None:
    corpus = read_corpus(shared / "data" / "dialogue_sentiment.csv", require_audio=False)
    check_shape(corpus)
    assert (corpus.layout, len(corpus.utterances)) == ("text", 9978)
    assert set(corpus.utterances["sentiment"]) == {"positive", "negative", "neutral"}
