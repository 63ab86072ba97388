"""Bundles: written whole, verified when read, refused in one line when they are not what they should be."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import pickle  # noqa: TID251 (to show that it is not used)
import random
from pathlib import Path

import numpy as np
import pytest

import small_model
import tonewise
from tonewise import bundle
from tonewise.errors import BundleError

SOURCE = Path(tonewise.__file__).parent


@pytest.fixture
def saved(tmp_path):
    return small_model.save_model(tmp_path / "model")


def change(saved, **values):
    manifest = json.loads((saved / "manifest.json").read_text()) | values
    (saved / "manifest.json").write_text(json.dumps(manifest))


def put(saved, name, data):
    """A file with the checksum that goes with it."""
    (saved / name).write_bytes(data)
    manifest = json.loads((saved / "manifest.json").read_text())
    change(saved, checksums={**manifest["checksums"], name: hashlib.sha256(data).hexdigest()})


def refused(saved):
    with pytest.raises(BundleError) as error:
        bundle.load(saved)
    assert "\n" not in str(error.value)
    return str(error.value)


# -- writing and reading -------------------------------------------------------------------------------------------------


def test_saved_and_loaded(saved):
    found = bundle.load(saved)
    assert found.feature_specs == ("mel",) and found.baseline is None and found.origin is None
    assert found.classifier.positive(np.zeros((2, 3), np.float32)).shape == (2,)
    assert sorted(file.name for file in saved.iterdir()) == ["README.md", "classifier.onnx", "manifest.json"]


def test_same_content_same_bytes(tmp_path, saved):
    again = small_model.save_model(tmp_path / "again")
    for name in ("manifest.json", "classifier.onnx", "README.md"):
        assert (again / name).read_bytes() == (saved / name).read_bytes()


def test_an_older_bundle_is_replaced_and_nothing_is_left_behind(tmp_path, saved):
    small_model.save_model(saved, note="new")
    assert bundle.load(saved).manifest["note"] == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_something_else_is_not_overwritten(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("precious")
    with pytest.raises(BundleError, match="holds something else than a model; choose another -o"):
        small_model.save_model(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "precious"
    (tmp_path / "thesis" / "manifest.json").write_text('{"name": "a browser\'s extension"}')
    with pytest.raises(BundleError, match="holds something else than a model; choose another -o"):
        small_model.save_model(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "precious"
    with pytest.raises(BundleError, match=r"no model can be written to x+ .*too long"):
        bundle.check_target("x" * 300)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="is a file; a model is a folder"):
        bundle.check_target(tmp_path / "file")


def test_what_could_not_be_read_is_not_written(tmp_path):
    with pytest.raises(BundleError, match="the manifest to be written is damaged: it has the unknown key 'mood'"):
        small_model.save_model(tmp_path / "m", mood="good")
    assert list(tmp_path.iterdir()) == []


def test_a_baseline_comes_back_as_it_was_kept(tmp_path):
    everybody = np.arange(1.0, 7.0).reshape(2, 3)
    saved = bundle.save(
        tmp_path / "m",
        manifest=small_model.manifest(baseline={"kind": "speaker", "shrinkage": 40.0}),
        classifier=small_model.classifier(),
        card="",
        baseline=everybody,
    )
    np.testing.assert_array_equal(bundle.load(saved).baseline, everybody)
    assert dict(bundle.verify(saved).checks)["baseline"] == "3 finite means and positive deviations, no pickle"
    for wrong in (
        everybody[:, :2],
        everybody.astype("f4"),
        -everybody,
        everybody * np.nan,
        np.array([{}], dtype=object),
    ):
        np.save(saved / "baseline.npy", wrong)
        put(saved, "baseline.npy", (saved / "baseline.npy").read_bytes())
        assert "means and deviations" in refused(saved)
    (saved / "baseline.npy").write_bytes(b"other")
    assert "baseline.npy is damaged" in refused(saved)
    (saved / "baseline.npy").unlink()
    assert "baseline.npy is missing" in refused(saved)
    checksums = json.loads((saved / "manifest.json").read_text())["checksums"]
    del checksums["baseline.npy"]
    change(saved, checksums=checksums)
    assert "it has no checksum of baseline.npy" in refused(saved)


# -- damage, and what others may have put in -----------------------------------------------------------------------------


def test_damage_is_told(saved):
    data = (saved / "classifier.onnx").read_bytes()
    (saved / "classifier.onnx").write_bytes(data[:-1] + b"x")
    assert "classifier.onnx is damaged: its SHA-256" in refused(saved)
    (saved / "classifier.onnx").unlink()
    assert "is incomplete: classifier.onnx is missing" in refused(saved)


def test_other_manifests_are_refused(saved, tmp_path):
    for version in (99, "2", None, True, 0, [2]):
        change(saved, format_version=version)
        assert f"is of bundle format {version}, and this tonewise reads up to 3" in refused(saved)
    change(saved, format="something")
    assert "is no tonewise model" in refused(saved)
    for text, why in (
        ("[" * 100_000, "it is no JSON"),
        ("\xff", "no tonewise model|no JSON"),
        ('{"format": "tonewise-bundle", "format": "tonewise-bundle"}', "a key is repeated"),
        ('{"format": NaN}', "NaN, which is no number"),
        ("[]", "is no tonewise model"),
    ):
        (saved / "manifest.json").write_text(text)
        with pytest.raises(BundleError, match=why):
            bundle.load(saved)
    (saved / "manifest.json").write_bytes(b"\xff\xfe\x00")
    assert "it is no JSON" in refused(saved)
    with pytest.raises(BundleError, match="there is no such folder"):
        bundle.load(tmp_path / "gone")
    assert "cannot be read (File name too long); check its name" in refused(tmp_path / ("x" * 300))


def paths(value, where=()):
    """Every place of a manifest where a key could be added or a value changed."""
    if isinstance(value, dict):
        yield where
        for key, each in value.items():
            yield from paths(each, (*where, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from paths(value[0], (*where, 0))


FREE = {"identity", "options", "members", "reliabilities", "counts", "agreement", "languages", "versions", "metrics"}
FREE |= {"splits", "missing", "without_words"}


@pytest.mark.parametrize(
    "where",
    [each for each in paths(small_model.MANIFEST) if not FREE & {*each[-1:]} and "identity" not in each],
    ids=str,
)
def test_unknown_keys_are_refused_by_name(saved, where):
    manifest = json.loads((saved / "manifest.json").read_text())
    inner = manifest
    for key in where:
        inner = inner[key]
    inner["surprise"] = 1
    (saved / "manifest.json").write_text(json.dumps(manifest))
    name = ".".join([*map(str, where), "surprise"])
    assert f"manifest.json is damaged: it has the unknown key '{name}'" in refused(saved)


@pytest.mark.parametrize(
    ("entry", "value", "why"),
    [
        ("seed", 1.5, "seed is no whole number"),
        ("seed", True, "seed is no whole number"),
        ("seed", 10**30, "seed is no number"),
        ("classes", ["positive", "negative"], "classes is not"),
        ("features", [], "features is no list of 1 or more"),
        ("features", [{"spec": "mel", "dimensions": 10**9, "identity": {}}], "features.0.dimensions is no number"),
        ("features", [{"spec": "mel", "identity": {}}], "it has no 'features.0.dimensions'"),
        ("note", 5, "note is no text"),
        ("note", "x" * 200_000, "note is no text"),
        ("calibration", {"slope": "1", "intercept": 0}, "calibration.slope is no number"),
        ("calibration", [], "calibration is no object"),
        ("training", {"trained_groups": ["anna"]}, "training.trained_groups.0 is no hash of a speaker's name"),
        ("training", {"trained_groups": [], "coverage": 1.5}, "training.coverage is no number from 0 to 1"),
        ("training", {"trained_groups": [], "tone_quantiles": [0.9, 0.1]}, "tone_quantiles are not ascending numbers"),
        ("metrics", {"test": {"roc_auc": 7, "ci_low": 0, "ci_high": 1, "n": 1}}, "metrics.test.roc_auc is no number"),
        ("options", {"deep": [[[[[[[[[[1]]]]]]]]]]}, "nested too deeply"),
        ("checksums", {"../../etc/passwd": "0" * 64}, "it has the unknown key 'checksums.../../etc/passwd'"),
        ("checksums", {"classifier.onnx": "0" * 63, "README.md": "0" * 64}, "checksums.classifier.onnx is no SHA-256"),
        ("baseline", None, "baseline is no object"),
    ],
)
def test_types_and_ranges_are_checked(saved, entry, value, why):
    change(saved, **{entry: value})
    assert why in refused(saved)


def test_a_key_that_is_needed_is_missed(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    del manifest["labels"]
    (saved / "manifest.json").write_text(json.dumps(manifest))
    assert "it has no 'labels'" in refused(saved)


def test_any_broken_manifest_is_one_line(saved):
    """Values of every kind in every place: read or refused, and never anything else."""
    spoil = random.Random(0)
    values = [None, True, -1, 0.5, 1e300, "", "x", [], {}, [None], {"a": 1}, [[1]], {"a": {"b": []}}]
    whole = json.loads((saved / "manifest.json").read_text())
    seen = 0
    for _ in range(400):
        manifest = json.loads(json.dumps(whole))
        inner = manifest
        while True:
            key = spoil.choice(list(inner if isinstance(inner, dict) else range(len(inner))))
            if not isinstance(inner[key], dict | list) or not inner[key] or spoil.random() < 0.3:
                break
            inner = inner[key]
        inner[key] = spoil.choice(values)
        (saved / "manifest.json").write_text(json.dumps(manifest))
        try:
            bundle.load(saved)
        except BundleError as error:
            seen += "\n" not in str(error)
    assert seen > 200


def test_links_out_of_the_folder_are_refused(saved, tmp_path):
    data = (saved / "README.md").read_bytes()
    (tmp_path / "elsewhere").write_bytes(data)
    (saved / "README.md").unlink()
    (saved / "README.md").symlink_to(tmp_path / "elsewhere")
    assert "README.md is a link to a file elsewhere; copy the model with its files" in refused(saved)
    (tmp_path / "door").symlink_to(saved)
    assert "link to a file elsewhere" in refused(tmp_path / "door")
    (saved / "README.md").unlink()
    (saved / "README.md").symlink_to("README.md")
    assert "cannot be read (Too many levels" in refused(saved)
    (saved / "README.md").unlink()
    (saved / "README.md").write_bytes(data)
    assert (
        bundle.load(tmp_path / "door").manifest["seed"] == 0
    )  # the user's own link to the folder is the user's affair


def test_pipes_and_giants_are_refused(saved, monkeypatch):
    (saved / "README.md").unlink()
    os.mkfifo(saved / "README.md")
    assert "README.md is no plain file" in refused(saved)
    (saved / "README.md").unlink()
    (saved / "README.md").write_text("long")
    monkeypatch.setitem(bundle.LIMITS, "README.md", 3)
    assert "has more than 3 bytes" in refused(saved)


def test_other_files_are_not_read_and_told(saved):
    (saved / "hook.py").write_text("raise SystemExit")
    (saved / "README.md").write_text("# My own words\n")
    notes = bundle.verify(saved).notes
    assert notes[0] == "README.md was edited after training; nothing is computed from it"
    assert notes[1] == "not part of the model, and never read: hook.py"


def test_an_address_is_told_how_to_be_fetched():
    for model in ("hf://anna/calls", Path("hf://anna/calls")):
        with pytest.raises(BundleError, match="fetch it first: tonewise model pull hf://anna/calls -o FOLDER"):
            bundle.load(model)


def test_where_it_was_pulled_from(saved):
    told = {"address": "hf://anna/calls", "commit": "0" * 40}
    (saved / "origin.json").write_text(json.dumps(told))
    assert bundle.load(saved).origin == told
    for wrong in ('{"address": "hf://anna/calls"}', "[", '{"address": "http://x", "commit": "1"}'):
        (saved / "origin.json").write_text(wrong)
        assert "origin.json is damaged; delete it" in refused(saved)


# -- older formats -------------------------------------------------------------------------------------------------------


def test_bundles_of_the_second_format_are_read(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    del manifest["audit"], manifest["training"]["languages"]
    (saved / "manifest.json").write_text(json.dumps({**manifest, "format_version": 2}))
    found = bundle.load(saved).manifest
    assert found["format_version"] == 3 and found["audit"] == [] and found["training"]["languages"] == {}
    assert dict(bundle.verify(saved).checks)["format"] == "2, read as 3"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            {"name": "lexicon", "threshold": 0.2, "textblob": "0.19"},
            {
                "name": "lexicon",
                "threshold": 0.2,
                "identity": {"name": "lexicon", "threshold": 0.2, "textblob": "0.19"},
            },
        ),
        (
            {"name": "column", "column": "mood"},
            {"name": "column", "threshold": 0.1, "identity": {"name": "column", "column": "mood"}},
        ),
    ],
)
def test_bundles_of_the_first_format_are_read(saved, labels, expected):
    """As the first version wrote them: no baseline, calibration or audit, and the labeller's identity as its policy."""
    manifest = json.loads((saved / "manifest.json").read_text())
    for name in ("baseline", "refinement", "calibration", "mismatch", "audit"):
        del manifest[name]
    for name in ("languages", "tone_quantiles"):
        del manifest["training"][name]
    (saved / "manifest.json").write_text(json.dumps({**manifest, "labels": labels, "format_version": 1}))
    found = bundle.load(saved)
    assert found.baseline is None and found.manifest["baseline"] == {"kind": "none"}
    assert found.manifest["labels"] == expected and found.manifest["calibration"] is None


