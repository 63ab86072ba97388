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


def kinds(corpus: Corpus) -> list[tuple[str, int]]:
    return [(problem.kind, problem.count) for problem in corpus.problems]


def call(folder: Path, clips: list[str], sentences: list[str]) -> None:
    for clip in clips:
        wav(folder / "Audio" / f"{clip}.wav")
    (folder / "Text.txt").write_text("\n".join(sentences) + "\n\n", encoding="utf-8")


def test_earnings_clips_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    call(
        tmp_path / "Acme_2017",
        ["Ann_1_10", "Ann_1_2", "Bob_T_2_1", "Ann_10_1"],
        ["one-two", "one-ten", "two", "ten"],
    )
    for path in (tmp_path, tmp_path / "Acme_2017"):
        corpus = read_corpus(path)
        table = corpus.utterances
        assert (corpus.layout, corpus.problems) == ("earnings", ())
        assert [Path(audio).stem for audio in table["audio"]] == [
            "Ann_1_2",
            "Ann_1_10",
            "Bob_T_2_1",
            "Ann_10_1",
        ]
        assert table["text"].tolist() == ["one-two", "one-ten", "two", "ten"]
        assert table["speaker"].tolist() == ["Ann", "Ann", "Bob_T", "Ann"]
        assert set(table["recording"]) == {"Acme_2017"}
        assert table["start"].isna().all()


@pytest.mark.parametrize(
    ("clips", "kind"),
    [
        (["Ann_1_1", "Ann_1_2", "Ann_1_3"], "count_mismatch"),
        (["Ann_1_1"], "count_mismatch"),
        (["Ann_1_1", "Bob_1_1"], "unknown_order"),
        (["Ann_1_1", "intro"], "unknown_order"),
    ],
)
def test_earnings_never_guesses(tmp_path: Path, clips: list[str], kind: str) -> None:
    call(tmp_path / "bad", clips, ["one", "two"])
    with pytest.raises(CorpusError, match="no call can be read"):
        read_corpus(tmp_path)
    call(tmp_path / "good", ["Ann_1_1"], ["one"])
    corpus = read_corpus(tmp_path)
    assert len(corpus.utterances) == 1
    assert [(problem.kind, problem.subject, problem.count) for problem in corpus.problems] == [
        (kind, "bad", len(clips))
    ]


def test_earnings_with_an_empty_text(tmp_path: Path) -> None:
    call(tmp_path, ["Ann_1_1"], [])
    with pytest.raises(CorpusError, match="the file is empty"):
        read_corpus(tmp_path)


@pytest.mark.real
def test_real_earnings_pair_long_clips_with_long_sentences(shared: Path) -> None:
    corpus = read_corpus(shared / "data" / "earnings")
    table = corpus.utterances
    assert len(table) == 292
    assert [(problem.kind, problem.subject) for problem in corpus.problems] == [
        ("count_mismatch", "Amazon.com Inc._20170202")
    ]
    assert table.groupby("recording").size().to_dict() == {
        "3M Company_20170425": 179,
        "Twitter, Inc._20170209": 113,
    }
    for _, rows in table.groupby("recording"):
        seconds = [soundfile.info(audio).duration for audio in rows["audio"]]
        assert np.corrcoef(seconds, rows["text"].str.len())[0, 1] > 0.95


