"""Files at addresses: copied once, anew when they change, one line where they cannot be had."""

from __future__ import annotations

import errno
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner

from tonewise import remote
from tonewise.cli import main
from tonewise.corpus import read_corpus
from tonewise.errors import InputError, MissingExtraError
from tonewise.pipeline.transcribing import transcribe_missing

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TONEWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch):
    """A store in this process, allowed for as long as the test runs."""
    monkeypatch.setattr(remote, "SCHEMES", (*remote.SCHEMES, "memory"))
    store = fsspec.filesystem("memory")
    store.store.clear()
    yield store
    store.store.clear()


class _Handler(SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    signature: ClassVar[str] = ""  # what an address must end with

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        super().do_GET()

    def send_head(self):
        if self.path.endswith(self.signature):
            return super().send_head()
        self.send_error(403)
        return None

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path):
    """A web server on the loopback; gives (its address, its folder, the paths that were asked for)."""
    pytest.importorskip("aiohttp")
    folder = tmp_path / "web"
    folder.mkdir()
    _Handler.asked = []
    found = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{found.server_address[1]}", folder, _Handler.asked
    found.shutdown()
    found.server_close()
    thread.join()


def wav(path: Path, tone) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(1.0), 16_000)
    return path


# -- addresses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s3://bucket/a b.wav", "s3://bucket/a b.wav"),
        (Path("s3://bucket/a.wav"), "s3://bucket/a.wav"),
        (Path("https://host/a.wav?x=1"), "https://host/a.wav?x=1"),
        ("hf://datasets/org/name/a.wav", "hf://datasets/org/name/a.wav"),
        ("az:/box/a.wav", "az://box/a.wav"),
        ("file:///etc/passwd", None),
        ("ftp://host/a.wav", None),
        ("zip://a.wav::s3://bucket/a.zip", None),
        ("s3://bucket/a.zip::file:///x", None),
        ("memory://a.wav", None),
        ("C:/calls/a.wav", None),
        ("s3", None),
        ("calls/s3:/a.wav", None),
        ("/abs/a.wav", None),
    ],
)
def test_what_is_an_address(path, expected) -> None:
    assert remote.address(path) == expected


def test_secrets_are_not_shown() -> None:
    signed = "https://user:word@host:8080/a/b.wav?X-Amz-Signature=secret#part"
    assert remote.shown(signed) == "https://host:8080/a/b.wav"
    assert remote.name_of(signed) == "b.wav"
    assert remote.shown("s3://bucket/a?b.wav") == "s3://bucket/a?b.wav", "a question mark is a letter there"


def test_paths_beside_an_address() -> None:
    assert remote.beside("s3://bucket/data/m.csv", "calls/a.wav") == "s3://bucket/data/calls/a.wav"
    assert remote.beside("https://host/d/m.csv?token=1", "../a.wav") == "https://host/a.wav"


# -- copies ---------------------------------------------------------------------------------------------------------------


def test_a_file_is_copied_once_and_anew_when_it_changes(memory, cache: Path) -> None:
    memory.pipe("/box/a.wav", b"first")
    copy = remote.fetch("memory://box/a.wav")
    assert copy.read_bytes() == b"first" and copy.name == "a.wav" and cache in copy.parents
    before = copy.stat().st_mtime_ns
    assert remote.fetch("memory://box/a.wav") == copy and copy.stat().st_mtime_ns == before
    memory.pipe("/box/a.wav", b"second, longer")
    assert remote.fetch("memory://box/a.wav").read_bytes() == b"second, longer"
    assert copy.read_bytes() == b"first", "nobody who reads it loses it"
    assert not list(cache.rglob(".*")), "nothing half-made is left"


