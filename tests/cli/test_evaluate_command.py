"""`tonewise evaluate`: chance, calibration, groups that lag, and a second model on the same clips."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from command_runs import run


@pytest.fixture(scope="module")
def models(corpus, tmp_path_factory):
    """A model that hears, and one that learned the opposite; both with the features of the first in one cache."""
    folder = tmp_path_factory.mktemp("models")
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table["half"] = np.where(table["speaker"].isin(["s0", "s1", "s2", "s3"]), "first", "second")
    # In the second half the gold is the wrong way round: there the model must lag.
    flipped = table["mood"].map({"positive": "negative", "negative": "positive"})
    table["upside"] = table["mood"].where(table["half"] == "first", flipped)
    table["wrong"] = flipped
    table["one"] = "same"
    table.to_csv(folder / "corpus.csv", index=False)
    common = ("--features", "mel", "--cache", folder / "cache", "--baseline", "none")
    run("train", folder / "corpus.csv", "-o", folder / "good", *common, "--labels", "lexicon")
    run("train", folder / "corpus.csv", "-o", folder / "wrong", *common, "--labels", "wrong")
    return folder


def evaluate(models, *arguments: object, expect: int = 0):
    return run(
        "evaluate", models / "good", models / "corpus.csv", "--cache", models / "cache", *arguments, expect=expect
    )


def test_json_keeps_its_keys_and_has_more(models):
    result = evaluate(models, "--gold", "mood", "--by", "half", "--against", models / "wrong", "--json")
    found = json.loads(result.stdout)
    assert {"roc_auc", "ci_low", "ci_high", "n", "by", "p_chance", "calibration", "against", "lagging"} <= set(found)
    assert {"roc_auc", "n", "lags", "rest"} <= set(found["by"]["half"]["first"])
    assert found["p_chance"] < 0.01 and found["lagging"] == []
    assert {"brier", "ece", "ece_chance", "bins", "reliability"} <= set(found["calibration"])
    against = found["against"]
    assert against["model"] == str(models / "wrong") and against["own"]["roc_auc"] == pytest.approx(found["roc_auc"])
    assert against["comparison"]["difference"] == pytest.approx(found["roc_auc"] - against["roc_auc"])
    assert against["comparison"]["p_value"] < 0.05 and against["comparison"]["n"] == found["n"] == 96


def test_a_group_that_lags_is_a_warning(models):
    result = evaluate(models, "--gold", "upside", "--by", "half", "--by", "speaker", "--json")
    found = json.loads(result.stdout)
    assert found["lagging"] == [{"column": "half", "value": "second"}]
    assert found["by"]["half"]["second"]["lags"] is True and found["by"]["half"]["first"]["lags"] is False
    assert {each["lags"] for each in found["by"]["speaker"].values()} == {None}
    assert [each["kind"] for each in found["problems"]] == ["lagging_group"]
    assert "lagging_group: half = second: ROC AUC" in result.stderr


def test_the_terminal_tells_all_of_it(models):
    result = evaluate(models, "--gold", "mood", "--by", "half", "--by", "one", "--against", models / "wrong")
    for said in (
        "Against chance: p <", "Against ", "difference +", "cluster bootstrap, 96 utterances, 8 speakers",
        "By half: none is shown to lag", "Tone as a probability", "Brier score", "Expected calibration error",
        "By one: none is shown to lag behind the rest; of 1 value there is too little to tell",
    ):  # fmt: skip
        assert said in result.stdout, said


def test_a_model_against_itself_is_no_better(models):
    result = evaluate(models, "--gold", "mood", "--against", models / "good", "--json")
    comparison = json.loads(result.stdout)["against"]["comparison"]
    assert (comparison["difference"], comparison["p_value"]) == (0.0, 1.0)


def test_a_second_model_that_is_none(models, tmp_path):
    result = evaluate(models, "--gold", "mood", "--against", tmp_path / "nothing", expect=2)
    assert "is no model: there is no such folder" in result.stderr and not result.stdout
