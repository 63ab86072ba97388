"""A downloaded copy of CMU-MOSEI: its transcripts' oddities, its folds, and every form its labels come in."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from tonewise.corpus import mosei, read_corpus
from tonewise.corpus.mosei_folds import find_folds, read_folds
from tonewise.corpus.mosei_gold import Gold, place_labels
from tonewise.corpus.mosei_labels import LabelFile, find_label_files, read_labels
from tonewise.errors import CorpusError, MissingExtraError

SDK_FOLDS = """standard_train_fold=['-3g5yACwYnA', '81406', 'a_b_']
standard_valid_fold=['valid1']
standard_test_fold=['test1', 'test2']
"""

# As the three kinds of lines look in the archive: a negative start, an overlap of a second, a video's own number.
TRANSCRIPT = (
    "-3g5yACwYnA___10___82.753___100.555___Key is part of the people.\n"
    "-3g5yACwYnA___2___4.84___14.052___We'll do it___really.\n"
    "-3g5yACwYnA___0___-0.4875___5.2___  I   love it. \n"
)


def transcript(copy: Path, video: str, text: str, encoding: str = "utf-8") -> None:
    folder = copy / "Transcript" / "Segmented" / "Combined"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{video}.txt").write_text(text, encoding=encoding)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The archive's folder `Raw` with one video, in a folder of its own."""
    folder = tmp_path / "CMU_MOSEI" / "Raw"
    transcript(folder, "-3g5yACwYnA", TRANSCRIPT)
    sound = folder / "Audio" / "Full" / "WAV_16000" / "-3g5yACwYnA.wav"
    sound.parent.mkdir(parents=True)
    soundfile.write(sound, np.zeros(1600, dtype=np.float32), 16_000)
    (folder / "Labels").mkdir()
    return folder


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def gold(copy: Path, *files: LabelFile) -> Gold:
    return place_labels(mosei.read(copy, require_audio=False).utterances, files)


def same(found: list[float], expected: list[float]) -> bool:
    return bool(np.allclose(found, expected, atol=1e-6, equal_nan=True))


# -- transcripts --------------------------------------------------------------------------------------------------------


def test_the_archive_is_known_by_itself_and_by_its_raw_folder(copy: Path):
    for path in (copy, copy.parent):
        corpus = read_corpus(path)
        assert corpus.layout == "mosei" and corpus.problems == ()
        assert corpus.utterances["text"].tolist() == [
            "Key is part of the people.",
            "We'll do it___really.",
            "I love it.",
        ]
        assert corpus.utterances["start"].tolist() == [82.753, 4.84, -0.4875]
        assert set(corpus.utterances["audio"]) == {str(mosei.sounds(copy)["-3g5yACwYnA"])}


def test_names_that_end_in_underscores_and_a_byte_order_mark(copy: Path):
    transcript(copy, "a_b_", "a_b____7___0.0___1.0___One.\r\na_b____8___1.0___2.0___Two.\r\n", "utf-8-sig")
    rows = read_corpus(copy, require_audio=False).utterances.query("recording == 'a_b_'")
    assert rows["segment"].tolist() == ["7", "8"] and rows["text"].tolist() == ["One.", "Two."]
    assert set(rows["speaker"]) == {"a_b_"}


def test_what_cannot_be_used_is_counted_by_kind(copy: Path):
    lines = [
        "v___0___0.0___1.0___Good.",
        "v___1___1.0___2.0___   ",
        "v___2___2.0___3.0___",
        "v___0___5.0___6.0___The same number.",
        "v___3___0.0___1.0___Good.",
        "v___4___zero___1.0___No time.",
        "v___5___1.0",
    ]
    transcript(copy, "v", "\n".join(lines))
    corpus = read_corpus(copy, require_audio=False)
    assert corpus.utterances.query("recording == 'v'")["text"].tolist() == ["Good."]
    counted = {problem.kind: problem.count for problem in corpus.problems}
    assert counted == {"empty_text": 2, "duplicate_segment": 2, "bad_cue": 2}


def test_files_that_are_no_transcripts(copy: Path):
    transcript(copy, "empty", "")
    transcript(copy, "._-3g5yACwYnA", "\0binary")
    assert set(mosei.transcripts(copy)) == {"-3g5yACwYnA", "empty"}
    assert [problem.kind for problem in read_corpus(copy).problems] == ["bad_transcript"]


# -- folds --------------------------------------------------------------------------------------------------------------


def test_the_sdks_file_is_parsed_and_never_run(tmp_path: Path):
    ran = tmp_path / "ran"
    source = f"open({str(ran)!r}, 'w')\nimport os\nother = [os.getcwd()]\nlimit = 3\n{SDK_FOLDS}"
    folds = read_folds([table(tmp_path / "cmu_mosei_std_folds.py", source)])
    assert folds.videos["-3g5yACwYnA"] == folds.videos["81406"] == "train"
    assert folds.videos["valid1"] == "valid" and folds.videos["test2"] == "test" and len(folds.videos) == 6
    assert folds.source == "cmu_mosei_std_folds.py" and not ran.exists()


