"""audformat databases: labels resolved, tables joined, pickles never opened."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from tonewise.corpus import read_corpus
from tonewise.corpus.audformat_tables import timedelta_seconds
from tonewise.errors import CorpusError

HEADER = """
name: calls
languages: [deu]
schemes:
  transcription: {dtype: str, labels: {a01: Der Lappen., a02: Das will sie.}}
  speaker: {dtype: int, labels: speaker}
  mood: {dtype: str, labels: [happy, sad]}
  rating: {dtype: float}
tables:
  files:
    type: filewise
    columns:
      speaker: {scheme_id: speaker}
      said: {scheme_id: transcription}
  mood:
    type: filewise
    columns:
      mood: {scheme_id: mood, rater_id: gold}
      mood.rating: {scheme_id: rating}
misc_tables:
  speaker:
    levels: {speaker: int}
    columns: {gender: {}, language: {}}
"""
FILES = "file,speaker,said\nwav/1.wav,3,a01\nwav/2.wav,4,a02\nwav/3.wav,3,a03\nwav/4.wav,3,\n"
MOOD = "file,mood,mood.rating\nwav/1.wav,happy,0.5\nwav/2.wav,sad,\n"
SPEAKERS = "speaker,gender,language\n3,female,\n4,male,eng\n"


def wav(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(1600, dtype=np.float32), 16_000)


def put(folder: Path, header: str = HEADER, **tables: str) -> Path:
    (folder / "db.yaml").write_text(header, encoding="utf-8")
    for name, content in tables.items():
        (folder / f"db.{name}.csv").write_text(content, encoding="utf-8")
    return folder


def test_labels_tables_and_speakers(tmp_path: Path) -> None:
    wav(tmp_path / "wav" / "1.wav")
    wav(tmp_path / "wav" / "2.wav")
    wav(tmp_path / "wav" / "3.wav")
    put(tmp_path, files=FILES, mood=MOOD, speaker=SPEAKERS)
    for path in (tmp_path, tmp_path / "db.yaml"):
        corpus = read_corpus(path)
        table = corpus.utterances
        assert (corpus.layout, corpus.problems) == ("audformat", ())
        assert table["text"].tolist() == ["Der Lappen.", "Das will sie.", "a03"]
        assert table["recording"].tolist() == ["wav/1", "wav/2", "wav/3"]
        assert table["speaker"].tolist() == ["3", "4", "3"]
        assert table["language"].tolist() == ["de", "en", "de"]
        assert table["start"].isna().all()
        assert table["mood"].tolist()[:2] == ["happy", "sad"]
        assert table["mood.rating"].tolist()[0] == 0.5
        assert table["gender"].tolist() == ["female", "male", "female"]


SEGMENTED = """
tables:
  segments: {type: segmented, columns: {transcription: {}, speaker: {}}}
"""


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_segments(tmp_path: Path, kind: str) -> None:
    wav(tmp_path / "call.wav")
    put(tmp_path, SEGMENTED)
    rows = pd.DataFrame(
        {
            "file": ["call.wav"] * 3,
            "start": pd.to_timedelta([0.25, 1.5, 90061.0], unit="s"),
            "end": pd.to_timedelta([1.5, None, 90062.5], unit="s"),
            "transcription": ["Hello, you.", "Bye.", "Late."],
            "speaker": ["ann", None, "ann"],
        }
    )
    path = tmp_path / f"db.segments.{kind}"
    rows.to_csv(path, index=False) if kind == "csv" else rows.to_parquet(path, index=False)
    table = read_corpus(tmp_path).utterances
    assert table["start"].tolist() == [0.25, 1.5, 90061.0]
    assert table["end"].tolist()[::2] == [1.5, 90062.5]
    assert np.isnan(table["end"][1])
    assert table["text"].tolist() == ["Hello, you.", "Bye.", "Late."]
    assert table["speaker"].tolist() == ["ann", None, "ann"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0 days 00:00:01.500000", 1.5),
        ("1 days 01:00:00", 90000.0),
        ("0 days", 0.0),
        ("00:00:02,5", 2.5),
        ("1.25", 1.25),
        ("-1 days +23:59:59", -1.0),
        (timedelta(seconds=1.5), 1.5),
        ("NaT", None),
        ("", None),
        (None, None),
        ("soon", None),
        (f"{'9' * 400} days", None),
    ],
)
def test_timedeltas(value: object, seconds: float | None) -> None:
    assert timedelta_seconds(value) == seconds


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    put(tmp_path, SEGMENTED)
    (tmp_path / "db.segments.pkl").write_bytes(b"cos\nsystem\n")
    with pytest.raises(CorpusError, match=r"db\.segments\.pkl is a pickle, and loading one runs code; save .*csv"):
        read_corpus(tmp_path)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("header", "tables", "message"),
    [
        ("name: x\n", {}, "no list of tables"),
        ("{a: " * 5000, {}, "cannot be read as YAML"),
        ("a" * 4_000_001, {}, "larger than 4 MB"),
        ("!!python/object/apply:os.system [ls]\n", {}, "cannot be read as YAML"),
        ("tables: {x: {}}\n" + LAUGHS, {}, r"db\.x\.csv is missing"),
        ("tables: {../../x: {}}\n", {}, "is no name of a table"),
        ("tables: {x: {}}\n", {"x": "file,mood\na.wav,happy\n"}, "no table has a column of what is said"),
        ("tables: {x: {}}\n", {"x": "file,text\na.wav,Hi.,more\n"}, "a row of 3 fields below a header of 2"),
        ("tables: {x: {}}\n", {"x": "file,text\na.wav,Hi.\n"}, "none of its 1 recordings is there"),
        (
            "tables: {x: 5}\nschemes: 7\nlanguages: 3\nmisc_tables: []\n",
            {"x": "file,text\n"},
            "not one utterance can be used",
        ),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, header: str, tables: dict[str, str], message: str) -> None:
    with pytest.raises(CorpusError, match=message) as caught:
        read_corpus(put(tmp_path, header, **tables))
    assert "\n" not in str(caught.value)
