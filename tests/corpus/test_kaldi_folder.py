"""Kaldi data folders: no command is ever run."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise.corpus import read_corpus
from tonewise.errors import CorpusError
from tonewise.records import Corpus


def wav(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros((1600, 2), dtype=np.float32), 16_000)


def put(folder: Path, **tables: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        (folder / name.replace("wav_scp", "wav.scp")).write_text(content, encoding="utf-8")
    return folder


def problems(corpus: Corpus) -> list[tuple[str, int]]:
    return [(problem.kind, problem.count) for problem in corpus.problems]


def test_segments_speakers_languages_and_channels(tmp_path: Path) -> None:
    wav(tmp_path / "audio" / "call one.wav")
    wav(tmp_path / "data" / "train" / "two.wav")
    folder = put(
        tmp_path / "data" / "train",
        wav_scp="call-A audio/call one.wav\ncall-B audio/call one.wav\ntwo two.wav\nlost nowhere.wav\n",
        segments="a1 call-A 0.5 2.5\nb1 call-B 1 -1\nc1 two 0 1.25\nd1 lost 0 1\ne1 two x 1\n",
        text="a1 HELLO THERE\nb1 Ça va ?\nc1 YES\nd1 GONE\ne1 BROKEN\nf1 NOWHERE\ng1\n",
        utt2spk="a1 ann\nb1 bob\nc1 ann\nd1 ann\n",
        utt2lang="b1 fr\n",
        spk2gender="ann f\nbob m\n",
        reco2file_and_channel="call-A call A\ncall-B call B\ntwo two A\n",
    )
    corpus = read_corpus(folder)
    table = corpus.utterances
    assert corpus.layout == "kaldi"
    assert table["text"].tolist() == ["HELLO THERE", "Ça va ?", "YES"]
    assert [Path(audio).name for audio in table["audio"]] == ["call one.wav", "call one.wav", "two.wav"]
    assert table["recording"].tolist() == ["call-A", "call-B", "two"]
    assert table["start"].tolist() == [0.5, 1.0, 0.0]
    assert table["end"].tolist()[::2] == [2.5, 1.25]
    assert np.isnan(table["end"][1])
    assert table["channel"].tolist() == [0, 1, 0]
    assert table["speaker"].tolist() == ["ann", "bob", "ann"]
    assert table["language"].tolist() == [None, "fr", None]
    assert table["gender"].tolist() == ["f", "m", "f"]
    assert problems(corpus) == [("bad_segment", 2), ("empty_cue", 1), ("missing_audio", 1)]


def test_without_segments_an_utterance_is_a_file(tmp_path: Path) -> None:
    wav(tmp_path / "u1.flac")
    table = read_corpus(put(tmp_path, wav_scp="u1 u1.flac\n", text="u1 hello\n")).utterances
    assert table[["recording", "text", "speaker", "channel"]].values.tolist() == [["u1", "hello", None, None]]
    assert table["start"].isna().all()


PIPES = ["sox x.wav -t wav - |", f"touch {'{folder}'}/ran |", "| gzip -dc x.gz"]


@pytest.mark.parametrize("command", PIPES)
def test_commands_are_never_run(tmp_path: Path, command: str) -> None:
    folder = put(tmp_path, wav_scp=f"u1 {command.format(folder=tmp_path)}\n", text="u1 hello\n")
    with pytest.raises(
        CorpusError, match="recording 'u1' by a command, and tonewise runs none: write the sound to files"
    ):
        read_corpus(folder)
    assert not (tmp_path / "ran").exists()
    assert read_corpus(folder, require_audio=False).utterances["text"].tolist() == ["hello"]


def test_pipes_and_archives_among_files_are_left_out(tmp_path: Path) -> None:
    wav(tmp_path / "u1.wav")
    folder = put(
        tmp_path, wav_scp="u1 u1.wav\nu2 cat u1.wav |\nu3 raw/wav.ark:1234\n", text="u1 one\nu2 two\nu3 three\n"
    )
    corpus = read_corpus(folder)
    assert corpus.utterances["text"].tolist() == ["one"]
    assert problems(corpus) == [("piped_audio", 1), ("archived_audio", 1)]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"wav_scp": "u1 u1.wav\n", "text": "u1 hello\n"}, "none of its 1 recordings is there"),
        ({"wav_scp": "u1 u1.wav\n", "text": ""}, "not one utterance can be used"),
        ({"segments": "u1 r 0 x\n", "text": "u1 hello\n"}, "no recording, start and end for utterance 'u1'"),
        ({"wav_scp": "\0", "text": "u1 hello\n"}, "binary"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, tables: dict[str, str], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(put(tmp_path, **tables))
