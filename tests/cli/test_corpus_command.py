"""`tonewise corpus mosei`: what a copy lacks, in numbers and names, and a manifest that can be trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner, Result

from command_runs import run as command
from tonewise.cli import main
from tonewise.pipeline.corpora import check_mosei

RATE = 16_000
VIDEOS = [f"{name}-_{number}" for number, name in enumerate(("ab", "cd", "ef", "gh", "ij", "kl", "mn", "op"))]
HAPPY, UPSET = "I love this wonderful place ___ really.", "I hate this terrible place."


def run(*arguments: object, expect: int = 0) -> Result:
    return command("corpus", "mosei", *arguments, expect=expect)


def sentence(pitch: float, random: np.random.Generator) -> np.ndarray:
    time = np.arange(RATE) / RATE
    wave = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 5))
    return (0.2 * wave + 0.01 * random.normal(size=RATE)).astype(np.float32)


def write_video(raw: Path, video: str, random: np.random.Generator, ratings: list[str]) -> None:
    """Eight sentences of a second, happy ones high and upset ones low; they overlap, and stick out at both ends."""
    lines, pieces = [], []
    for clip in range(8):
        happy = clip % 2 == 0
        pieces.append(sentence((260 if happy else 140) * (1 + 0.1 * random.normal()), random))
        start = clip - 0.4875 if clip == 0 else clip - 0.05
        lines.append(f"{video}___{clip}___{start}___{clip + 1.25}___{HAPPY if happy else UPSET}")
        for rater, extra in enumerate((0, 1, 0)):
            score = (1 + extra) * (1 if happy else -1) if clip < 7 else (-1, 0, 1)[rater]
            ratings.append(f"{video}{clip}{rater},Approved,{video},{clip},{score}")
    lines += [f"{video}___8___{8.3}___9.5___After the end.", f"{video}___9___3.0___2.0___Backwards."]
    (raw / "Transcript/Segmented/Combined" / f"{video}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    soundfile.write(raw / "Audio/Full/WAV_16000" / f"{video}.wav", np.concatenate(pieces), RATE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive's layout: eight whole videos, one without sound, one without transcript, one without labels."""
    raw = tmp_path_factory.mktemp("CMU_MOSEI") / "Raw"
    for folder in ("Transcript/Segmented/Combined", "Audio/Full/WAV_16000", "Labels"):
        (raw / folder).mkdir(parents=True)
    random = np.random.default_rng(0)
    ratings = ["AssignmentId,AssignmentStatus,Input.VIDEO_ID,Input.CLIP,Answer.sentiment"]
    for video in VIDEOS:
        write_video(raw, video, random, ratings)
    write_video(raw, "unlabelled", random, [])
    (raw / "Transcript/Segmented/Combined" / "silent.txt").write_text("silent___0___0.0___1.0___I love it.\n")
    soundfile.write(raw / "Audio/Full/WAV_16000" / "wordless.wav", sentence(200, random), RATE)
    ratings += ["x,Approved,silent,0,1", "y,Approved,mosi_video,0,1"]
    (raw / "Labels" / "5000_batch_raw.csv").write_text("\n".join(ratings) + "\n", encoding="utf-8")
    return raw


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sdk") / "cmu_mosei_std_folds.py"
    train, valid, test = [*VIDEOS[:5], "silent"], [VIDEOS[5]], [*VIDEOS[6:], "7l3BNtSE0xc"]
    file.write_text(f"standard_train_fold={train}\nstandard_valid_fold={valid}\nstandard_test_fold={test}\n")
    return file


