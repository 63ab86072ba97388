"""The article's pictures of a corpus: what is drawn, of how many utterances, and what is told where nothing can be."""

import warnings
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from tonewise import pipeline
from tonewise.errors import OptionError
from tonewise.pipeline.figures import correlate, sound_pictures, write_figures


@pytest.fixture(scope="module")
def few(corpus, tmp_path_factory):
    """Four voices with six utterances each, of which the lexicon labels five: as few as a model can be made of."""
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table = table[table["speaker"].isin(["s0", "s1", "s2", "s3"])].groupby("speaker").head(6)
    table.to_csv(path := tmp_path_factory.mktemp("few") / "few.csv", index=False)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("features")


@pytest.fixture(scope="module")
def model(few, cache, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "mel"
    pipeline.train(few, folder, features="mel", cache=cache)
    return folder


def test_correlations_are_pearson_s():
    values = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32)
    found = correlate(values)
    expected = pd.DataFrame(values.astype(float)).corr().to_numpy()
    assert found.utterances == 50 and np.allclose(found.matrix, expected)


def test_a_band_that_never_changes_has_no_correlation():
    values = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    values[:, 1] = -100.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = correlate(values)
    assert np.isnan(found.matrix[1]).all() and np.isnan(found.matrix[:, 1]).all()
    assert np.isfinite(found.matrix[np.ix_([0, 2], [0, 2])]).all()


def test_two_utterances_tell_no_correlation():
    assert correlate(np.eye(2, 4)) is None


def test_pictures_are_of_the_labelled_utterances(few, cache):
    found = sound_pictures(few, seed=1, cache=cache)
    assert [picture.title for picture in found.spectrograms] == ["Labelled positive", "Labelled negative"]
    assert all(picture.seconds == 7.0 and sum(picture.padding) > 3 for picture in found.spectrograms)
    assert found.correlation.matrix.shape == (64, 64) and found.correlation.utterances == 20  # of 24: four are plain
    by_mood = sound_pictures(few, labels="mood", seed=1, cache=cache)
    assert by_mood.correlation.utterances == 24


def test_the_seed_draws_the_utterances_and_nothing_else_changes_the_bytes(few, cache, tmp_path):
    drawn = [sound_pictures(few, seed=seed, cache=cache).spectrograms for seed in range(3)]
    assert len({tuple(picture.padding for picture in pictures) for pictures in drawn}) > 1
    first, second = (write_figures(few, tmp_path / name, seed=3, cache=cache) for name in ("a", "b"))
    assert [file.path.read_bytes() for file in first.files] == [file.path.read_bytes() for file in second.files]


def test_a_model_adds_its_curve_and_its_languages(few, cache, model, tmp_path):
    (tmp_path / "roc.svg").write_text("old")
    (tmp_path / "kept.txt").write_text("kept")
    found = write_figures(few, tmp_path, model=model, gold="mood", cache=cache)
    names = [file.path.name for file in found.files]
    assert names == ["spectrogram-1.svg", "spectrogram-2.svg", "mel-correlation.svg", "roc.svg", "languages.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "kept.txt"])
    shown = {name: " ".join(text(tmp_path / name)) for name in names}
    assert "ROC curve by gold labels (column mood)" in shown["roc.svg"] and "all judged utterances" in shown["roc.svg"]
    assert "English" in shown["languages.svg"]
    # Two of four voices trained the model: whoever sees the picture alone must know.
    assert found.trained_groups == 2
    assert all(
        f"flattered: {found.trained_groups} of the voices" in shown[name] for name in ("roc.svg", "languages.svg")
    )
    assert "20 utterances" in shown["mel-correlation.svg"] and "silence added" in shown["spectrogram-1.svg"]


def text(path) -> list[str]:
    return [found.text or "" for found in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_what_cannot_be_drawn_is_told(few, model, tmp_path):
    table = pd.read_csv(few)
    happy = table[table["mood"] == "positive"].head(2).drop(columns="language")
    happy.to_csv(tmp_path / "few.csv", index=False)
    found = write_figures(tmp_path / "few.csv", tmp_path / "few", labels="mood", model=model, gold="mood")
    assert [file.path.name for file in found.files] == ["spectrogram-1.svg"]
    told = {problem.subject: problem.detail for problem in found.problems if problem.kind == "not_drawn"}
    assert set(told) == {"spectrogram-2.svg", "mel-correlation.svg", "roc.svg", "languages.svg"}
    assert "fewer than 3" in told["mel-correlation.svg"] and "none of 2 utterances is negative" in told["roc.svg"]
    assert "add a `language` column" in told["languages.svg"]


def test_a_model_needs_gold_and_gold_a_model(few, tmp_path):
    with pytest.raises(OptionError, match="--gold"):
        write_figures(few, tmp_path / "made", model="somewhere")
    with pytest.raises(OptionError, match="--model"):
        write_figures(few, tmp_path / "made", gold="mood")
    assert not (tmp_path / "made").exists()


@pytest.mark.real
def test_real_voices(shared, tmp_path):
    table = pd.read_csv(shared / "data" / "acted.csv").groupby("language").head(30)
    table["audio"] = [str(shared / "data" / name) for name in table["audio"]]
    table.to_csv(tmp_path / "acted.csv", index=False)
    found = write_figures(tmp_path / "acted.csv", tmp_path / "figures", labels="polarity")
    assert len(found.files) == 3
    assert sound_pictures(tmp_path / "acted.csv", labels="polarity").correlation.matrix.min() > -0.5
