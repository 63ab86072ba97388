"""WUW-II: telephone clips without headers and one table of all their words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tonewise.corpus import read_corpus
from tonewise.corpus.phone import plain_words
from tonewise.errors import CorpusError

HEADER = "# Date|Time|Gender|Dialect|Phonetype|Call|Utt. NO|File Name|Start Time|End Time|Ortho"
LINES = (
    "12.21.2001|03.51.06|male|nonNative|landlinephone|00000|006|A_006.ulaw|6.5|7.1|{breath} I'm +gonna say ^Operator [bang]",
    "12.21.2001|03.51.29|female|native|cellphone|00001|007|B_007.ulaw|0|0|(( )) _Wildfire_",
    "12.21.2001|03.51.29|female|native||00001|008|B_008.ulaw|0|0|[[skip]] {cough}",
)


def write(folder: Path, *lines: str, clips: tuple[str, ...] = ("A_006", "B_007", "B_008")) -> Path:
    (folder / "transcriptions.txt").write_text("\r\n".join([HEADER, *lines]) + "\r\n", encoding="utf-8")
    for clip in clips:
        (folder / f"{clip}.ulaw").write_bytes(np.full(8_000, 0xFF, dtype=np.uint8).tobytes())
    return folder


def test_one_row_a_clip(tmp_path: Path) -> None:
    for path in (write(tmp_path, *LINES), tmp_path / "transcriptions.txt"):
        corpus = read_corpus(path)
        table = corpus.utterances
        assert (corpus.layout, corpus.problems, len(table)) == ("phone", (), 3)
        assert table["text"].tolist() == ["I'm gonna say Operator", "Wildfire", None]
        assert table["speaker"].tolist() == table["recording"].tolist() == ["call_00000", "call_00001", "call_00001"]
        assert table["start"].isna().all() and table["end"].isna().all(), "its times are not the sentence's"
        assert table["gender"].tolist() == ["male", "female", "female"]
        assert table["phonetype"].tolist()[:2] == ["landlinephone", "cellphone"] and table["phonetype"].isna()[2]
        assert set(table["language"]) == {"en"} and Path(table["audio"][0]).name == "A_006.ulaw"


def test_what_is_missing_is_counted(tmp_path: Path) -> None:
    write(tmp_path, *LINES, "a line without bars", clips=("A_006",))
    corpus = read_corpus(tmp_path)
    assert len(corpus.utterances) == 1
    assert [(problem.kind, problem.count) for problem in corpus.problems] == [("bad_cue", 1), ("missing_audio", 2)]
    assert len(read_corpus(tmp_path, require_audio=False).utterances) == 3


def test_no_clips_and_other_tables(tmp_path: Path) -> None:
    write(tmp_path, *LINES, clips=())
    with pytest.raises(CorpusError, match="none of its 3 recordings is there"):
        read_corpus(tmp_path)
    (tmp_path / "transcriptions.txt").write_text("name|text\na|b\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no column 'audio'"):
        read_corpus(tmp_path / "transcriptions.txt")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{breath}+yes I would", "yes I would"),
        ("oh ^Nuance makes [bang] this", "oh Nuance makes this"),
        ("this is uh (( )) for", "this is uh for"),
        ("I'm *gonna s- go_", "I'm gonna s- go"),
        ("{a} [b] (( c ))", None),
    ],
)
def test_marks_are_no_words(written: str, said: str | None) -> None:
    assert plain_words(written) == said


@pytest.mark.real
def test_real_calls(shared: Path) -> None:
    corpus = read_corpus(shared / "data" / "phone")
    table = corpus.utterances
    assert (corpus.layout, corpus.problems, len(table)) == ("phone", (), 120)
    assert table["speaker"].nunique() == 24 and table["text"].notna().all()
    assert table["text"].iloc[-1] == "there's a show called the Voyager and it's a pretty good show"
    assert table["text"].iloc[7] == "I'm done now"
    assert not table["text"].str.contains(r"[{}\[\]()+^*_]").any()
    assert table["gender"].value_counts().to_dict() == {"male": 105, "female": 15}
    assert table["phonetype"].value_counts().to_dict() == {"landlinephone": 75, "cellphone": 30, "speakerphone": 15}