def test_what_is_missing_is_counted_and_named(copy: Path, folds: Path):
    found = json.loads(run(copy, "--folds", folds, "--json").stdout)
    assert found["videos"] == {"known": 12, "complete": 8}
    assert found["missing"] == {
        "transcript": {"videos": 2, "examples": ["7l3BNtSE0xc", "wordless"]},
        "audio": {"videos": 2, "examples": ["7l3BNtSE0xc", "silent"]},
        "labels": {"videos": 3, "examples": ["7l3BNtSE0xc", "unlabelled", "wordless"]},
        "fold": {"videos": 2, "examples": ["unlabelled", "wordless"]},
    }
    assert found["elsewhere"] == {"videos": 1, "examples": ["mosi_video"]}
    assert found["labels"] == [{"file": "5000_batch_raw.csv", "kind": "ratings", "utterances": 65, "left_out": {}}]
    assert found["folds"] == "cmu_mosei_std_folds.py" and found["manifest"] is None
    assert found["utterances"] == 72 and found["sentiment"] == {
        "positive": 32,
        "negative": 24,
        "neutral": 8,
        "none": 8,
    }
    assert found["split"] == {"train": 40, "valid": 8, "test": 16, "unknown": 8}
    counts = {problem["kind"]: problem["count"] for problem in found["problems"]}
    assert counts == {"reversed": 9, "outside": 9, "negative_start": 9, "beyond_end": 9}
    assert {"recordings and transcripts", "labels", "folds", "terms"} == set(found["where"])


def test_the_screen_says_what_is_missing_and_where_to_get_it(copy: Path, folds: Path):
    result = run(copy, "--folds", folds)
    shown = " ".join(result.stdout.split())
    for expected in (
        "12 videos, 8 of them complete",
        "7l3BNtSE0xc, silent",
        "72 utterances can be heard: 32 positive, 24 negative, 8 neutral, 8 without a label.",
        "Labels: 65 utterances from 5000_batch_raw.csv (ratings).",
        "40 utterances to train, 8 to validate, 16 to test, 8 in none.",
        "Labelled, but neither here nor in the folds: 1 (mosi_video)",
        "Where to get recordings and transcripts: the MultiComp Lab",
        "Where to get labels: CMU_MOSEI_Labels.csd",
        "MIT-licensed",
    ):
        assert expected in shown
    assert "Where to get folds" not in shown and "negative_start" in result.stderr


def test_unknown_folds_are_said_to_be(copy: Path, tmp_path: Path):
    result = run(copy, "-o", tmp_path / "m.csv")
    shown = " ".join(result.stdout.split())
    assert "Folds: unknown" in shown and "Where to get folds" in shown and "official fold unknown unknown" in shown
    assert pd.read_csv(tmp_path / "m.csv")["split"].isna().all()
    found = json.loads(run(copy, "--json").stdout)
    assert found["folds"] is None and found["missing"]["fold"] is None and found["videos"]["complete"] == 8


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_manifest(copy: Path, folds: Path, tmp_path: Path, suffix: str):
    path = tmp_path / f"manifest.{suffix}"
    result = run(copy.parent, "--folds", folds, "-o", path, "--json")
    assert json.loads(result.stdout)["manifest"] == str(path)
    manifest = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    columns = ["audio", "start", "end", "text", "speaker", "recording", "language", "sentiment", "split"]
    assert list(manifest.columns) == columns and len(manifest) == 72
    first = manifest[manifest["recording"] == VIDEOS[0]]
    assert first["start"].tolist() == [0.0, 0.95, 1.95, 2.95, 3.95, 4.95, 5.95, 6.95], "overlaps stay as stated"
    assert first["end"].tolist() == [1.25, 2.25, 3.25, 4.25, 5.25, 6.25, 7.25, 8.0]
    assert first["sentiment"].tolist() == pytest.approx([4 / 3, -4 / 3] * 3 + [4 / 3, 0.0], abs=1e-6)
    assert set(first["text"]) == {HAPPY, UPSET} and set(first["language"]) == {"en"}
    assert (manifest["speaker"] == manifest["recording"]).all()
    parts = manifest.groupby("recording")["split"].agg(lambda part: part.iloc[0]).to_dict()
    assert parts[VIDEOS[0]] == "train" and parts[VIDEOS[5]] == "valid" and parts[VIDEOS[7]] == "test"
    assert all(Path(audio).is_file() for audio in manifest["audio"])


