"""`tonewise audit` as scripts and people use it."""

from __future__ import annotations

import json

import pytest

from command_runs import one_line, run


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    path = tmp_path_factory.mktemp("audit") / "model"
    run("train", corpus, "-o", path, "--features", "mel", "--no-cache", "--json")
    return path


def test_json_is_one_object(model, corpus):
    found = json.loads(run("audit", model, corpus, "--gold", "mood", "--quick", "--json", "--no-cache").stdout)
    assert found["verdict"] in ("hears tone", "reads words", "cannot tell")
    assert set(found["splits"]) == {"random", "speaker", "matched", "lexical"}
    assert found["also"][0]["truth"].startswith("labels learned from") and found["robustness"] is None
    assert {"roc_auc", "ci_low", "ci_high", "n"} <= set(found["splits"]["lexical"])


def test_the_verdict_comes_first_and_the_rule_last(model, corpus):
    result = run("audit", model, corpus, "--quick", "--no-cache")
    assert result.stdout.startswith(("Cannot tell: ", "Hears tone: ", "Reads words: "))
    assert "New voices and new words" in result.stdout and "Rule: A recipe hears tone if" in result.stdout


@pytest.mark.parametrize("name", ["audit.html", "audit.json", "audit.md"])
def test_output(model, corpus, tmp_path, name):
    result = run("audit", model, corpus, "--quick", "--no-cache", "-o", tmp_path / name)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert "annot tell" in text and f"written to {tmp_path / name}" in result.stdout


def test_bad_input_is_one_line(model, corpus, tmp_path):
    assert "choose .html" in one_line(run("audit", model, corpus, "-o", tmp_path / "audit.doc", expect=2))
    assert "no column 'nobody'" in one_line(run("audit", model, corpus, "--gold", "nobody", expect=2))
    assert "is no model" in one_line(run("audit", tmp_path, corpus, expect=2))
