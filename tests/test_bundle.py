"""Bundles: written whole, verified when read, refused in one line when they are not what they should be."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tonewise import bundle, models
from tonewise.errors import BundleError


@pytest.fixture(scope="module")
def classifier() -> bytes:
    random = np.random.default_rng(0)
    features = random.normal(size=(50, 3)).astype(np.float32)
    return models.to_onnx(models.fit("logistic", features, features[:, 0] > 0), 3)


@pytest.fixture
def saved(tmp_path, classifier):
    return bundle.save(
        tmp_path / "model", manifest={"features": [{"spec": "mel"}]}, classifier=classifier, card="# Card\n"
    )


def test_saved_and_loaded(saved):
    found = bundle.load(saved)
    assert found.feature_specs == ("mel",)
    assert found.classifier.positive(np.zeros((2, 3), np.float32)).shape == (2,)
    assert sorted(file.name for file in saved.iterdir()) == ["README.md", "classifier.onnx", "manifest.json"]


def test_same_content_same_bytes(tmp_path, saved, classifier):
    again = bundle.save(
        tmp_path / "again", manifest={"features": [{"spec": "mel"}]}, classifier=classifier, card="# Card\n"
    )
    for name in ("manifest.json", "classifier.onnx", "README.md"):
        assert (again / name).read_bytes() == (saved / name).read_bytes()


def test_an_older_bundle_is_replaced_and_nothing_is_left_behind(tmp_path, saved, classifier):
    bundle.save(saved, manifest={"features": []}, classifier=classifier, card="new")
    assert bundle.load(saved).feature_specs == ()
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_something_else_is_not_overwritten(tmp_path, classifier):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("precious")
    with pytest.raises(BundleError, match="holds something else than a model; choose another -o"):
        bundle.save(tmp_path / "thesis", manifest={}, classifier=classifier, card="")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "precious"
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="is a file; a model is a folder"):
        bundle.check_target(tmp_path / "file")


def change(saved, **values):
    manifest = json.loads((saved / "manifest.json").read_text()) | values
    (saved / "manifest.json").write_text(json.dumps(manifest))


def test_damage_is_told(saved):
    data = (saved / "classifier.onnx").read_bytes()
    (saved / "classifier.onnx").write_bytes(data[:-1] + b"x")
    with pytest.raises(BundleError, match=r"classifier\.onnx is damaged: its SHA-256"):
        bundle.load(saved)
    (saved / "classifier.onnx").unlink()
    with pytest.raises(BundleError, match=r"is incomplete: classifier\.onnx is missing"):
        bundle.load(saved)


def test_other_manifests_are_refused(saved, tmp_path):
    change(saved, format_version=99)
    with pytest.raises(BundleError, match="is of bundle format 99, and this tonewise reads up to 2"):
        bundle.load(saved)
    change(saved, format="something")
    with pytest.raises(BundleError, match="is no tonewise model"):
        bundle.load(saved)
    (saved / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(BundleError, match="is damaged: it is no JSON"):
        bundle.load(saved)
    with pytest.raises(BundleError, match="there is no such folder"):
        bundle.load(tmp_path / "gone")


def test_a_manifest_cannot_point_outside(saved):
    change(saved, checksums={"../../etc/passwd": "0" * 64, "README.md": "0" * 64})
    with pytest.raises(BundleError, match="has no checksums"):
        bundle.load(saved)


def test_a_baseline_comes_back_as_it_was_kept(tmp_path, classifier):
    everybody = np.arange(6.0).reshape(2, 3)
    saved = bundle.save(tmp_path / "m", manifest={"features": []}, classifier=classifier, card="", baseline=everybody)
    np.testing.assert_array_equal(bundle.load(saved).baseline, everybody)
    (saved / "baseline.npy").write_bytes(b"other")
    with pytest.raises(BundleError, match=r"baseline\.npy is damaged"):
        bundle.load(saved)


def test_bundles_of_the_first_format_are_read(saved):
    change(saved, format_version=1)
    assert bundle.load(saved).baseline is None