def test_paths_are_relative_where_the_recordings_lie_below_the_manifest(copy: Path):
    path = copy / "manifest.csv"
    try:
        run(copy, "-o", path)
        audio = pd.read_csv(path)["audio"].unique()
        assert not any(Path(name).is_absolute() for name in audio)
        assert all((copy / name).is_file() for name in audio)
        again = json.loads(run(copy, "--json").stdout)
        assert len(again["labels"]) == 1, "our own manifest is not taken for labels"
    finally:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("features", ["mel", "melstats"])
def test_the_manifest_can_be_trained_on(copy: Path, folds: Path, tmp_path: Path, features: str):
    manifest = tmp_path / "manifest.csv"
    run(copy, "--folds", folds, "-o", manifest)
    arguments = ["train", manifest, "-o", tmp_path / "model", "--features", features, "--no-cache"]
    result = CliRunner().invoke(main, [*map(str, arguments), "--gold", "sentiment", "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["utterances"] == 72 and found["labelled"] == 72
    assert found["gold"]["column"] == "sentiment" and found["gold"]["n"] >= 7
    assert found["gold"]["roc_auc"] > 0.8, "high and low are told apart by the sign of the sentiment"


def test_folds_of_a_label_table_and_problems_of_another(copy: Path, tmp_path: Path):
    rows = [f"{video},0,1,{'train' if video != VIDEOS[3] else 'test'}" for video in VIDEOS]
    rows += [f"{VIDEOS[1]},1,-1,valid", f"{VIDEOS[2]},1,-1,valid"]
    labels = tmp_path / "label.csv"
    labels.write_text("video_id,clip_id,label,mode\n" + "\n".join(rows) + "\n")
    found = check_mosei(copy, labels=[labels])
    assert found.folds == "label.csv" and found.missing["fold"].videos == 5
    assert found.splits["test"] == 8 and found.splits["valid"] == 0
    (several,) = [problem for problem in found.problems if problem.kind == "several_folds"]
    assert several.count == 2 and "leak" in several.detail

    broken = copy / "Labels" / "broken.csv"
    broken.write_text("video_id,clip_id,label\nv,0,99\n")
    try:
        (problem,) = [problem for problem in check_mosei(copy).problems if problem.kind == "bad_labels"]
        assert problem.subject == "broken.csv" and "another scale" in problem.detail
    finally:
        broken.unlink()


def test_a_copy_without_transcripts_sound_or_labels(tmp_path: Path):
    folder = tmp_path / "Audio" / "Full" / "WAV_16000"
    folder.mkdir(parents=True)
    soundfile.write(folder / "v.wav", np.zeros(RATE, dtype=np.float32), RATE)
    found = json.loads(run(tmp_path, "--json").stdout)
    assert found["missing"]["transcript"] == found["missing"]["labels"] == {"videos": 1, "examples": ["v"]}
    assert found["utterances"] == 0 and found["labels"] == []
    line = run(tmp_path, "-o", tmp_path / "m.csv", expect=2).stderr
    assert "there is nothing to write, since no video has both transcript and sound" in line
    transcripts = tmp_path / "Transcript" / "Segmented" / "Combined"
    transcripts.mkdir(parents=True)
    (transcripts / "w.txt").write_text("w___0___0___1___Words.\n")
    found = json.loads(run(tmp_path, "--json").stdout)
    assert found["missing"]["audio"]["examples"] == ["w"] and found["utterances"] == 0


def test_bad_input_is_one_line(copy: Path, tmp_path: Path):
    def refused(*arguments: object) -> str:
        result = run(*arguments, expect=2)
        assert not result.stdout and len(result.stderr.splitlines()) == 1 and result.stderr.startswith("tonewise: ")
        return result.stderr

    assert "no such folder" in refused(tmp_path / "gone")
    assert "no copy of CMU-MOSEI; expected a folder with Transcript" in refused(tmp_path)
    assert "cannot write files of type '.xml'" in refused(copy, "-o", tmp_path / "m.xml")
    assert "no such file" in refused(copy, "--labels", tmp_path / "gone.csv")
    assert "gone.py" in refused(copy, "--folds", tmp_path / "gone.py")
