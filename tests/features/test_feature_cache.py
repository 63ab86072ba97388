"""The cache finds what was kept, and nothing else; trouble with the disk never stops a run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonewise.features import FeatureCache
from tonewise.features.sources import SourceDigests
from tonewise.records import Clip

IDENTITY = {"name": "toy", "version": 1, "weights": "abc"}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")
    leave_alone(path)
    return path


def leave_alone(path: Path, seconds: float = 60.0) -> None:
    """Make a file look as if it had not been touched for a while."""
    changed = path.stat().st_mtime_ns - round(seconds * 1e9)
    os.utime(path, ns=(changed, changed))


def test_what_was_put_is_found_again(tmp_path, recording):
    cache = FeatureCache(tmp_path / "cache")
    keys = cache.keys([Clip(str(recording), 0.0, 1.0), Clip(str(recording), 1.0, 1.0)], IDENTITY)
    vector = np.arange(4, dtype=np.float32)
    assert cache.get_many(keys, 4) == [None, None]
    cache.put(keys[1], vector)
    again = FeatureCache(tmp_path / "cache")
    first, second = again.get_many(keys, 4)
    assert first is None
    assert np.array_equal(second, vector) and second.dtype == np.float32
    entry = next((tmp_path / "cache").glob("?/?/*.npy"))
    assert np.array_equal(np.load(entry, allow_pickle=False), vector)


def test_every_part_of_a_clip_and_of_the_encoder_is_in_the_key(tmp_path, recording):
    cache = FeatureCache(tmp_path / "cache")
    clip = Clip(str(recording), 0.0, 1.0)
    other = tmp_path / "b.wav"
    other.write_bytes(b"other sound")
    clips = [
        clip,
        replace(clip, start=0.5),
        replace(clip, duration=2.0),
        replace(clip, channel=0),
        replace(clip, channel=1),
        replace(clip, before=1.0),
        replace(clip, after=1.0),
        replace(clip, audio=str(other)),
    ]
    keys = cache.keys(clips, IDENTITY)
    keys += cache.keys([clip], IDENTITY | {"weights": "abd"}) + cache.keys([clip], IDENTITY | {"size": 1})
    keys += FeatureCache(tmp_path / "cache", decoder={"soundfile": "9.9"}).keys([clip], IDENTITY)
    assert len(set(keys)) == len(keys)


def test_the_key_follows_the_content_and_not_the_name(tmp_path, recording):
    cache = FeatureCache(tmp_path / "cache")
    copy = tmp_path / "elsewhere.wav"
    copy.write_bytes(recording.read_bytes())
    before, same = cache.keys([Clip(str(recording), 0.0, 1.0), Clip(str(copy), 0.0, 1.0)], IDENTITY)
    assert before == same
    recording.write_bytes(b"SOUND")
    assert cache.keys([Clip(str(recording), 0.0, 1.0)], IDENTITY) != [before]


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", np.float32([1, 2, 3]).tobytes(), None],
    ids=["empty", "rubbish", "no header", "cut off"],
)
def test_a_damaged_entry_is_a_miss_and_is_replaced(tmp_path, recording, content):
    cache = FeatureCache(tmp_path / "cache")
    key = cache.keys([Clip(str(recording), 0.0, 1.0)], IDENTITY)[0]
    vector = np.float32([1, 2, 3])
    cache.put(key, vector)
    entry = next((tmp_path / "cache").glob("?/?/*.npy"))
    entry.write_bytes(entry.read_bytes()[:-1] if content is None else content)
    assert cache.get_many([key], 3) == [None]
    cache.put(key, vector)
    assert np.array_equal(cache.get_many([key], 3)[0], vector)


@pytest.mark.parametrize("wrong", [np.float32([1, 2]), np.float32([1, np.nan, 3])], ids=["wrong shape", "not finite"])
def test_an_entry_that_cannot_be_meant_is_a_miss(tmp_path, recording, wrong):
    cache = FeatureCache(tmp_path / "cache")
    key = cache.keys([Clip(str(recording), 0.0, 1.0)], IDENTITY)[0]
    cache.put(key, wrong)
    assert cache.get_many([key], 3) == [None]


def test_no_root_is_no_cache(recording):
    cache = FeatureCache(None)
    keys = cache.keys([Clip(str(recording), 0.0, 1.0)], IDENTITY)
    cache.put(keys[0], np.float32([1]))
    assert keys == [None] and cache.get_many(keys, 1) == [None]


def test_a_cache_that_cannot_be_written_is_told_once(tmp_path, recording):
    (tmp_path / "cache").write_text("a file where a folder was expected")
    cache = FeatureCache(tmp_path / "cache")
    keys = cache.keys([Clip(str(recording), start, 1.0) for start in (0.0, 1.0)], IDENTITY)
    for key in keys:
        cache.put(key, np.float32([1]))
    assert [problem.kind for problem in cache.problems] == ["cache_off"]
    assert "features made now are not kept" in cache.problems[0].detail
    assert cache.get_many(keys, 1) == [None, None]


def test_a_full_disk_leaves_nothing_half_written(tmp_path, recording, monkeypatch):
    cache = FeatureCache(tmp_path / "cache")
    key = cache.keys([Clip(str(recording), 0.0, 1.0)], IDENTITY)[0]

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put(key, np.float32([1]))
    assert "No space left on device" in cache.problems[0].detail
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["sources.jsonl"]


WRITER = """
import sys
import numpy as np
from tonewise.features import FeatureCache
from tonewise.records import Clip
root, recording = sys.argv[1:]
cache = FeatureCache(root)
for turn in range(40):
    keys = cache.keys([Clip(recording, float(start), 1.0) for start in range(20)], {"name": "toy"})
    found = cache.get_many(keys, 256)
    assert all(vector is None or (vector == start).all() for start, vector in enumerate(found)), "torn"
    for start, key in enumerate(keys):
        cache.put(key, np.full(256, start, dtype=np.float32))
