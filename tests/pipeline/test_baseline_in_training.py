"""Each voice against its own baseline: trained, kept in the bundle, and applied to new voices from what they say there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import tonewise
from tonewise import bundle
from tonewise.errors import BundleError, OptionError
from tonewise.pipeline.voices import voices


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory):
    target = tmp_path_factory.mktemp("baseline") / "model"
    return tonewise.train(
        corpus, target, labels="mood", features="melstats", baseline="speaker", gold="mood", cache=False
    )


def test_the_bundle_keeps_how_everybody_sounds(trained):
    found = bundle.load(trained.model)
    assert found.manifest["baseline"] == {"kind": "speaker", "shrinkage": 40.0}
    assert found.baseline.shape == (2, trained.dimensions)
    assert "each voice against its own baseline" in (Path(trained.model) / "README.md").read_text()
    assert trained.gold.auc.roc_auc > 0.9


def test_evaluation_scores_held_out_voices_as_training_did(trained, corpus):
    found = tonewise.load(trained.model).evaluate(corpus, gold="mood", cache=False)
    assert found.evaluation.auc.roc_auc > 0.9


def test_a_speakers_loudness_is_taken_away(trained, corpus, tmp_path):
    """The same voice behind a duller, quieter line keeps its ranking and nearly its tone, once there are enough clips."""
    table = pd.read_csv(corpus)
    table = table[table["speaker"].isin(["s0", "s1"])]
    sound, rate = soundfile.read(corpus.parent / "speaker0.wav")
    soundfile.write(tmp_path / "speaker0.wav", 0.1 * sound, rate, subtype="FLOAT")
    soundfile.write(tmp_path / "speaker1.wav", soundfile.read(corpus.parent / "speaker1.wav")[0], rate)
    table.to_csv(tmp_path / "quiet.csv", index=False)
    model = tonewise.load(trained.model)
    loud = model.evaluate(corpus, gold="mood", cache=False).scores
    quiet = model.evaluate(tmp_path / "quiet.csv", gold="mood", cache=False).scores
    pair = [frame.loc[frame["speaker"] == "s0", "tone"].to_numpy() for frame in (loud, quiet)]
    assert np.corrcoef(*pair)[0, 1] > 0.95


def test_one_clip_is_scored_too(trained, corpus, tmp_path):
    sound, rate = soundfile.read(corpus.parent / "speaker3.wav")
    soundfile.write(tmp_path / "one.wav", sound[:rate], rate)
    (tmp_path / "one.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello there.\n")
    (scored,) = tonewise.load(trained.model).score(tmp_path / "one.wav", cache=False)
    assert 0 < scored.segments[0].tone < 1


def test_damage_is_told(trained, tmp_path, corpus):
    import hashlib
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(trained.model, copy)
    np.save(copy / "baseline.npy", np.ones((2, 3)))
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["checksums"]["baseline.npy"] = hashlib.sha256((copy / "baseline.npy").read_bytes()).hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="means and deviations; copy it again"):
        tonewise.load(copy)


def test_unknown_baseline(corpus, tmp_path):
    with pytest.raises(OptionError, match="unknown baseline 'corpus'"):
        tonewise.train(corpus, tmp_path / "m", baseline="corpus")


def test_whose_voice():
    table = pd.DataFrame(
        {"speaker": ["ann", None, None, None], "recording": ["a", "a", "a", "b"], "channel": [0, 0, 1, None]}
    )
    assert voices(table).tolist() == ["speaker:ann", "recording:a/0", "recording:a/1", "recording:b/"]


def test_a_lexical_split_leaves_out_what_would_leak(corpus, tmp_path):
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table["sentence"] = [f"sentence {number % 7}" for number in range(len(table))]
    table.to_csv(tmp_path / "corpus.csv", index=False)
    result = tonewise.train(
        tmp_path / "corpus.csv", tmp_path / "m", labels="mood", features="melstats", split="lexical", cache=False
    )
    sizes = [result.split[part]["labelled"] for part in ("train", "valid", "test")]
    assert result.split["strategy"] == "lexical"
    assert result.split["left_out"] == len(table) - sum(sizes) > 0
    assert all(sizes)
