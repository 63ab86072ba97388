"""Lhotse manifests: JSON lines of recordings, supervisions and cuts."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise.corpus import json_lines, read_corpus
from tonewise.errors import CorpusError
from tonewise.records import Corpus


def wav(path: Path, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros((1600, channels), dtype=np.float32), 16_000)


def put(path: Path, *items: object) -> Path:
    data = "".join(json.dumps(item) + "\n" for item in items).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def recording(name: str, *sources: dict[str, object]) -> dict[str, object]:
    return {"id": name, "sources": list(sources), "sampling_rate": 16000, "num_samples": 1600, "duration": 0.1}


def file(source: str, *channels: int) -> dict[str, object]:
    return {"type": "file", "channels": list(channels), "source": source}


def supervision(name: str, text: object = "hello", **more: object) -> dict[str, object]:
    return {"id": "s", "recording_id": name, "start": 0.5, "duration": 2.25, "channel": 0, "text": text, **more}


def problems(corpus: Corpus) -> list[tuple[str, int]]:
    return [(problem.kind, problem.count) for problem in corpus.problems]


@pytest.mark.parametrize("extension", [".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("whole_folder", [True, False])
def test_recordings_and_supervisions(tmp_path: Path, extension: str, whole_folder: bool) -> None:
    wav(tmp_path / "audio" / "mono.wav")
    wav(tmp_path / "audio" / "call.wav", 2)
    folder = tmp_path / "data" / "manifests"
    put(
        folder / f"calls_recordings_dev{extension}",
        recording("mono", file("audio/mono.wav", 0)),
        recording("call", file("audio/call.wav", 0, 1)),
        recording("apart", file("data/manifests/left.wav", 0), file("data/manifests/right.wav", 1)),
    )
    wav(folder / "right.wav")
    path = put(
        folder / f"calls_supervisions_dev{extension}",
        supervision(
            "mono", " Good  morning. ", speaker="ann", language="English", custom={"mood": "happy", "deep": {}}
        ),
        supervision("call", channel=1, speaker="bob", gender="m"),
        supervision("call", channel=[0, 1]),
        supervision("apart", channel=1, custom={"mood": "sad", "text": "never", "ratio": float("nan")}),
        supervision("apart", channel=0),
        supervision("mono", None),
        supervision("mono", start=None),
    )
    corpus = read_corpus(folder if whole_folder else path)
    table = corpus.utterances
    assert corpus.layout == "lhotse"
    assert table["text"].tolist() == ["Good morning.", "hello", "hello", "hello"]
    assert [Path(audio).name for audio in table["audio"]] == ["mono.wav", "call.wav", "call.wav", "right.wav"]
    assert table["channel"].tolist() == [None, 1, None, None]
    assert (table["start"].tolist(), table["end"].tolist()) == ([0.5] * 4, [2.75] * 4)
    assert table["speaker"].tolist() == ["ann", "bob", None, None]
    assert table["language"].tolist() == ["en", None, None, None]
    assert table["mood"].fillna("").tolist() == ["happy", "", "", "sad"]
    assert set(table.columns[8:]) == {"gender", "mood"}
    assert problems(corpus) == [("bad_supervision", 2), ("missing_audio", 1)]


def test_cuts_hold_their_recordings(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    cut = {"id": "c", "start": 10.0, "duration": 5.0, "channel": 0, "type": "MonoCut"}
    path = put(
        tmp_path / "cuts_train.jsonl.gz",
        {**cut, "recording": recording("a", file("a.wav", 0)), "supervisions": [supervision("x"), "odd"]},
        {**cut, "supervisions": [supervision("x")]},
    )
    corpus = read_corpus(path)
    assert corpus.utterances[["recording", "start", "end"]].values.tolist() == [["a", 10.5, 12.75]]
    assert problems(corpus) == [("bad_cut", 1)]


def test_a_manifest_that_is_called_after_both_is_read_once(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    cut = {"start": 0, "recording": recording("a", file("a.wav", 0)), "supervisions": [supervision("a")]}
    put(tmp_path / "cuts_with_recordings.jsonl", cut)
    assert len(read_corpus(tmp_path).utterances) == 1


def test_what_no_table_can_hold(tmp_path: Path) -> None:
    custom = {"huge": 10**400, "beyond": float("inf"), "count": 3}
    path = put(tmp_path / "supervisions.jsonl", supervision("a", "half \ud83d of it, \U0001f600", custom=custom))
    table = read_corpus(path, require_audio=False).utterances
    assert (table["text"][0], table["count"][0]) == ("half \ufffd of it, \U0001f600", 3)
    assert list(table.columns[8:]) == ["count"]


@pytest.mark.parametrize(
    ("kind", "problem"), [("command", "piped_audio"), ("url", "remote_audio"), ("memory", "remote_audio")]
)
def test_commands_and_addresses_are_left_alone(tmp_path: Path, kind: str, problem: str) -> None:
    wav(tmp_path / "a.wav")
    source = {"type": kind, "channels": [0], "source": f"touch {tmp_path}/ran"}
    put(tmp_path / "recordings.jsonl", recording("odd", source), recording("a", file("a.wav", 0)))
    path = put(tmp_path / "supervisions.jsonl", supervision("odd"), supervision("a"))
    corpus = read_corpus(path)
    assert corpus.utterances["recording"].tolist() == ["a"]
    assert problems(corpus) == [(problem, 1)]
    assert not (tmp_path / "ran").exists()
    put(path, supervision("odd"))
    with pytest.raises(CorpusError, match="recording 'odd' is"):
        read_corpus(path)
    assert len(read_corpus(path, require_audio=False).utterances) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{\n", "line 1 is no JSON"),
        (b"[1]\n", "line 1 is no JSON object"),
        (b"\n\n" + b"[" * 200_000, "line 3 is no JSON"),
        (b'{"recording_id": "a", "start": 1e999, "duration": 1, "text": "x"}\n', "expected start, duration and text"),
        (b'{"recording_id": "a", "start": 1, "duration": 1, "text": "x"}\n', "none of its 1 recordings is there"),
        (b"\xff\xfe\n", "line 1 is no JSON"),
        (b"", "not one utterance can be used"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "supervisions.jsonl"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=message) as caught:
        read_corpus(path)
    assert "\n" not in str(caught.value)


def test_broken_and_huge_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "supervisions.jsonl.gz"
    for broken in (b"no gzip", gzip.compress(b"{}" * 1000)[:-10], gzip.compress(b"{}" * 1000)[:12] + b"\xff" * 9):
        path.write_bytes(broken)
        with pytest.raises(CorpusError, match="expected JSON lines"):
            read_corpus(path)
    monkeypatch.setattr(json_lines, "MAX_LINE", 2**20)
    path.write_bytes(gzip.compress(b" " * 2**24))
    with pytest.raises(CorpusError, match="longer than 1 MiB"):
        read_corpus(path)


def test_a_manifest_of_any_name_is_known_by_its_first_line(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    put(tmp_path / "my-recording.jsonl", recording("a", file("a.wav", 0)))
    path = put(tmp_path / "sups.jsonl", supervision("a"))
    assert read_corpus(path).utterances["recording"].tolist() == ["a"]
    with pytest.raises(CorpusError, match="no known corpus layout"):
        read_corpus(put(tmp_path / "other.jsonl", {"a": 1}))
