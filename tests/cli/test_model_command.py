"""`tonewise model`: show, verify, export; and models as zips wherever a MODEL is asked for."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import small_model
import tonewise
from command_runs import run
from tonewise import bundle


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    """A model that train wrote."""
    folder = tmp_path_factory.mktemp("model-command")
    cache = folder / "cache"
    options = {"features": "mel", "labels": "lexicon", "gold": "mood", "note": "Beeps & [boops]."}
    tonewise.train(corpus, folder / "model", cache=cache, audit=False, **options)
    return folder / "model"


def test_all_that_train_writes_is_read(trained, corpus, tmp_path):
    """Every way to train that changes what a manifest holds."""
    for name, options in {
        "column": {"labels": "mood", "baseline": "none", "classifier": "forest"},
        "refined": {"labels": "lexicon", "refine": True, "classifier": "neighbors", "gold": "mood"},
        "random": {"labels": "lexicon", "split": "random", "classifier": "network"},
    }.items():
        tonewise.train(corpus, tmp_path / name, features="mel", audit=False, cache=trained.parent / "cache", **options)
        assert bundle.verify(tmp_path / name).bundle.manifest["format_version"] == 3


def test_show(trained):
    text = run("model", "show", trained).stdout
    for line in (
        "hears",
        "mel",
        "labels",
        "lexicon",
        "8 speakers",
        "gold column 'mood'",
        "No audit was made",
        "Beeps & [boops].",
    ):
        assert line in text
    found = json.loads(run("model", "show", trained, "--json").stdout)
    assert found["training"]["speakers"] == 8 and found["labels"]["name"] == "lexicon"
    assert {"roc_auc", "ci_low", "ci_high", "n"} <= set(found["gold"])
    assert found["origin"] is None and found["changed_versions"] == {} and found["audit"] == []


def test_show_tells_all_that_there_is(tmp_path):
    model = small_model.save_model(tmp_path / "m")
    text = run("model", "show", model).stdout
    assert "Audit by gold column 'mood': hears tone: it does." in text
    assert "combined (lexicon 0.50, semantic 0.50)" in text and "0.70 (0.60–0.80)" in text
    found = json.loads(run("model", "show", model, "--json").stdout)
    assert found["changed_versions"]["onnxruntime"][0] == "1.0"
    small_model.save_model(
        model, calibration={"slope": 1.0, "intercept": 0.0, "why": "too few"}, gold=None, metrics={}, audit=[]
    )
    text = run("model", "show", model).stdout
    assert "none: too few" in text and "judged on" not in text


def test_verify(trained, tmp_path):
    text = run("model", "verify", trained).stdout
    for what in ("files", "format", "manifest", "checksums", "classifier", "baseline", "trial"):
        assert f"\n{what}" in f"\n{text}"
    assert text.endswith(f"{trained} is whole.\n")
    found = json.loads(run("model", "verify", trained, "--json").stdout)
    assert next(iter(found["checks"])) == "files" and found["notes"] == []
    damaged = small_model.save_model(tmp_path / "m")
    (damaged / "classifier.onnx").write_bytes(b"x")
    result = run("model", "verify", damaged, "--json", expect=2)
    assert result.stdout == "" and result.stderr.count("\n") == 1 and "is damaged: its SHA-256" in result.stderr
    assert "there is no such folder" in run("model", "verify", tmp_path / "gone", expect=2).stderr


def test_export_and_a_zip_wherever_a_model_is_asked_for(trained, corpus, tmp_path):
    target = tmp_path / "model.zip"
    assert run("model", "export", trained, "-o", target).stdout == f"{target}\n"
    told = json.loads(run("model", "export", target, "-o", tmp_path / "b.zip", "--json").stdout)
    assert told["bytes"] == target.stat().st_size and (tmp_path / "b.zip").read_bytes() == target.read_bytes()
    assert "is no .zip" in run("model", "export", trained, "-o", tmp_path / "m.tar", expect=2).stderr
    common = ("--gold", "mood", "--cache", trained.parent / "cache", "--json")
    both = [json.loads(run("evaluate", each, corpus, *common).stdout) for each in (trained, target)]
    assert both[0]["roc_auc"] == both[1]["roc_auc"] and both[1]["model"] == str(target)
    call = corpus.parent / "speaker1.wav"
    (tmp_path / "call.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.500\nWhat a great and happy day!\n")
    run("score", target, call, "--transcript", tmp_path / "call.vtt", "-o", tmp_path / "out.csv", "--no-cache")
    assert pd.read_csv(tmp_path / "out.csv")["tone"].between(0, 1).all()
    assert "neither a folder nor a zip" in run("score", corpus, call, "--no-cache", expect=2).stderr


def test_push_and_pull_of_folders(trained, tmp_path):
    assert run("model", "push", trained, tmp_path / "copy").stdout == f"{tmp_path / 'copy'}\n"
    found = json.loads(run("model", "pull", tmp_path / "copy", "-o", tmp_path / "back", "--json").stdout)
    assert found == {"address": str(tmp_path / "copy"), "model": str(tmp_path / "back"), "commit": None}
    assert "names no model" in run("model", "push", trained, "s3://bucket/model", expect=2).stderr


def test_a_card_of_a_trained_model_is_the_hubs(trained):
    from huggingface_hub import ModelCard

    card = ModelCard((trained / "README.md").read_text(encoding="utf-8"))
    assert card.data.library_name == "tonewise" and card.data.eval_results[0].metric_type == "roc_auc"
    assert "Beeps & \\[boops\\]." in card.text and "### Law: EU AI Act" in card.text
