"""Models as zips: equal bytes for equal models, and nothing that a stranger's zip says is believed."""

from __future__ import annotations

import io
import random
import shutil
import struct
import warnings
import zipfile

import pytest

import small_model
from tonewise import bundle
from tonewise.errors import BundleError, OptionError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return small_model.save_model(tmp_path_factory.mktemp("archive") / "model")


@pytest.fixture(scope="module")
def zipped(model):
    return bundle.export(model, model.parent / "model.zip")


def files_of(model):
    return {name: (model / name).read_bytes() for name in ("manifest.json", "classifier.onnx", "README.md")}


def pack(path, entries, method=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, bytes) pairs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in entries:
                archive.writestr(name, data)
    return path


def refused(path):
    with pytest.raises(BundleError) as error:
        bundle.load(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_zip_is_the_same_model(model, zipped, tmp_path):
    assert bundle.load(zipped).manifest == bundle.load(model).manifest
    assert bundle.verify(zipped).notes == ()
    back = bundle.export(zipped, tmp_path / "back")
    assert files_of(back) == files_of(model)


def test_equal_models_make_equal_zips(model, zipped, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    (copy / "README.md").touch()
    (copy / "notes.txt").write_text("mine")
    (copy / "origin.json").write_text('{"address": "hf://a/b", "commit": "' + "0" * 40 + '"}')
    assert bundle.export(copy, tmp_path / "a.zip").read_bytes() == zipped.read_bytes()
    assert bundle.export(zipped, tmp_path / "b.zip").read_bytes() == zipped.read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        assert [entry.date_time for entry in archive.infolist()] == [(1980, 1, 1, 0, 0, 0)] * 3


def test_what_is_damaged_is_not_exported(model, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    (copy / "classifier.onnx").write_bytes(b"other")
    with pytest.raises(BundleError, match="is damaged"):
        bundle.export(copy, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/etc/passwd",
        "C:\\evil",
        "..\\evil",
        "model/manifest.json",
        "README.md/",
        "origin.json",
        "x.py",
    ],
)
def test_names_that_are_no_models_are_refused(model, tmp_path, name):
    path = pack(tmp_path / "m.zip", [*files_of(model).items(), (name, b"x")])
    assert "which is no file of a model" in refused(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.zip"]


def test_bombs_are_refused(model, tmp_path):
    others = [(name, data) for name, data in files_of(model).items() if name != "README.md"]
    bomb = pack(tmp_path / "m.zip", [*others, ("README.md", bytes(4 * 2**20))])
    assert "README.md would grow from" in refused(bomb)
    large = pack(tmp_path / "l.zip", [*others, ("README.md", bytes(4 * 2**20 + 1))])
    assert "README.md has more than 4,194,304 bytes" in refused(large)


def test_a_zip_that_lies_about_a_length_is_refused(model, tmp_path):
    path = pack(tmp_path / "m.zip", [*[*files_of(model).items()][:2], ("README.md", b"a" * 5000)])
    data = bytearray(path.read_bytes())
    for length in (10, 100_000):
        for start, where in ((b"PK\1\2", 24), (b"PK\3\4", 22)):  # the directory's word, then the entry's own
            at = data.rindex(start) + where
            data[at : at + 4] = struct.pack("<I", length)
        path.write_bytes(data)
        assert "damaged" in refused(path) or "grow" in refused(path) or "no model" in refused(path)


def test_twice_too_many_links_and_locks(model, tmp_path):
    files = [*files_of(model).items()]
    assert "holds a file twice" in refused(pack(tmp_path / "a.zip", [*files, files[0]]))
    assert "holds 1003 files" in refused(pack(tmp_path / "b.zip", [*files, *((f"f{n}", b"") for n in range(1000))]))
    link = zipfile.ZipInfo("README.md")
    link.external_attr = 0o120777 << 16
    assert "a link" in refused(pack(tmp_path / "c.zip", [*files[:2], (link, b"/etc/passwd")]))
    assert "packed in a rare way" in refused(pack(tmp_path / "d.zip", files, zipfile.ZIP_LZMA))
    locked = bytearray(pack(tmp_path / "e.zip", files).read_bytes())
    for start, where in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = locked.index(start) + where
        locked[at] |= 1
    (tmp_path / "e.zip").write_bytes(locked)
    assert "encrypted" in refused(tmp_path / "e.zip")


def test_what_is_missing_or_no_zip(model, tmp_path):
    files = files_of(model)
    assert "it has no manifest.json" in refused(pack(tmp_path / "a.zip", [("README.md", b"")]))
    some = [("manifest.json", files["manifest.json"]), ("README.md", b"")]
    assert "classifier.onnx is missing" in refused(pack(tmp_path / "b.zip", some))
    (tmp_path / "c.zip").write_text("no zip")
    assert "neither a folder nor a zip" in refused(tmp_path / "c.zip")
    with pytest.raises(OptionError, match=r"d\.zip cannot be written .*; choose another -o"):
        (tmp_path / "d.zip").mkdir()
        bundle.export(model, tmp_path / "d.zip")


def test_mutated_zips_are_read_or_refused_in_one_line(zipped, tmp_path, model):
    """Thousands would take too long here; each is read as the model it was, or refused, and never anything else."""
    spoil, path, whole = random.Random(1), tmp_path / "m.zip", zipped.read_bytes()
    packed = io.BytesIO()
    pack(packed, files_of(model).items())
    manifest = bundle.load(model).manifest
    for turn in range(300):
        data = bytearray(whole if turn % 2 else packed.getvalue())
        for _ in range(spoil.choice((1, 2, 8))):
            at = spoil.randrange(len(data)) if spoil.random() < 0.5 else spoil.randrange(len(data) - 400, len(data))
            data[at] = spoil.randrange(256)
        if spoil.random() < 0.2:
            del data[spoil.randrange(len(data)) :]
        path.write_bytes(data)
        try:
            assert bundle.load(path).manifest == manifest
        except BundleError as error:
            assert "\n" not in str(error)