@pytest.fixture(params=["Audio/Full/WAV_16000", "Audio/WAV_16000"])
def mosei(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    transcripts = tmp_path / "Transcript" / "Segmented" / "Combined"
    transcripts.mkdir(parents=True)
    (transcripts / "vid_A-1.txt").write_text(
        "vid_A-1___0___-0.015___7.31___I liked it___really.\n"
        "vid_A-1___1___7.31___9.5___  It was  good. \nvid_A-1___2___x___9.5___Broken.\n\n",
        encoding="utf-8",
    )
    (transcripts / "vidB.txt").write_text("vidB___0___0.0___1.0___Gone.\nvidB___1___1.0___2.0___Gone.\n")
    wav(tmp_path / request.param / "vid_A-1.wav")
    return tmp_path


def test_mosei(mosei: Path) -> None:
    corpus = read_corpus(mosei)
    table = corpus.utterances
    assert corpus.layout == "mosei"
    assert table["text"].tolist() == ["I liked it___really.", "It was good."]
    assert table[["start", "end"]].to_numpy().tolist() == [[-0.015, 7.31], [7.31, 9.5]]
    assert set(table["recording"]) == set(table["speaker"]) == {"vid_A-1"}
    assert table["segment"].tolist() == ["0", "1"]
    assert all(Path(audio).is_file() for audio in table["audio"])
    assert kinds(corpus) == [("bad_cue", 1), ("missing_audio", 2)]


def test_mosei_for_its_words(mosei: Path) -> None:
    table = read_corpus(mosei, require_audio=False).utterances
    assert table["text"].tolist() == ["Gone.", "Gone.", "I liked it___really.", "It was good."]
    assert table["audio"].isna().tolist() == [True, True, False, False]


def test_mosei_without_sound(mosei: Path) -> None:
    for sound in mosei.rglob("*.wav"):
        sound.unlink()
    with pytest.raises(CorpusError, match="no utterance of CMU-MOSEI can be read"):
        read_corpus(mosei)


HEADER = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\r\n"
ROWS = (
    '1,"Oh my God, he’s lost it.",Phoebe,sadness,negative,0,0,4,7,"00:20:57,256","00:21:00,049"\r\n'
    '2,What?,Monica,surprise,negative,0,1,4,7,"00:21:01,927","00:21:03,261"\r\n'
    '3,None,Ross,neutral,neutral,10,0,4,4,"00:12:24,660","00:12:30,915"\r\n'
)


def meld(folder: Path, name: str, clips: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(HEADER + ROWS, encoding="utf-8", newline="")
    for clip in clips:
        wav(folder / clip)
    return path


def test_meld(tmp_path: Path) -> None:
    table_path = meld(
        tmp_path,
        "any.csv",
        ["dia0_utt0.wav", "clips/dia10_utt0.flac", "clips/dia9_utt9.wav", "._dia0_utt1.wav"],
    )
    for path in (tmp_path, table_path):
        corpus = read_corpus(path)
        table = corpus.utterances
        assert (corpus.layout, corpus.source) == ("meld", str(path))
        assert table["audio"].tolist() == [
            str(tmp_path / "dia0_utt0.wav"),
            str(tmp_path / "clips" / "dia10_utt0.flac"),
        ]
        assert table["recording"].tolist() == ["dia0", "dia10"]
        assert table["speaker"].tolist() == ["Phoebe", "Ross"]
        assert table["text"].tolist() == ["Oh my God, he’s lost it.", "None"]
        assert table["sentiment"].tolist() == ["negative", "neutral"]
        assert table["emotion"].tolist() == ["sadness", "neutral"]
        assert table["start"].isna().all() and table["end"].isna().all()
        assert kinds(corpus) == [("missing_audio", 1)]


def test_meld_clips_in_a_folder_that_nobody_may_list(tmp_path: Path, forbid) -> None:
    meld(tmp_path, "any.csv", ["dia0_utt0.wav", "clips/dia10_utt0.flac"])
    forbid(tmp_path / "clips")
    assert kinds(read_corpus(tmp_path)) == [("unreadable_folder", 1), ("missing_audio", 2)]


def test_meld_splits_number_their_dialogues_anew(tmp_path: Path) -> None:
    meld(tmp_path, "train_sent_emo.csv", ["train_splits/dia0_utt0.wav", "train_splits/dia0_utt1.wav"])
    meld(tmp_path, "test_sent_emo.csv", ["output_repeated_splits_test/dia0_utt0.wav"])
    corpus = read_corpus(tmp_path)
    table = corpus.utterances
    assert [Path(audio).parent.name for audio in table["audio"]] == [
        "output_repeated_splits_test",
        *["train_splits"] * 2,
    ]
    assert table["recording"].tolist() == ["test_sent_emo/dia0", "train_sent_emo/dia0", "train_sent_emo/dia0"]
    assert kinds(corpus) == [("missing_audio", 2), ("missing_audio", 1)]


def test_meld_clips_of_one_name_are_not_guessed(tmp_path: Path) -> None:
    meld(tmp_path, "any.csv", ["x/dia0_utt0.wav", "y/dia0_utt0.wav", "x/dia0_utt1.wav"])
    corpus = read_corpus(tmp_path)
    assert corpus.utterances["text"].tolist() == ["What?"]
    assert kinds(corpus) == [("ambiguous_audio", 1), ("missing_audio", 1)]


def test_meld_without_clips(tmp_path: Path) -> None:
    path = meld(tmp_path, "dev_sent_emo.csv", ["train_splits/dia0_utt0.wav"])
    with pytest.raises(CorpusError, match=r"no clip dia\{D\}_utt\{U\} for 3 of 3 lines"):
        read_corpus(path)
    table = read_corpus(path, require_audio=False).utterances
    assert table["text"].tolist() == ["Oh my God, he’s lost it.", "What?", "None"]
    assert table["audio"].tolist() == [None, None, None]


@pytest.mark.real
def test_real_meld_table(shared: Path) -> None:
    corpus = read_corpus(shared / "data" / "transcripts" / "meld-csv" / "a.csv", require_audio=False)
    assert (corpus.layout, len(corpus.utterances)) == ("meld", 39)
    assert corpus.utterances["sentiment"].iloc[0] == "negative"
