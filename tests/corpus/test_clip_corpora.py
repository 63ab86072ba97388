"""Corpora of one clip a sentence: Common Voice, LJSpeech and its copies, Harper Valley's sides."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise.corpus import read_corpus
from tonewise.errors import CorpusError
from tonewise.records import Corpus


def wav(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(1600, dtype=np.float32), 16_000)


def problems(corpus: Corpus) -> list[tuple[str, int]]:
    return [(problem.kind, problem.count) for problem in corpus.problems]


COMMON_VOICE = (
    "client_id\tpath\tsentence\tup_votes\tage\tgender\taccents\n"
    "c1\tcommon_voice_de_1.wav\tSie sagte: „Ja.\t2\tthirties\tmale\tNA\n"
    'c2\tcommon_voice_de_2.wav\t"Quoted, and left open\t2\t\t\t\n'
    "c2\tcommon_voice_sv-SE_3.wav\tHej!\t2\t\tfemale\t\n"
    "c3\tcommon_voice_de_4.wav\t\t2\t\t\t\n"
)


def test_common_voice(tmp_path: Path) -> None:
    wav(tmp_path / "clips" / "common_voice_de_1.wav")
    wav(tmp_path / "clips" / "common_voice_sv-SE_3.wav")
    (tmp_path / "validated.tsv").write_text(COMMON_VOICE, encoding="utf-8")
    (tmp_path / "other.tsv").write_text("a\tb\n1\t2\n")
    for path in (tmp_path, tmp_path / "validated.tsv"):
        corpus = read_corpus(path)
        table = corpus.utterances
        assert corpus.layout == "common_voice"
        assert table["text"].tolist()[0] == "Sie sagte: „Ja."
        assert table["recording"].tolist() == ["common_voice_de_1", "common_voice_sv-SE_3"]
        assert table["speaker"].tolist() == ["c1", "c2"]
        assert table["language"].tolist() == ["de", "sv-SE"]
        assert table["gender"].tolist() == ["male", "female"]
        assert table["accents"].tolist() == [None, None]
        assert problems(corpus) == [("empty_cue", 1), ("missing_audio", 1)]


def test_common_voice_parts_are_one_corpus(tmp_path: Path) -> None:
    header, first, *_, last = COMMON_VOICE.splitlines(keepends=True)[:4]
    (tmp_path / "train.tsv").write_text(header + first, encoding="utf-8")
    (tmp_path / "dev.tsv").write_text(header + first + last, encoding="utf-8")
    assert len(read_corpus(tmp_path, require_audio=False).utterances) == 2


def test_first_releases_of_common_voice_name_no_extension(tmp_path: Path) -> None:
    wav(tmp_path / "a.mp3")
    (tmp_path / "x.tsv").write_text("client_id\tpath\tsentence\tlocale\nc1\ta\tHello.\ten\n")
    assert read_corpus(tmp_path / "x.tsv").utterances[["audio", "language"]].values.tolist() == [
        [str(tmp_path / "a.mp3"), "en"]
    ]


def test_a_line_of_common_voice_that_ends_early(tmp_path: Path) -> None:
    (tmp_path / "validated.tsv").write_text(COMMON_VOICE + "c5\tcommon_voice_de_5.wav\tEnde.\n", encoding="utf-8")
    table = read_corpus(tmp_path, require_audio=False).utterances
    assert table["text"].tolist()[-1] == "Ende."
    assert table[["age", "accents"]].iloc[-1].isna().all()


@pytest.mark.parametrize("folder", ["wavs", "wav", "."])
def test_ljspeech(tmp_path: Path, folder: str) -> None:
    wav(tmp_path / folder / "LJ001-0001.wav")
    wav(tmp_path / folder / "LJ001-0003.flac")
    content = 'LJ001-0001|In 1455, "he|In fourteen fifty-five, "he\nLJ001-0002|Two.|Two.\nLJ001-0003|Three.|\n'
    (tmp_path / "metadata.csv").write_text(content, encoding="utf-8")
    for path in (tmp_path, tmp_path / "metadata.csv"):
        corpus = read_corpus(path)
        assert corpus.layout == "ljspeech"
        assert corpus.utterances["text"].tolist() == ['In fourteen fifty-five, "he', "Three."]
        assert corpus.utterances["recording"].tolist() == ["LJ001-0001", "LJ001-0003"]
        assert corpus.utterances["speaker"].tolist() == [None, None]
        assert problems(corpus) == [("missing_audio", 1)]


def test_ids_of_ljspeech_may_have_dots(tmp_path: Path) -> None:
    wav(tmp_path / "wavs" / "ann.001.wav")
    wav(tmp_path / "wavs" / "ann.002.wav")
    (tmp_path / "metadata.csv").write_text("ann.001|One.\nann.002.wav|Two.\n")
    table = read_corpus(tmp_path).utterances
    assert table["recording"].tolist() == ["ann.001", "ann.002"], "they are two recordings"


def test_ljspeech_lines_without_a_text_are_counted(tmp_path: Path) -> None:
    wav(tmp_path / "wavs" / "a.wav")
    (tmp_path / "metadata.csv").write_text("a.wav|Hello.\nb.wav|\n" + "".join(f"c{n}|x\n" for n in range(30)) + "odd\n")
    corpus = read_corpus(tmp_path)
    assert corpus.utterances["text"].tolist() == ["Hello."]
    assert problems(corpus) == [("bad_cue", 2), ("missing_audio", 30)]


@pytest.mark.parametrize(
    "content", ["audio|text\na.wav|Hello.\n", "I like it|good\nNo I do not|bad\n", "a|b|c|d\n", "a|b\na|c\n"]
)
def test_other_tables_of_bars_are_not_mistaken(tmp_path: Path, content: str) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / "table.csv").write_text(content)
    try:
        assert read_corpus(tmp_path / "table.csv").layout != "ljspeech"
    except CorpusError as error:
        assert "no column 'audio'" in str(error)


def harper(folder: Path, segments: list[dict[str, object]], metadata: object = None) -> Path:
    for side in ("agent", "caller"):
        wav(folder / "audio" / side / "c1.wav")
    (folder / "transcript").mkdir()
    (folder / "transcript" / "c1.json").write_text(json.dumps(segments))
    if metadata is not None:
        (folder / "metadata").mkdir()
        (folder / "metadata" / "c1.json").write_text(json.dumps(metadata))
    return folder


def segment(role: str, offset: int, text: str) -> dict[str, object]:
    channel = 2 if role == "agent" else 1
    return {
        "channel_index": channel, "duration_ms": 1000, "human_transcript": text, "index": 1, "offset_ms": offset,
        "speaker_role": role, "start_ms": 0, "transcript": text,
    }  # fmt: skip


def test_harper_valley_sides_are_files(tmp_path: Path) -> None:
    segments = [segment("agent", 500, "hello this is the bank"), segment("caller", 2000, "hi there")]
    about = {"agent": {"speaker_id": 40}, "caller": {"speaker_id": 60}}
    corpus = read_corpus(harper(tmp_path / "data", segments, about).parent)
    table = corpus.utterances
    assert (corpus.layout, corpus.problems) == ("harpervalley", ())
    assert [Path(audio).parts[-2:] for audio in table["audio"]] == [("agent", "c1.wav"), ("caller", "c1.wav")]
    assert table["recording"].tolist() == ["c1", "c1"]
    assert table[["start", "end"]].values.tolist() == [[0.5, 1.5], [2.0, 3.0]]
    assert table["speaker"].tolist() == ["speaker_40", "speaker_60"]
    assert table["role"].tolist() == ["agent", "caller"]
    assert table["channel"].tolist() == [None, None]


@pytest.mark.parametrize("metadata", [None, [], {"agent": 5, "caller": {"speaker_id": True}}])
def test_harper_valley_without_metadata(tmp_path: Path, metadata: object) -> None:
    corpus = read_corpus(harper(tmp_path, [segment("agent", 0, "hello")], metadata))
    assert corpus.utterances["speaker"].tolist() == ["c1/agent"]


def test_harper_valley_with_broken_transcripts(tmp_path: Path) -> None:
    folder = harper(tmp_path, [segment("agent", 0, "hello")])
    (folder / "transcript" / "c1.json").write_text("{")
    with pytest.raises(CorpusError, match="invalid JSON"):
        read_corpus(folder)
