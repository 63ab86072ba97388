"""A model's tones before and after changes of the sound."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import tonewise
from tonewise import bundle
from tonewise.audio.perturb_line import Gain
from tonewise.errors import LabelError, OptionError
from tonewise.pipeline.changed_sound import hear_changed
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.loading import load_model
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.robustness import robustness
from tonewise.report.robustness import headline, lines, markdown, section

FEW = ["gain-10dB", "noise-white-10dB", "mu-law-8kHz", "crop"]


@pytest.fixture(scope="module")
def models(corpus, tmp_path_factory):
    """Models of the beeps: with and without a speaker's baseline, and one of fixed clips."""
    folder = tmp_path_factory.mktemp("robust")
    asked = {
        "none": {"features": "melstats", "baseline": "none"},
        "speaker": {"features": "melstats", "baseline": "speaker"},
        "fixed": {"features": "mel", "baseline": "none"},
    }
    return {
        name: load_model(tonewise.train(corpus, folder / name, cache=folder / "cache", **options).model)
        for name, options in asked.items()
    }


@pytest.fixture(scope="module")
def result(models, corpus):
    return robustness(models["none"], corpus, gold="mood", changes=FEW, cache=False)


def test_a_row_for_each_change(result):
    assert [each.name for each in result.changes] == [
        "gain-10dB",
        "noise-white-10dB",
        "mu-law-8kHz",
        *(f"crop-{side}-{share}%" for share in (10, 20) for side in ("start", "end")),
    ]
    assert result.passed == sum(each.found.passed for each in result.changes)
    assert all(each.found.auc is not None and each.found.n == result.utterances for each in result.changes)
    assert all(each.mixed is None for each in result.changes)
    assert result.clean == result.changes[0].found.clean_auc


def test_only_voices_that_were_not_trained_on(models, result, corpus):
    trained = set(models["none"].manifest["training"]["trained_groups"])
    speakers = pd.read_csv(corpus)["speaker"].unique()
    held_out = [name for name in speakers if bundle.fingerprints([f"speaker:{name}"])[0] not in trained]
    assert 0 < len(held_out) < len(speakers)
    assert (result.groups, result.trained_groups) == (len(held_out), 0)
    assert result.utterances == result.available == 12 * len(held_out)


def test_trained_voices_are_used_and_told_where_there_are_no_others(models, corpus, tmp_path):
    trained = set(models["none"].manifest["training"]["trained_groups"])
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    known = [bundle.fingerprints([f"speaker:{name}"])[0] in trained for name in table["speaker"]]
    table[known].to_csv(tmp_path / "known.csv", index=False)
    found = robustness(models["none"], tmp_path / "known.csv", changes=["gain-10dB"], limit=20, cache=False)
    assert found.trained_groups == found.groups > 0
    assert "some of whom it was trained on" in headline(found.as_json())
    assert found.gold_column is found.clean is found.changes[0].found.auc is None


def test_clips_are_spread_over_classes_and_speakers(models, corpus):
    found = robustness(models["none"], corpus, gold="mood", changes=["gain-10dB"], limit=12, cache=False)
    assert found.utterances == 12
    assert found.clean is not None and found.clean.positives == 6
    assert found.available > 12


@pytest.mark.parametrize("name", ["none", "speaker", "fixed"])
def test_a_change_that_changes_nothing_gives_the_models_own_tones(models, corpus, name):
    """So the way by which changed sound is heard is the way by which the model hears."""
    loaded = models[name]
    rows = audible(read_corpora(corpus), jobs=1).utterances.iloc[:30]
    tones, heard = loaded.hear(rows, cache=open_cache(False))
    matrices, problems = hear_changed(loaded, rows, [Gain(0)], seed=0)
    assert heard.heard.all() and not problems
    np.testing.assert_allclose(loaded.tones(matrices["gain+0dB"], rows), tones, atol=2e-3)


def test_both_cases_are_told_where_a_model_has_a_baseline(models, corpus):
    found = robustness(models["speaker"], corpus, gold="mood", changes=["gain-20dB"], cache=False)
    assert found.baseline == "speaker"
    (change,) = found.changes
    assert change.mixed is not None
    assert change.found.change != change.mixed.change  # which is smaller depends on the change
    assert "One clip: change" in markdown(found.as_json())


def test_one_clip_among_clean_ones_is_that(models, corpus):
    """The fast way against the plain one."""
    from tonewise.pipeline.robustness import _Judge, _sample

    loaded = models["speaker"]
    read = audible(read_corpora(corpus), jobs=1)
    sample = _sample(read, None, loaded, 20, 0)
    clean, heard = loaded.hear(sample.rows, cache=open_cache(False))
    changed = hear_changed(loaded, sample.rows, [Gain(-20)], seed=0)[0]["gain-20dB"]
    fast = _Judge(loaded, sample, clean, heard.matrix, 0)._mixed(changed)
    for row in (0, 7, 19):
        matrix = heard.matrix.copy()
        matrix[row] = changed[row]
        assert loaded.tones(matrix, sample.rows)[row] == pytest.approx(fast[row], abs=1e-6)


def test_same_seed_same_result_whatever_the_jobs(models, corpus, result):
    again = robustness(models["none"], corpus, gold="mood", changes=FEW, jobs=1, cache=False)
    assert again.changes == result.changes


def test_progress_is_reported(models, corpus):
    seen = []
    robustness(
        models["none"], corpus, changes=["gain"], limit=20, cache=False, progress=lambda *step: seen.append(step)
    )
    assert ("changed sound", 60, 60) in seen


def test_a_codec_that_is_not_there_is_a_problem_and_no_failure(models, corpus, monkeypatch):
    from tonewise.audio import perturb_codec

    def without(samples, container, codec, bit_rate, rate):
        raise perturb_codec.AudioError(f"this build of PyAV has no encoder {codec}")

    monkeypatch.setattr(perturb_codec, "_coded", without)
    found = robustness(models["none"], corpus, changes=["mp3-32k", "gain-10dB"], limit=12, cache=False)
    assert [each.name for each in found.changes] == ["gain-10dB"]
    (problem,) = found.problems
    assert (problem.kind, problem.subject, problem.count) == ("untried", "mp3-32k", 12)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"changes": ["hiss"]}, OptionError, "unknown change 'hiss'"),
        ({"limit": 3}, OptionError, "3 clips are too few"),
        ({"gold": "nothing"}, LabelError, "nothing"),
    ],
)
def test_bad_options(models, corpus, options, error, words):
    with pytest.raises(error, match=words):
        robustness(models["none"], corpus, cache=False, **options)


def test_too_few_clips(models, corpus, tmp_path):
    table = pd.read_csv(corpus).iloc[:5]
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table.to_csv(tmp_path / "few.csv", index=False)
    with pytest.raises(OptionError, match="5 clips to try changes on; expected 10"):
        robustness(models["none"], tmp_path / "few.csv", cache=False)


def test_json_is_whole_and_told_alike_after_being_kept(result):
    kept = json.loads(json.dumps(result.as_json(), allow_nan=False))
    assert markdown(kept) == markdown(result.as_json())
    assert section(kept) == section(result.as_json())
    assert lines(kept)[0] == headline(kept)
