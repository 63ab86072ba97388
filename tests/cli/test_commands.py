"""The command line as scripts use it: names, options, JSON keys, exit statuses, and one line for what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from command_runs import one_line, run


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    """The JSON of a training run, and its model."""
    model = tmp_path_factory.mktemp("trained") / "model"
    result = run("train", corpus, "-o", model, "--features", "melstats", "--gold", "mood", "--no-cache", "--json",
                 "--labels", "lexicon")  # fmt: skip
    return json.loads(result.stdout), model


# -- train --------------------------------------------------------------------------------------------------------------


def test_train_json_has_the_promised_keys(trained):
    found, model = trained
    promised = {"utterances", "labelled", "coverage", "split", "metrics", "gold", "seconds", "audio_seconds"}
    assert promised | {"realtime_factor", "model"} <= set(found)
    assert set(found["metrics"]) == {"valid", "test"}
    for figures in (*found["metrics"].values(), found["gold"]):
        assert {"roc_auc", "ci_low", "ci_high", "n"} <= set(figures)
    assert found["utterances"] == 96 and found["labelled"] == 80 and found["coverage"] == pytest.approx(80 / 96)
    assert found["model"] == str(model) and found["split"] == "speaker"


def test_train_learns_the_tone(trained):
    found, _ = trained
    assert found["gold"]["roc_auc"] > 0.8
    assert found["gold"]["n"] > found["metrics"]["test"]["n"]  # abstained utterances are judged by gold, too
    assert found["gold"]["words"]["roc_auc"] is not None and found["metrics"]["test"]["words"] is None


def test_train_twice_is_the_same(trained, corpus, tmp_path):
    found, model = trained
    arguments = ("--features", "melstats", "--gold", "mood", "--no-cache", "--json", "--labels", "lexicon")
    again = json.loads(run("train", corpus, "-o", tmp_path / "again", *arguments).stdout)
    for key in ("metrics", "gold", "labels", "split_parts"):
        assert again[key] == found[key]
    for name in ("classifier.onnx", "manifest.json", "README.md"):
        assert (tmp_path / "again" / name).read_bytes() == (model / name).read_bytes()


def test_train_shows_a_table_and_writes_a_report(corpus, tmp_path):
    result = run(
        "train", corpus, "-o", tmp_path / "m", "--features", "mel", "--report", tmp_path / "r.html", "--note", "Beeps."
    )
    assert "ROC AUC" in result.stdout and "majority" in result.stdout and "Beeps." in result.stdout
    page = (tmp_path / "r.html").read_text()
    assert page.startswith("<!doctype html>") and "Beeps." in page


@pytest.mark.parametrize("classifier", ["logistic", "forest", "neighbors", "network"])
def test_every_classifier_trains(corpus, tmp_path, classifier):
    cache = tmp_path.parent / "classifiers-cache"
    found = run(
        "train", corpus, "-o", tmp_path / "m", "--features", "mel", "--classifier", classifier, "--split", "random",
        "--cache", cache, "--json",
    )  # fmt: skip
    assert json.loads(found.stdout)["split"] == "random"


def test_a_column_can_be_the_label_and_words_are_its_baseline(corpus, tmp_path):
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table["coin"] = np.where(table.index // 2 % 2, "positive", "negative")  # nothing that words or sound could know
    table.to_csv(tmp_path / "m.csv", index=False)
    arguments = ("-o", tmp_path / "m", "--features", "mel", "--labels", "coin", "--no-cache", "--json")
    found = json.loads(run("train", tmp_path / "m.csv", *arguments).stdout)
    assert found["labelled"] == 96
    assert 0.2 < found["metrics"]["test"]["words"]["roc_auc"] < 0.8


def test_features_side_by_side(corpus, tmp_path):
    found = run("train", corpus, "-o", tmp_path / "m", "--features", "mel,melstats", "--no-cache", "--json")
    alone = run("train", corpus, "-o", tmp_path / "m", "--features", "mel", "--no-cache", "--json")
    assert json.loads(found.stdout)["dimensions"] > json.loads(alone.stdout)["dimensions"]


def test_the_second_run_hears_nothing_anew(corpus, tmp_path):
    arguments = (
        "train",
        corpus,
        "-o",
        tmp_path / "m",
        "--features",
        "melstats",
        "--cache",
        tmp_path / "cache",
        "--json",
    )
    first, second = (json.loads(run(*arguments).stdout) for _ in range(2))
    assert first["cache"] == {"hits": 0, "misses": 96} and second["cache"] == {"hits": 96, "misses": 0}
    assert first["metrics"] == second["metrics"]


# -- evaluate -----------------------------------------------------------------------------------------------------------


def test_evaluate_json(trained, corpus):
    _, model = trained
    found = json.loads(
        run("evaluate", model, corpus, "--gold", "mood", "--by", "speaker", "--by", "language", "--json").stdout
    )
    assert {"roc_auc", "ci_low", "ci_high", "n", "by"} <= set(found)
    assert found["n"] == 96 and set(found["by"]) == {"speaker", "language"}
    assert {"roc_auc", "n"} <= set(found["by"]["speaker"]["s0"]) and len(found["by"]["speaker"]) == 8
    assert found["trained_groups"] > 0  # these are the voices it was trained on, and it says so


def test_evaluate_says_when_voices_were_trained_on(trained, corpus):
    assert "were in the model's training split" in run("evaluate", trained[1], corpus, "--gold", "mood").stdout


def test_evaluate_needs_nothing_but_the_bundle(trained, tmp_path, corpus):
    import shutil

    moved = tmp_path / "elsewhere"
    shutil.copytree(trained[1], moved)
    found = json.loads(run("evaluate", moved, corpus, "--gold", "mood", "--json").stdout)
    assert found["roc_auc"] > 0.8


# -- score --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def call(tmp_path, corpus):
    """A recording with an SRT beside it."""
    recording = tmp_path / "call.wav"
    samples, rate = soundfile.read(corpus.parent / "speaker0.wav")
    soundfile.write(recording, samples, rate)
    recording.with_suffix(".srt").write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nI hate this terrible place.\n\n"
        "2\n00:00:01,200 --> 00:00:02,500\nThe train leaves at nine.\n"
    )
    return recording


def test_score_json(trained, call):
    (found,) = json.loads(run("score", trained[1], call, "--json").stdout)
    assert {"recording", "duration", "segments", "summary"} <= set(found)
    first, second = found["segments"]
    assert set(first) >= {"start", "end", "channel", "speaker", "text", "tone", "words", "mismatch"}
    assert (first["start"], first["end"], first["text"]) == (0.0, 1.0, "I hate this terrible place.")
    assert 0 <= first["tone"] <= 1 and first["words"] < -0.3 and isinstance(first["mismatch"], bool)
    assert second["words"] == 0.0 and second["mismatch"] is False
    assert found["duration"] == pytest.approx(soundfile.info(call).duration)


def test_score_writes_tables(trained, call, tmp_path):
    for suffix in ("csv", "parquet", "json"):
        run("score", trained[1], call, "-o", tmp_path / f"out.{suffix}")
    table = pd.read_csv(tmp_path / "out.csv")
    assert list(table.columns)[:3] == ["recording", "start", "end"] and len(table) == 2
    assert pd.read_parquet(tmp_path / "out.parquet")["tone"].between(0, 1).all()
    assert len(json.loads((tmp_path / "out.json").read_text())) == 1
    line = one_line(run("score", trained[1], call, "-o", tmp_path / "out.xml", expect=2))
    assert "cannot write files of type '.xml'; choose one of .json, .txt, .vtt, .html, .csv, .parquet" in line


def test_score_goes_on_after_a_broken_recording(trained, call, tmp_path):
    (tmp_path / "broken.wav").write_text("no sound")
    result = run("score", trained[1], tmp_path / "broken.wav", call, "--json")
    assert len(json.loads(result.stdout)) == 1
    assert "broken.wav is a text file" in result.stderr
    assert "broken.wav is a text file" in one_line(run("score", trained[1], tmp_path / "broken.wav", expect=2))


def test_score_one_channel(trained, call, tmp_path):
    stereo = tmp_path / "stereo.wav"
    samples, rate = soundfile.read(call)
    soundfile.write(stereo, np.stack([samples, np.zeros_like(samples)], axis=1), rate)
    transcript = call.with_suffix(".srt")
    (found,) = json.loads(run("score", trained[1], stereo, "--transcript", transcript, "--channel", 1, "--json").stdout)
    assert {segment["channel"] for segment in found["segments"]} == {1}
    line = one_line(run("score", trained[1], stereo, "--transcript", transcript, "--channel", 2, expect=2))
    assert "has 2 channel(s), counted from 0; there is no channel 2" in line
    line = one_line(run("score", trained[1], stereo, "--transcript", transcript, "--channel", "customer", expect=2))
    assert "no channel or speaker is called 'customer'" in line


def test_score_the_customer_by_name(trained, call, tmp_path):
    transcript = tmp_path / "t.vtt"
    transcript.write_text(
        "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Agent>Hello.\n\n00:01.200 --> 00:02.500\n<v Customer>I hate it.\n"
    )
    (found,) = json.loads(
        run("score", trained[1], call, "--transcript", transcript, "--channel", "customer", "--json").stdout
    )
    assert [segment["speaker"] for segment in found["segments"]] == ["Customer"]


# -- label --------------------------------------------------------------------------------------------------------------


def test_label_keeps_rows_and_order(tmp_path):
    table = pd.DataFrame({"id": [3, 1, 2, 7], "text": ["I love it.", "The door.", None, "I hate it!"]})
    table.to_csv(tmp_path / "texts.csv", index=False)
    result = run("label", tmp_path / "texts.csv", "-o", tmp_path / "labels.parquet", "--json", "--labels", "lexicon")
    labels = pd.read_parquet(tmp_path / "labels.parquet")
    assert list(labels["id"]) == [3, 1, 2, 7]
    assert [value if isinstance(value, str) else None for value in labels["label"]] == [
        "positive",
        None,
        None,
        "negative",
    ]
    assert labels["score"].iloc[1] == 0.0 and np.isnan(labels["score"].iloc[2])
    assert labels["confidence"].between(0, 1).all()
    assert {"vader_score", "textblob_score"} <= set(labels.columns)
    found = json.loads(result.stdout)
    assert found["counts"] == {"positive": 1, "negative": 1, "abstained": 2} and found["coverage"] == 0.5


def test_label_shows_what_labels_are_worth(corpus):
    assert "labelled by combined" in run("label", corpus).stdout
    shown = run("label", corpus, "--labels", "lexicon").stdout
    for expected in ("96 utterances", "labelled by lexicon", "agree", "Positive, for example", "near neutral"):
        assert expected in shown


def test_label_works_where_the_audio_is_gone(tmp_path):
    (tmp_path / "m.csv").write_text("audio,text\ngone1.wav,I love it\ngone2.wav,I hate it\n")
    assert json.loads(run("label", tmp_path / "m.csv", "--json").stdout)["labelled"] == 2


# -- weights ------------------------------------------------------------------------------------------------------------


def test_weights_are_listed():
    rows = json.loads(run("weights", "list", "--json").stdout)
    assert {"whisper-tiny.en", "smart-turn-v3.2"} <= {row["name"] for row in rows}
    assert "whisper-tiny.en" in run("weights", "list").stdout


# -- what is wrong, in one line -----------------------------------------------------------------------------------------


def manifest(folder: Path, text: str) -> Path:
    (folder / "m.csv").write_text(text)
    return folder / "m.csv"


def test_bad_corpora(tmp_path):
    assert "gone.csv" in one_line(run("train", tmp_path / "gone.csv", "-o", tmp_path / "m", expect=2))
    (tmp_path / "empty.csv").touch()
    assert "empty" in one_line(run("train", tmp_path / "empty.csv", "-o", tmp_path / "m", expect=2))
    no_audio = manifest(tmp_path, "file,text\na.wav,hello\n")
    assert "audio" in one_line(run("train", no_audio, "-o", tmp_path / "m", expect=2))
    lost = manifest(tmp_path, "audio,text\na.wav,I love it\nb.wav,I hate it\n")
    line = one_line(run("train", lost, "-o", tmp_path / "m", expect=2))
    assert "m.csv" in line and "a.wav" in line


def test_all_recordings_broken(tmp_path):
    (tmp_path / "a.wav").write_text("text")
    line = one_line(run("train", manifest(tmp_path, "audio,text\na.wav,I love it\n"), "-o", tmp_path / "m", expect=2))
    assert "a.wav is a text file" in line


def test_some_recordings_broken_are_skipped_and_counted(corpus, tmp_path):
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    (tmp_path / "bad.wav").write_text("text")
    bad = table.iloc[:2].assign(audio=str(tmp_path / "bad.wav"))
    pd.concat([table, bad]).to_csv(tmp_path / "m.csv", index=False)
    result = run("train", tmp_path / "m.csv", "-o", tmp_path / "m", "--features", "mel", "--no-cache", "--json")
    found = json.loads(result.stdout)
    (problem,) = [problem for problem in found["problems"] if problem["kind"] == "bad_audio"]
    assert problem["count"] == 2 and "bad.wav is a text file" in problem["detail"]
    assert "bad.wav" in result.stderr and found["utterances"] == 96


def test_one_class_only(corpus, tmp_path):
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table[table["mood"] == "positive"].to_csv(tmp_path / "m.csv", index=False)
    line = one_line(run("train", tmp_path / "m.csv", "-o", tmp_path / "m", expect=2))
    assert "gives only positive labels" in line and "lower --threshold" in line


def test_too_few_to_split(corpus, tmp_path):
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table[table["speaker"].isin(["s0", "s1"])].to_csv(tmp_path / "m.csv", index=False)
    line = one_line(run("train", tmp_path / "m.csv", "-o", tmp_path / "m", expect=2))
    assert "2 speaker(s)" in line and "--split random" in line


def test_bad_names(trained, corpus, tmp_path):
    assert "unknown" in one_line(run("train", corpus, "-o", tmp_path / "m", "--features", "ears", expect=2))
    assert "no column 'joy'" in one_line(run("train", corpus, "-o", tmp_path / "m", "--gold", "joy", expect=2))
    assert "unknown labeller 'joy'" in one_line(run("train", corpus, "-o", tmp_path / "m", "--labels", "joy", expect=2))
    assert "is no model" in one_line(run("score", tmp_path / "gone", corpus.parent / "speaker0.wav", expect=2))
    assert "no column 'town'" in one_line(
        run("evaluate", trained[1], corpus, "--gold", "mood", "--by", "town", expect=2)
    )
    assert not (tmp_path / "m").exists()


def test_nothing_else_is_overwritten(corpus, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("precious")
    assert "holds something else" in one_line(run("train", corpus, "-o", tmp_path / "thesis", expect=2))


# -- start-up -----------------------------------------------------------------------------------------------------------


def test_heavy_libraries_are_not_loaded_at_start():
    """What makes `tonewise --help` and `import tonewise` fast, whatever machine this is."""
    script = (
        "import sys, tonewise, tonewise.cli; import json; print(json.dumps([m for m in sys.modules if '.' not in m]))"
    )
    loaded = set(json.loads(subprocess.check_output([sys.executable, "-c", script], text=True)))
    heavy = {
        "pandas",
        "sklearn",
        "librosa",
        "onnxruntime",
        "ctranslate2",
        "faster_whisper",
        "matplotlib",
        "av",
        "torch",
    }
    assert "tonewise" in loaded and not heavy & loaded


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps no process to some cores")
def test_as_many_threads_as_cores_that_may_be_used():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); from tonewise.cli.train import train; "
        "print(next(each.default for each in train.params if each.name == 'jobs'))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "1\n"


def test_help_is_there_within_two_seconds_even_on_a_busy_machine():
    start = time.perf_counter()
    shown = subprocess.check_output([sys.executable, "-m", "tonewise", "--help"], text=True, env={**os.environ})
    assert time.perf_counter() - start < 2.0
    for command in ("demo", "label", "train", "evaluate", "score", "weights"):
        assert command in shown


# -- interrupts ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_interrupt_keeps_what_was_heard(tmp_path, corpus_maker):
    """Ctrl-C in the middle of the features: one line, exit status 1; the next run takes up what is in the cache."""
    manifest = corpus_maker(tmp_path / "corpus", speakers=24, each=40)
    cache = tmp_path / "cache"
    command = [sys.executable, "-m", "tonewise", "train", manifest, "-o", tmp_path / "m", "--features", "mel"]
    arguments = [str(part) for part in (*command, "--cache", cache)]
    # Whoever runs tests in the background has told them to ignore interrupts, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while not any(cache.glob("?/?/*.npy")) and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    kept = len(list(cache.glob("?/?/*.npy")))
    assert child.returncode == 1 and "interrupted; what was finished is kept" in told and "Traceback" not in told
    assert 0 < kept < 800  # of 800
    found = run("train", manifest, "-o", tmp_path / "m", "--features", "mel", "--cache", cache, "--json")
    assert json.loads(found.stdout)["cache"]["hits"] == kept