def test_folds_as_json_as_text_files_and_as_their_folder(tmp_path: Path):
    lists = {"train": ["a", 81406], "dev": ["b"], "test": ["c"], "comment": "not a list"}
    found = read_folds([table(tmp_path / "folds.json", json.dumps(lists))])
    texts = tmp_path / "texts"
    texts.mkdir()
    files = [
        table(texts / f"mosei_{part}.txt", text)
        for part, text in (("train", "a\n81406\n"), ("val", "b\n"), ("test", "\ufeffc\r\n"))
    ]
    expected = {"a": "train", "81406": "train", "b": "valid", "c": "test"}
    assert found.videos == read_folds(files).videos == read_folds([texts]).videos == expected


def test_a_video_in_two_folds_is_in_none(tmp_path: Path):
    lists = {"train": ["a", "b", "b"], "valid": ["c"], "test": ["a", "d"]}
    folds = read_folds([table(tmp_path / "folds.json", json.dumps(lists))])
    assert folds.several == ("a",) and set(folds.videos) == {"b", "c", "d"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("folds.py", "standard_train_fold = ['a']", "no list of videos for valid and test"),
        ("folds.py", SDK_FOLDS.replace("['valid1']", "list(open('x'))"), "its lists cannot be read"),
        ("folds.py", SDK_FOLDS.replace("['valid1']", "[" * 500), "its lists cannot be read"),
        ("folds.py", "standard_train_fold = [1.5]", "a fold is a list of videos' names"),
        ("folds.json", "[1, 2]", "holds no lists by name"),
        ("folds.json", "{", "not JSON"),
        ("folds.json", '{"train": "abc"}', "a fold is a list of videos' names"),
        ("train.txt", "a\nb\n", "no list of videos for valid and test"),
        ("folds.json", "", "the file is empty"),
    ],
)
def test_bad_folds(tmp_path: Path, name: str, text: str, message: str):
    with pytest.raises(CorpusError, match=message):
        read_folds([table(tmp_path / name, text)])


def test_missing_folds(tmp_path: Path):
    with pytest.raises(CorpusError, match="No such file"):
        read_folds([tmp_path / "gone.py"])
    with pytest.raises(CorpusError, match="no list of videos"):
        read_folds([tmp_path])


def test_the_sdks_file_is_found_in_the_copy_and_beside_it(copy: Path):
    assert find_folds(copy) is None
    beside = table(copy.parent / "cmu_mosei_std_folds.py", SDK_FOLDS)
    assert find_folds(copy) == beside
    inside = table(copy / "cmu_mosei_std_folds.py", SDK_FOLDS)
    assert find_folds(copy) == inside


# -- labels -------------------------------------------------------------------------------------------------------------

RATINGS = (
    '"HITId","Title","AssignmentId","AssignmentStatus","Input.VIDEO_ID","Input.CLIP","Answer.anger","Answer.sentiment"\n'
    '"h1","Rate, please","a1","Approved","-3g5yACwYnA","10","0","1"\n'
    '"h1","Rate, please","a2","Approved","-3g5yACwYnA","10","0","1"\n'
    '"h1","Rate, please","a3","Submitted","pom/-3g5yACwYnA","10","0","2"\n'
    '"h1","Rate, please","a4","Rejected","-3g5yACwYnA","10","0","-3"\n'
    '"h2","Rate, please","a5","Approved","-3g5yACwYnA","0","0",""\n'
    '"h2","Rate, please","a6","Approved","-3g5yACwYnA","0","0","-1"\n'
    '"h3","Rate, please","a7","Approved","-3g5yACwYnA","99","0","3"\n'
    '"h4","Rate, please","a8","Approved","elsewhere","1","0","3"\n'
)


def test_ratings_are_averaged_over_raters(copy: Path):
    file = read_labels(table(copy / "Labels" / "5000_batch_raw.csv", "\ufeff" + RATINGS))
    assert file.kind == "ratings" and file.left_out == {"rejected": 1, "unlabelled": 1}
    found = gold(copy, file)
    assert same(found.sentiment, [4 / 3, math.nan, -1.0]) and found.used == (2,)
    (problem,) = found.problems
    assert (problem.kind, problem.count) == ("label_without_segment", 1) and "-3g5yACwYnA 99" in problem.detail


def test_an_answer_that_is_in_two_files_counts_once(copy: Path):
    first = read_labels(table(copy / "Labels" / "a.csv", RATINGS))
    head, *rows = RATINGS.splitlines()
    again = "\n".join([head, rows[2], '"h9","t","a9","Approved","-3g5yACwYnA","10","0","-3"'])
    second = read_labels(table(copy / "Labels" / "b.csv", again))
    found = gold(copy, first, second)
    assert found.sentiment[0] == pytest.approx((1 + 1 + 2 - 3) / 4) and found.used == (2, 1)