assert not cache.problems
"""


def test_processes_that_write_the_same_entries_at_once(tmp_path, recording):
    command = [sys.executable, "-c", WRITER, str(tmp_path / "cache"), str(recording)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [writer.communicate(timeout=60)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], errors
    assert len(list((tmp_path / "cache").glob("?/?/*.npy"))) == 20
    assert not list((tmp_path / "cache").glob("?/?/.*")), "temporary files were left"


def test_an_unchanged_recording_is_not_read_again(tmp_path, recording):
    memory = tmp_path / "sources.jsonl"
    digests = SourceDigests(memory)
    first = digests.digest(str(recording))
    digests.save()
    status = recording.stat()
    recording.write_bytes(b"other")  # as long, and it pretends not to have changed
    os.utime(recording, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert SourceDigests(memory).digest(str(recording)) == first
    leave_alone(recording, 5.0)
    assert SourceDigests(memory).digest(str(recording)) != first


def test_a_recording_that_was_just_written_is_not_trusted_by_its_time(tmp_path):
    recording = tmp_path / "fresh.wav"
    recording.write_bytes(b"sound")
    digests = SourceDigests(tmp_path / "sources.jsonl")
    assert digests.digest(str(recording)) is not None
    digests.save()
    assert not (tmp_path / "sources.jsonl").exists()


def test_lines_that_cannot_be_read_are_forgotten(tmp_path, recording):
    memory = tmp_path / "sources.jsonl"
    memory.write_text('{"no": "list"}\n["half a li\n[1, 2, 3, 4]\n\udcff\n', errors="surrogateescape")
    digests = SourceDigests(memory)
    first = digests.digest(str(recording))
    digests.save()
    assert str(recording) in memory.read_text(errors="replace")
    assert SourceDigests(memory).digest(str(recording)) == first


def test_an_absent_recording_has_no_digest(tmp_path):
    assert SourceDigests(None).digest(str(tmp_path / "absent.wav")) is None
