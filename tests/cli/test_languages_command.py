"""`tonewise languages` as scripts and people use it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console
from scipy.stats import binom

from command_runs import one_line, run
from tonewise.cli.languages import show_languages
from tonewise.pipeline.languages import rank_languages


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    path = tmp_path_factory.mktemp("languages") / "model"
    run("train", corpus, "-o", path, "--features", "mel", "--no-cache", "--json", "--note", "Beeps.")
    return path


@pytest.fixture(scope="module")
def table(corpus) -> pd.DataFrame:
    """One positive and one negative recording in each of four languages, by one voice."""
    found = pd.read_csv(corpus).head(8).rename(columns={"mood": "polarity"})
    found["audio"] = [str(corpus.parent / name) for name in found["audio"]]
    return found.assign(language=np.repeat(["en", "fr", "ru", "hy"], 2), speaker="author")


@pytest.fixture(scope="module")
def eight(table, tmp_path_factory):
    """Their manifest."""
    manifest = tmp_path_factory.mktemp("eight") / "eight.csv"
    table.to_csv(manifest, index=False)
    return manifest


def test_json_is_one_object(model, eight):
    result = run("languages", model, eight, "--json", "--no-cache")
    found = json.loads(result.stdout)
    assert list(found["languages"]) == ["en", "fr", "ru", "hy"]
    won = sum(each["roc_auc"] == 1.0 for each in found["languages"].values())
    assert found["overall"]["p_greater"] == pytest.approx(binom.sf(won - 1, 4, 0.5))
    assert found["overall"]["p_smallest"] == pytest.approx(1 / 16)
    assert found["model_note"] == "Beeps." and len(found["scores"]) == 8 and not result.stderr


def test_the_screen_says_what_can_be_concluded(model, eight):
    text = " ".join(run("languages", model, eight).stdout.split())
    for expected in (
        "gold column 'polarity'",
        "fr 1/1 1.00 (0.03–1.00) 0.00–1.00 0.50 1.00 1.00",
        "all 4/4 ",
        "over all within",
        "Even a perfect order comes about by chance half the time: nothing can be concluded from so few.",
        "by chance 1 time in 16",
    ):
        assert expected in text
    assert "percentile" in text


def test_it_fits_80_cells(model, eight, corpus):
    for manifest, gold in ((eight, None), (corpus, "mood")):
        screen = Console(width=80, highlight=False, force_terminal=False)
        with screen.capture() as capture:
            show_languages(rank_languages(model, manifest, gold=gold), screen)
        lines = capture.get().splitlines()
        assert max(cell_len(line.rstrip()) for line in lines[1:]) <= 80  # the first is a path
        assert any(line.split()[:2] == ["language", "+/−"] for line in lines)


def test_trained_voices_are_told(model, corpus):
    assert "were in the model's training split" in run("languages", model, corpus, "--gold", "mood").stdout


def test_output_files(model, eight, tmp_path):
    for suffix in ("html", "json", "csv", "parquet"):
        shown = run("languages", model, eight, "-o", tmp_path / "made" / f"out.{suffix}").stdout
        assert f"written to {tmp_path / 'made' / f'out.{suffix}'}" in shown
    page = (tmp_path / "made" / "out.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "1 time in 16" in page and "Beeps." in page
    table = pd.read_csv(tmp_path / "made" / "out.csv")
    assert {"tone", "tone_minmax", "tone_minmax_within", "tone_percentile", "gold_polarity"} <= set(table.columns)
    assert len(pd.read_parquet(tmp_path / "made" / "out.parquet")) == 8
    printed = json.loads(run("languages", model, eight, "--json").stdout)
    assert json.loads((tmp_path / "made" / "out.json").read_text(encoding="utf-8")) == printed


def test_a_seed_is_enough_to_repeat_it(model, eight):
    first, second = (run("languages", model, eight, "--json", "--seed", 3, "--jobs", 1).stdout for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--gold", "mood"], "no column 'mood'"),
        (["--by", "dialect"], "no column 'dialect' to judge by"),
        (["--by", "tone"], "called 'tone'"),
        (["--gold", "text"], "expected positive, negative and neutral"),
        (["-o", "out.pdf"], "cannot write files of type '.pdf'; choose one of .html, .json, .csv, .parquet"),
    ],
)
def test_bad_options_are_one_line(model, eight, arguments, said):
    assert said in one_line(run("languages", model, eight, *arguments, expect=2))


def test_bad_input_is_one_line(model, eight, table, corpus, tmp_path):
    assert "name the column that says positive or negative with --gold" in one_line(
        run("languages", model, corpus, expect=2)
    )
    assert "is no model" in one_line(run("languages", tmp_path, eight, expect=2))
    assert "tonewise: " in one_line(run("languages", model, tmp_path / "gone.csv", expect=2))
    table.drop(columns="language").to_csv(tmp_path / "unnamed.csv", index=False)
    assert "does not say what 'language'" in one_line(run("languages", model, tmp_path / "unnamed.csv", expect=2))
    (tmp_path / "file").write_text("")
    assert "cannot be written" in one_line(
        run("languages", model, eight, "--json", "-o", tmp_path / "file" / "out.html", expect=2)
    )


def test_what_is_left_out_is_told_on_stderr(model, table, tmp_path):
    table.assign(language=[*table["language"][:7], None]).to_csv(tmp_path / "seven.csv", index=False)
    result = run("languages", model, tmp_path / "seven.csv", "--json")
    assert "no_language" in result.stderr
    assert json.loads(result.stdout)["languages"]["hy"]["roc_auc"] is None


def test_help_names_the_command():
    assert "languages" in run("--help").stdout
    assert "polarity" in run("languages", "--help").stdout