def test_the_compact_table_goes_by_the_segments_number(copy: Path):
    text = (
        "video_id,clip_id,text,label,label_T,annotation,mode\n"
        "-3g5yACwYnA,0010,KEY IS PART OF THE PEOPLE,1.3333334,,Positive,train\n"
        "-3g5yACwYnA,2,we'll do it,-0.66,,Negative,train\n"
        "-3g5yACwYnA,0,quite another sentence,2.0,,Positive,train\n"
    )
    file = read_labels(table(copy / "label.csv", text))
    found = gold(copy, file)
    assert file.kind == "table" and {label.fold for label in file.labels} == {"train"}
    assert same(found.sentiment, [1.333333, -0.66, math.nan])
    assert [(problem.kind, problem.count) for problem in found.problems] == [("other_text", 1)]


def test_a_table_with_times_goes_by_them_and_not_by_its_own_numbers(copy: Path):
    text = (
        ",file,index,start,end,label2a,label2b,label6,label7,split\n"
        "0,-3g5yACwYnA,0,82.753,100.555,1,1,0,1,0\n"
        "1,-3g5yACwYnA,1,-0.49,5.2,0,-1,0,-2,3\n"
        "2,-3g5yACwYnA,2,4.84,13.0,1,1,0,3,0\n"
    )
    file = read_labels(table(copy / "CMU_MOSEI_Labels.csv", text))
    found = gold(copy, file)
    assert [label.fold for label in file.labels] == ["train", None, "train"]
    assert same(found.sentiment, [1.0, math.nan, -2.0])
    assert found.problems[0].kind == "label_without_segment" and "4.84 s" in found.problems[0].detail


def test_parquet_with_start_time_and_end_time(copy: Path):
    rows = {"video": ["-3g5yACwYnA"], "start_time": [4.84], "end_time": [14.052], "sentiment": [-0.5], "happy": [0.0]}
    pd.DataFrame(rows).to_parquet(copy / "labels.parquet")
    assert same(gold(copy, read_labels(copy / "labels.parquet")).sentiment, [math.nan, -0.5, math.nan])


def test_the_computational_sequence_is_what_counts(copy: Path):
    h5py = pytest.importorskip("h5py", reason="HDF5 files need the extra `mosei`")
    path = copy.parent / "CMU_MOSEI_Labels.csd"
    with h5py.File(path, "w") as file:
        video = file.create_group("All Labels/data/-3g5yACwYnA")
        video["intervals"] = np.array([[4.84, 14.052], [82.753, 100.555]])
        video["features"] = np.array([[-1.5, 0, 0, 0, 0, 0, 0], [np.nan, 0, 0, 0, 0, 0, 0]], dtype=np.float32)
    ratings = read_labels(table(copy / "Labels" / "raw.csv", RATINGS))
    (sequence,) = [read_labels(file) for file in find_label_files(copy) if file.suffix == ".csd"]
    found = gold(copy, ratings, sequence)
    assert same(found.sentiment, [4 / 3, -1.5, -1.0]) and found.used == (2, 1)
    # Emotions alone: the first number is not the sentiment.
    with h5py.File(path, "w") as file:
        video = file.create_group("Emotion Labels/data/-3g5yACwYnA")
        video["intervals"], video["features"] = np.zeros((1, 2)), np.zeros((1, 6))
    with pytest.raises(CorpusError, match="6 numbers a segment"):
        read_labels(path)
    with h5py.File(path, "w") as file:
        file.create_group("All Labels/data/-3g5yACwYnA/intervals")
    with pytest.raises(CorpusError, match="not a computational sequence"):
        read_labels(path)
    path.write_text("not HDF5")
    with pytest.raises(CorpusError, match="not a computational sequence"):
        read_labels(path)


def test_the_computational_sequence_without_h5py(copy: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"tonewise\[mosei\]"):
        read_labels(copy / "CMU_MOSEI_Labels.csd")


def test_only_tables_of_labels_are_found(copy: Path):
    table(copy / "Labels" / "raw.csv", RATINGS)
    table(copy / "label.csv", "video_id,clip_id,label\nv,0,1\n")
    table(copy / "manifest.csv", "audio,start,end,text,speaker,recording,language,sentiment,split\n")
    table(copy / "Labels" / "README.txt", "These are labels.\n")
    table(copy / "Labels" / "._raw.csv", RATINGS)
    assert [file.name for file in find_label_files(copy)] == ["label.csv", "raw.csv"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video_id,label\nv,1\n", "no table of CMU-MOSEI's labels .columns: video_id, label."),
        ("video_id,clip_id,label\nv,0,Positive\n", "not one of its labels is a number"),
        ("video_id,clip_id,label\nv,0,6\nv,1,1\n", "outside −3 to 3, such as 6; it is another scale"),
        ("", "no table of CMU-MOSEI's labels"),
    ],
)
def test_bad_labels(tmp_path: Path, text: str, message: str):
    with pytest.raises(CorpusError, match=message):
        read_labels(table(tmp_path / "labels.csv", text))
    with pytest.raises(CorpusError, match="no such file"):
        read_labels(tmp_path / "gone.csv")


def test_one_slip_among_many_labels_is_left_out(tmp_path: Path):
    rows = "".join(f"v,{clip},1\n" for clip in range(200))
    file = read_labels(table(tmp_path / "labels.csv", f"video_id,clip_id,label\n{rows}v,200,33\n"))
    assert len(file.labels) == 200 and file.left_out == {"off_scale": 1}
