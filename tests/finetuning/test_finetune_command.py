"""`tonewise finetune` from a corpus to a folder that `tonewise train` hears with."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

import tonewise
from tonewise.bundle import fingerprints
from tonewise.cli import main
from tonewise.errors import BundleError, CorpusError, LabelError, OptionError
from tonewise.features.hub import Hub
from tonewise.finetuning import checkpoint
from tonewise.pipeline.finetuning import finetune
from tonewise.pipeline.finetuning_material import decode
from tonewise.pipeline.reading import read_corpora

torch = pytest.importorskip("torch", reason="the extra `torch` is not installed: no torch")

OPTIONS = {"tuning": "head", "jobs": 1, "epochs": 6, "batch_seconds": 10.0, "learning_rate": 1e-2}
QUICK = ["--jobs", 1, "--head", "--epochs", 1, "--batch-seconds", 10]


def command(*arguments: object, expect: int = 0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == expect, f"{result.stdout}\n{result.stderr}"
    return result


def one_line(result) -> str:
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("tonewise: ") and not result.stdout, result.stderr
    return lines[0]


@pytest.fixture(scope="module")
def tuned(corpus, tiny, tmp_path_factory):
    """A run by LoRA on the common corpus of beeps: its JSON and its folder. Nobody may change it."""
    pytest.importorskip("peft", reason="the extra `torch` is not installed: no peft")
    folder = tmp_path_factory.mktemp("tuned") / "ear"
    result = command(
        "finetune", corpus, "-o", folder, "--encoder", f"hub:{tiny('Wav2Vec2')}", "--gold", "mood", "--json",
        *("--jobs", 1, "--epochs", 8, "--batch-seconds", 10, "--learning-rate", 3e-3, "--note", "beeps"),
    )  # fmt: skip
    return json.loads(result.stdout), folder


def test_it_learns_tone_from_words(tuned):
    found, _ = tuned
    aucs = [epoch["roc_auc"] for epoch in found["epochs"]]
    assert max(aucs) > 0.8 and found["epochs"][-1]["loss"] < found["epochs"][0]["loss"]
    assert found["metrics"]["test"]["roc_auc"] > 0.8
    assert found["gold"]["roc_auc"] > 0.8 and found["gold"]["column"] == "mood"
    assert found["gold"]["ci_low"] < found["gold"]["roc_auc"] <= found["gold"]["ci_high"]
    assert found["gold"]["words"] is not None, "the words' own score stands beside it"


def test_json_says_what_was_done(tuned, corpus, tiny):
    found, folder = tuned
    assert found["tuning"] == "lora" and found["split"] == "speaker" and found["device"] in ("cpu", "cuda")
    assert found["best_epoch"] in range(1, 9) and found["stopped_by"] in ("epochs", "patience")
    assert sum(found["split_parts"].values()) == found["labelled"] >= 80
    assert found["folder"] == str(folder) and found["note"] == "beeps" and found["problems"] == []
    assert found["encoder"]["model"] == "Wav2Vec2" and found["parameters"] > 0
    kept = json.loads((folder / "finetuning.json").read_text())
    assert kept["metrics"] == found["metrics"] and "seconds" not in kept
    assert str(corpus.parent) not in json.dumps(kept) and str(folder.parent) not in json.dumps(kept)
    everybody = fingerprints(f"speaker:s{number}" for number in range(8))
    assert set(kept["trained_groups"]) < set(everybody) and len(kept["trained_groups"]) == 6
    assert Hub(str(folder)).trained_groups == set(kept["trained_groups"])
    assert Hub(tiny("Wav2Vec2")).trained_groups == frozenset(), "of an encoder that was not fine-tuned nothing is known"
    assert not (folder / checkpoint.CHECKPOINT).exists()


@pytest.mark.slow
def test_the_rest_of_the_house_hears_with_it(tuned, corpus, tmp_path):
    _, folder = tuned
    result = tonewise.train(corpus, tmp_path / "model", features=f"hub:{folder}", gold="mood", cache=False)
    assert result.dimensions == 64 and result.gold is not None and result.gold.auc.roc_auc > 0.8
    both = tonewise.train(corpus, tmp_path / "both", features=f"hub:{folder}#1+2#mean,melstats", cache=False)
    assert both.dimensions == 2 * 32 + 384
    judged = tonewise.load(tmp_path / "model").evaluate(corpus, gold="mood", cache=False)
    assert judged.evaluation.auc.roc_auc > 0.8


def test_the_table_on_the_terminal(corpus, tiny, tmp_path):
    said = command(
        "finetune", corpus, "-o", tmp_path / "ear", "--encoder", f"hub:{tiny('Hubert')}", *QUICK, "--split", "lexical"
    )
    assert "validation AUC" in said.stdout and "test (weak labels)" in said.stdout and "--features hub:" in said.stdout


@pytest.mark.slow
def test_an_interrupted_command_goes_on(corpus, tiny, tmp_path):
    encoder = f"hub:{tiny('Hubert')}"
    whole = finetune(corpus, tmp_path / "whole", encoder=encoder, **OPTIONS)

    def interrupt(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("fine-tuning", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(corpus, tmp_path / "killed", encoder=encoder, progress=interrupt, **OPTIONS)
    with pytest.raises(BundleError, match="unfinished run with other options"):
        finetune(corpus, tmp_path / "killed", encoder=encoder, **OPTIONS | {"seed": 1})
    resumed = finetune(corpus, tmp_path / "killed", encoder=encoder, **OPTIONS)
    assert resumed.facts == whole.facts
    for file in (tmp_path / "whole").iterdir():
        assert file.read_bytes() == (tmp_path / "killed" / file.name).read_bytes(), file.name
    with pytest.raises(BundleError, match="fine-tuned already"):
        finetune(corpus, tmp_path / "killed", encoder=encoder, **OPTIONS)
    again = finetune(corpus, tmp_path / "killed", encoder=encoder, restart=True, **OPTIONS)
    assert again.facts == whole.facts


@pytest.mark.slow
def test_what_held_out_voices_say_decides_nothing_but_when_to_stop(corpus, tiny, tmp_path):
    """Other words in the mouths of test voices leave the encoder as it is."""
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    encoder = f"hub:{tiny('Hubert')}"
    first = finetune(corpus, tmp_path / "a", encoder=encoder, **OPTIONS)
    trained = set(first.facts["trained_groups"])
    names = {name: fingerprints([f"speaker:{name}"])[0] for name in table["speaker"].unique()}
    from tonewise import splits

    groups = pd.Series([f"speaker:{name}" for name in table["speaker"]], index=table.index)
    test = splits.split(groups, "speaker", seed=0) == splits.TEST
    assert not any(names[name] in trained for name in table["speaker"][test])
    table.loc[test, "text"] = "I hate this, it is horrible."
    table.to_csv(tmp_path / "other.csv", index=False)
    second = finetune(tmp_path / "other.csv", tmp_path / "b", encoder=encoder, **OPTIONS)
    assert first.facts["epochs"] == second.facts["epochs"]
    for name in ("model.safetensors", "tonewise_head.safetensors"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_clip_that_cannot_be_heard_does_not_stop_the_others(corpus):
    utterances = read_corpora(corpus).utterances.head(4).copy()
    utterances.loc[1, "end"] = utterances.loc[1, "start"] + 0.05
    utterances.loc[2, "audio"] = str(corpus)
    rows = pd.DataFrame({"label": ["positive"] * 4}, index=utterances.index)
    rows.attrs["grouped_by"] = "speaker"
    sounds, kept, problems = decode(utterances, rows, None)
    assert (
        list(kept.index) == [0, 3] and kept.attrs == rows.attrs and len(sounds(3)) == round(kept["seconds"][3] * 16_000)
    )
    assert "shorter than the 0.1 s" in problems[0].detail and problems[1].subject == "corpus.csv"


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--encoder", "hub:"], "need a speech encoder"),
        (["--encoder", "hub:a/b#1+2"], "names layers or a pooling"),
        (["--encoder", "hub:./nowhere"], "no folder here and no model"),
        (["--encoder", "hub:a/b", "--learning-rate", 3], "--learning-rate 3"),
        (["--encoder", "hub:a/b", "--batch-seconds", 0], "--batch-seconds 0"),
    ],
)
def test_bad_options_are_told_in_one_line(corpus, tmp_path, monkeypatch, options, message):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    result = command("finetune", corpus, "-o", tmp_path / "ear", "--head", *options, expect=2)
    assert message in one_line(result) and not (tmp_path / "ear").exists()


def test_a_missing_extra_is_told(corpus, tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    said = command("finetune", corpus, "-o", tmp_path / "e", "--encoder", f"hub:{tiny('Hubert')}", expect=2)
    assert "pip install 'tonewise[torch]'" in one_line(said)


def test_a_folder_of_something_else_is_left_alone(corpus, tiny, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    said = command("finetune", corpus, "-o", tmp_path, "--encoder", f"hub:{tiny('Hubert')}", *QUICK, expect=2)
    assert "holds something else" in one_line(said) and (tmp_path / "thesis.txt").read_text() == "mine"


def test_bad_corpora_are_told(corpus, tiny, tmp_path):
    encoder = f"hub:{tiny('Hubert')}"
    with pytest.raises(CorpusError):
        finetune(tmp_path / "nowhere.csv", tmp_path / "ear", encoder=encoder, **OPTIONS)
    with pytest.raises(OptionError, match="unknown option 'colour'"):
        finetune(corpus, tmp_path / "ear", encoder=encoder, colour="red", **OPTIONS)
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table["text"] = "I love this wonderful place."
    table.to_csv(tmp_path / "glad.csv", index=False)
    with pytest.raises(LabelError, match="only positive labels"):
        finetune(tmp_path / "glad.csv", tmp_path / "ear", encoder=encoder, **OPTIONS)
