"""Judging a model by columns of any name, beside another model, and on recordings of strangers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import tonewise
from tonewise import audio, pipeline
from tonewise.errors import OptionError
from tonewise.pipeline.figures import write_figures
from tonewise.pipeline.finetuning_material import labelled_rows
from tonewise.pipeline.languages import rank_languages
from tonewise.pipeline.loading import load_model
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.records import Problem

ASKED = {"labels": "lexicon", "features": "melstats", "baseline": "none", "audit": False}


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    return load_model(tonewise.train(corpus, tmp_path_factory.mktemp("judged") / "model", cache=False, **ASKED).model)


@pytest.fixture
def table(corpus):
    found = pd.read_csv(corpus)
    return found.assign(audio=[str(corpus.parent / name) for name in found["audio"]])


def test_columns_with_names_of_our_own(model, table, tmp_path):
    few = [["few", "many"][number % 2] for number in range(len(table))]
    table.assign(words=few, tone=0.5).to_csv(tmp_path / "corpus.csv", index=False)
    found = tonewise.evaluate(model, tmp_path / "corpus.csv", gold="mood", by=["words"], cache=False)
    assert list(found.by["words"]) == ["few", "many"] == [each.value for each in found.groups["words"]]
    with pytest.raises(OptionError, match="called 'tone'"):
        tonewise.evaluate(model, tmp_path / "corpus.csv", gold="mood", by=["tone"], cache=False)


def test_what_befell_the_second_model_is_told(model, corpus):
    changed = replace(model, notices=(Problem("other_version", "melstats", "differs from training"),))
    found = tonewise.evaluate(model, corpus, gold="mood", against=changed, cache=False)
    assert [problem.kind for problem in found.problems] == ["other_version"]


def test_recordings_of_strangers_are_tried_first(model, corpus, tmp_path):
    strict = {"untrusted": audio.Limits(duration=0.1), "cache": False}
    asked = TrainingOptions(labels="lexicon")
    for refused in (
        lambda: tonewise.evaluate(model, corpus, gold="mood", **strict),
        lambda: pipeline.audit(model, corpus, **strict),
        lambda: pipeline.compare(corpus, systems=["melstats"], **strict),
        lambda: write_figures(corpus, tmp_path / "figures", **strict),
        lambda: rank_languages(model, corpus, gold="mood", **strict),
        lambda: labelled_rows(corpus, asked, Stopwatch(), strict["untrusted"], None),
    ):
        with pytest.raises(tonewise.errors.CorpusError, match="a stranger's file"):
            refused()


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_impossible_seeds_are_refused(seed, corpus, tmp_path):
    with pytest.raises(OptionError, match=f"--seed {seed} is impossible"):
        tonewise.train(corpus, tmp_path / "model", seed=seed)