def test_a_broken_manifest_of_an_older_format_is_one_line(saved):
    for broken in ({"labels": 5}, {"training": [1]}, {"labels": [["a"]]}):
        change(saved, format_version=1, **broken)
        refused(saved)


# -- nothing that is loaded can run ---------------------------------------------------------------------------------------


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}


def unsafe_in(source):
    """What a module imports or calls that could run what it loads."""
    tree = ast.parse(source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    unsafe = {"pickle", "cPickle", "_pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "jsonpickle"}
    yield from {name.partition(".")[0] for name in imported} & unsafe
    if '"trust_remote_code": True' in source:
        yield "trust_remote_code"
    for name, words in calls(tree):
        if name in ("np.load", "numpy.load") and words.get("allow_pickle") != "False":
            yield name
        if name in ("torch.load", "pd.read_pickle", "pandas.read_pickle", "yaml.load", "yaml.unsafe_load"):
            yield name
        if words.get("trust_remote_code", "False") != "False":
            yield "trust_remote_code"
        if (
            name.startswith("AutoModel")
            and name.endswith(".from_pretrained")
            and words.get("use_safetensors") != "True"
        ):
            yield name


def test_no_module_loads_what_could_run():
    modules = sorted(SOURCE.rglob("*.py"))
    found = {str(module): sorted(unsafe_in(module.read_text(encoding="utf-8"))) for module in modules}
    assert len(found) > 300 and {module: what for module, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
        "torch.load(file)",
        "AutoModel.from_pretrained(folder)",
        "AutoConfig.from_pretrained(folder, trust_remote_code=True)",
    ],
)
def test_the_search_for_what_could_run_finds_it(source):
    assert list(unsafe_in(source))


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def test_a_trap_in_any_file_of_a_bundle_stays_shut(saved, tmp_path, monkeypatch):
    trap = pickle.dumps(Trap(tmp_path / "sprung"))
    boxed = tmp_path / "boxed.npy"
    np.save(boxed, np.array([Trap(tmp_path / "sprung")], dtype=object), allow_pickle=True)

    def loads(*_arguments, **_options):
        raise AssertionError("a pickle was loaded")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, loads)
    manifest = (saved / "manifest.json").read_text()
    for name in ("classifier.onnx", "baseline.npy", "README.md", "origin.json", "manifest.json"):
        for data in (trap, boxed.read_bytes()):
            whole = (saved / name).read_bytes() if (saved / name).exists() else None
            if name in ("origin.json", "manifest.json"):
                (saved / name).write_bytes(data)
            else:
                put(saved, name, data)
            if name == "README.md":
                bundle.load(saved)
            else:
                refused(saved)
            (saved / name).unlink() if whole is None else (saved / name).write_bytes(whole)
            (saved / "manifest.json").write_text(manifest)
    assert not (tmp_path / "sprung").exists()
