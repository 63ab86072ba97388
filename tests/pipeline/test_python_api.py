"""The Python names that the command line calls, used as a script would."""

from __future__ import annotations

import numpy as np
import pytest

import tonewise
from tonewise.errors import BundleError, InputError, OptionError
from tonewise.records import TrainingResult


@pytest.fixture(scope="module")
def result(corpus, tmp_path_factory) -> TrainingResult:
    folder = tmp_path_factory.mktemp("api")
    return tonewise.train(corpus, folder / "model", features="melstats", gold="mood", cache=folder / "cache")


@pytest.fixture
def transcript(tmp_path):
    """Two sentences of any recording; tones are not speech, so that voice activity detection would find none."""
    file = tmp_path / "transcript.srt"
    file.write_text("1\n00:00:00,000 --> 00:00:01,000\nI love it.\n\n2\n00:00:01,200 --> 00:00:02,500\nA table.\n")
    return file


def test_train_load_score_evaluate(result, corpus, transcript):
    model = tonewise.load(result.model)
    (scored,) = model.score(corpus.parent / "speaker1.wav", transcript=transcript, cache=False)
    assert scored.segments and all(0 <= segment.tone <= 1 for segment in scored.segments)
    found = tonewise.evaluate(model, corpus, gold="mood", cache=False)
    assert found.evaluation == model.evaluate(corpus, gold="mood", cache=False).evaluation
    assert found.evaluation.auc.roc_auc > 0.8
    assert list(found.scores["tone"].between(0, 1).unique()) == [True]


def test_progress_is_reported(corpus, tmp_path):
    seen = []
    tonewise.train(corpus, tmp_path / "m", features=["mel"], cache=False, progress=lambda *step: seen.append(step))
    assert all(0 <= done <= total for _, done, total in seen)
    assert any(done == total == 96 for _, done, total in seen)


def test_test_voices_decide_nothing(result, corpus, tmp_path):
    """Other labels for the test voices leave the model as it is, byte for byte."""
    import pandas as pd

    from tonewise import bundle, splits

    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table["label"] = table["mood"]
    groups = pd.Series([f"speaker:{name}" for name in table["speaker"]], index=table.index)
    part = splits.split(groups, "speaker", seed=0)
    flipped = table["label"].map({"positive": "negative", "negative": "positive"})
    table["marked"] = flipped.where(part == "test", table["label"])
    table.to_csv(tmp_path / "m.csv", index=False)
    models = []
    for column in ("label", "marked"):
        found = tonewise.train(tmp_path / "m.csv", tmp_path / column, labels=column, features="melstats", cache=False)
        models.append(bundle.load(found.model))
    assert models[0].manifest["checksums"]["classifier.onnx"] == models[1].manifest["checksums"]["classifier.onnx"]
    right, wrong = (model.manifest["metrics"]["test"]["roc_auc"] for model in models)
    assert right == pytest.approx(1 - wrong) and right != wrong


def test_an_unknown_option_is_refused(corpus, tmp_path):
    with pytest.raises(OptionError, match="unknown option 'featurs'; choose labels"):
        tonewise.train(corpus, tmp_path / "m", featurs="mel")
    with pytest.raises(OptionError, match="no features were named"):
        tonewise.train(corpus, tmp_path / "m", features="")


def test_a_model_of_other_weights_is_refused(result, tmp_path):
    import json
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(result.model, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["features"][0]["identity"]["weights"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="other weights"):
        tonewise.load(copy)


def test_other_versions_are_told_and_used(result, tmp_path, corpus, transcript):
    import json
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(result.model, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["features"][0]["identity"]["librosa"] = "0.1"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    (scored,) = tonewise.load(copy).score(corpus.parent / "speaker1.wav", transcript=transcript, cache=False)
    assert [problem.kind for problem in scored.problems] == ["other_version", "roles_unknown"]
    assert "differs from training in" in scored.problems[0].detail


def test_no_two_corpora_speakers_are_confused_into_a_leak(corpus, tmp_path):
    """The same manifest given twice is one set of speakers: none is in two parts."""
    found = tonewise.train([corpus, corpus], tmp_path / "m", features="mel", cache=False)
    assert sum(found.split[part]["groups"] for part in ("train", "valid", "test")) == 8
    assert found.speakers == 8


def test_nobody_speaks(result, tmp_path):
    import soundfile

    soundfile.write(tmp_path / "quiet.wav", np.zeros(16_000), 16_000)
    with pytest.raises(InputError, match="nobody speaks in it"):
        tonewise.load(result.model).score(tmp_path / "quiet.wav")


def test_label_in_python(corpus):
    labelled = tonewise.label(corpus)
    assert labelled.summary.utterances == len(labelled.table) == 96
    assert {"label", "score", "confidence", "abstention"} <= set(labelled.table.columns)