def test_what_arrives_in_part_is_not_kept(memory, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.pipe("/box/a.wav", b"twelve bytes")
    monkeypatch.setattr(type(memory), "get_file", lambda self, path, target, **_: Path(target).write_bytes(b"half"))
    with pytest.raises(InputError, match=r"memory://box/a\.wav: 4 of 12 bytes arrived; run the same again"):
        remote.fetch("memory://box/a.wav")
    assert not [file for file in cache.rglob("*") if file.is_file()]


def test_what_cannot_be_had_is_one_line(memory, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"memory://box/gone\.wav does not exist; check the address"):
        remote.fetch("memory://box/gone.wav")
    memory.pipe("/box/folder/a.wav", b"x")
    with pytest.raises(InputError, match="is a folder; a file was expected"):
        remote.fetch("memory://box/folder")
    for refused in ("file:///etc/passwd", "zip://a::memory://b", "ftp://host/a"):
        with pytest.raises(InputError, match="no address that is read; expected one of s3://"):
            remote.fetch(refused)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Forbidden: who are you?")

    monkeypatch.setattr(type(memory), "info", refuse)
    with pytest.raises(InputError, match=r"cannot be had \(Forbidden: who are you\?\); check the address, your access"):
        remote.fetch("memory://box/folder/a.wav")


def test_a_cache_that_cannot_be_written_is_not_blamed_on_the_address(memory, cache: Path, monkeypatch) -> None:
    memory.pipe("/box/a.wav", b"x")

    def fill(self: object, path: str, target: str, **_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "get_file", fill)
        with pytest.raises(InputError, match=r"remote cannot be written \(No space .* point TONEWISE_CACHE elsewhere"):
            remote.fetch("memory://box/a.wav")
    monkeypatch.setenv("TONEWISE_CACHE", str(cache / "file"))
    cache.joinpath("file").write_text("")
    with pytest.raises(InputError, match=r"file/remote cannot be written \(Not a directory\)"):
        remote.fetch("memory://box/a.wav")


def test_a_missing_extra_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", absent)
    with pytest.raises(MissingExtraError, match=r"reading s3:// addresses needs .* pip install 'tonewise\[remote\]'"):
        remote.fetch("s3://bucket/a.wav")
    with pytest.raises(MissingExtraError):
        remote.fetch_all(["s3://bucket/a.wav"])


def test_a_folder_is_copied_with_its_names(memory, cache: Path) -> None:
    for name in ("a.wav", "a.srt", "sub/b.wav", ".hidden/c.wav", "sub/._b.wav"):
        memory.pipe(f"/box/calls/{name}", name.encode())
    assert remote.is_folder("memory://box/calls") and not remote.is_folder("memory://box/calls/a.wav")
    folder, problems = remote.fetch_folder("memory://box/calls")
    found = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert found == {"a.wav": b"a.wav", "a.srt": b"a.srt", "sub/b.wav": b"sub/b.wav"} and not problems
    assert remote.fetch_folder("memory://box/calls")[0] == folder
    memory.pipe("/box/calls/a.wav", b"changed")
    assert remote.fetch_folder("memory://box/calls")[0] != folder
    with pytest.raises(InputError, match="no file of this folder can be had"):
        remote.fetch_folder("memory://box/nothing")


def test_names_that_lead_out_are_left_out() -> None:
    assert remote._relative("/box/calls/../../etc/passwd", "/box/calls") is None
    assert remote._safe("../a:b\0?.wav") == "_a_b__.wav"
    assert len(remote._safe("x" * 500 + ".wav")) < 130 and remote._safe("...") == "file"
    long = remote._safe("語" * 150 + ".wav")
    assert long.endswith("語.wav") and len(long.encode()) < 256, "file systems count bytes"


# -- over the web ---------------------------------------------------------------------------------------------------------


def test_over_http(server, tone) -> None:
    url, folder, asked = server
    wav(folder / "a b.wav", tone)
    copy = remote.fetch(f"{url}/a%20b.wav?signature=secret")
    assert copy.read_bytes() == (folder / "a b.wav").read_bytes()
    count = len(asked)
    remote.fetch(f"{url}/a%20b.wav?signature=secret")
    assert len(asked) == count, "only its header is asked for"
    with pytest.raises(InputError) as error:
        remote.fetch(f"{url}/gone.wav?signature=secret")
    assert "gone.wav does not exist" in str(error.value) and "secret" not in str(error.value)
    with pytest.raises(InputError, match=r"127.0.0.1:9/a.wav cannot be had \(Cannot connect .* the network"):
        remote.fetch("http://127.0.0.1:9/a.wav?signature=secret")


# -- commands -------------------------------------------------------------------------------------------------------------


def run(*arguments: object, expect: int = 0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == expect, f"{result.stdout}\n{result.stderr}"
    return json.loads(result.stdout) if expect == 0 else result.stderr


@pytest.fixture
def published(server, corpus: Path):
    """The small corpus on the web server, one recording of it gone; gives its address."""
    url, folder, _ = server
    for file in corpus.parent.iterdir():
        if file.name != "speaker3.wav":
            (folder / file.name).write_bytes(file.read_bytes())
    return url


def test_train_and_score_from_a_manifest_at_an_address(published: str, tmp_path: Path) -> None:
    model = tmp_path / "model"
    options = ("--features", "mel", "--no-cache", "--json")
    found = run("train", f"{published}/corpus.csv", "-o", model, *options)
    assert found["utterances"] == 84, "seven of eight speakers"
    assert [(p["kind"], p["subject"], p["count"]) for p in found["problems"] if p["kind"] == "unreachable"] == [
        ("unreachable", "speaker3.wav", 12)
    ]
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:00,900\nI love this.\n", encoding="utf-8")
    address = f"{published}/speaker0.wav"
    (scored,) = run("score", model, address, "--transcript", words, "--no-cache", "--json")
    assert scored["recording"] == address and scored["segments"][0]["tone"] is not None
    line = run("score", model, f"{published}/gone.wav", "--json", expect=2)
    assert "does not exist; check the address" in line and len(line.splitlines()) == 1


def test_the_page_of_a_signed_address_has_its_sound(
    server, corpus: Path, small_model: Path, tmp_path: Path, monkeypatch
) -> None:
    url, folder, _ = server
    (folder / "a.wav").write_bytes((corpus.parent / "speaker0.wav").read_bytes())
    monkeypatch.setattr(_Handler, "signature", "?signature=secret")
    page = tmp_path / "page.html"
    run("score", small_model, f"{url}/a.wav?signature=secret", "--no-cache", "--json", "-o", page)
    written = page.read_text(encoding="utf-8")
    assert "data:audio/wav;base64," in written and "secret" not in written


def test_a_local_manifest_may_name_addresses_and_files(published: str, corpus: Path, tmp_path: Path) -> None:
    table = pd.read_csv(corpus)
    away = table["audio"].isin(["speaker1.wav", "speaker2.wav", "speaker3.wav"])
    table["audio"] = [
        f"{published}/{name}" if far else str(corpus.parent / name)
        for name, far in zip(table["audio"], away, strict=True)
    ]
    table.to_csv(tmp_path / "mixed.csv", index=False)
    read = read_corpus(tmp_path / "mixed.csv").utterances
    assert read["recording"][12] == f"{published}/speaker1" and read["audio"][12] == f"{published}/speaker1.wav"
    found = run("inspect", tmp_path / "mixed.csv", "--json")
    assert found["sound"]["recordings"] == 7 and found["utterances"] == 84
    assert [problem["kind"] for problem in found["problems"]] == ["unreachable"]


def test_nothing_that_can_be_heard_is_one_line(server, tmp_path: Path) -> None:
    url, folder, _ = server
    (folder / "m.csv").write_text("audio,text\na.wav,I love it.\n", encoding="utf-8")
    line = run("train", f"{url}/m.csv", "-o", tmp_path / "model", "--json", expect=2)
    assert "has no utterance that can be heard" in line and "a.wav does not exist" in line
    assert "no such file" in run("train", "ftp://host/m.csv", "-o", tmp_path / "model", expect=2)


def test_a_folder_at_an_address(memory, tone, tmp_path: Path) -> None:
    for number in range(4):
        path = wav(tmp_path / f"{number}.wav", tone)
        memory.pipe(f"/box/calls/{number}.wav", path.read_bytes())
        memory.pipe(f"/box/calls/{number}.srt", b"1\n00:00:00,000 --> 00:00:00,900\nI love this.\n")
    found = run("inspect", "memory://box/calls", "--json")
    assert (found["layout"], found["source"]) == ("folder", "memory://box/calls")
    assert found["utterances"] == 4 and found["transcripts"] == {"srt": 4}
    assert run("label", "memory://box/calls", "--json")["counts"]["positive"] == 4


def test_transcripts_of_what_is_away_need_a_place(tmp_path: Path) -> None:
    line = run("transcribe", "https://host/a.wav", expect=2)
    assert "https://host/a.wav: nothing is written there; say where transcripts belong with -o FOLDER" in line
    assert transcribe_missing(["https://host/a.wav"]) == [], "and are not made on the way to something else"


def test_raw_sound_at_an_address(memory, tone, tmp_path: Path) -> None:
    samples = (tone(1.0, rate=8_000) * 32_767).astype("<i2")
    memory.pipe("/box/a.raw", samples.tobytes())
    assert "say it with --raw" in run("inspect", "memory://box/a.raw", "--json")["problems"][1]["examples"][0]
    found = run("inspect", "memory://box/a.raw", "--raw", "pcm16:8000", "--json")
    assert found["sound"]["seconds"]["total"] == pytest.approx(1.0) and np.isclose(
        found["sound"]["hours"], 1 / 3600, atol=1e-4
    )
