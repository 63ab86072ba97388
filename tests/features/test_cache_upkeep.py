"""A flipped bit is found, the limit holds by itself, and what is old goes first."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tonewise.features import FeatureCache, cache_upkeep
from tonewise.features.cache_entry import State, examine, kind_of, pack, unpack
from tonewise.features.cache_limit import BLOCK, Budget
from tonewise.records import Clip

KEY = "ab" * 32
IDENTITY = {"name": "toy", "version": 1}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")
    return path


def filled(root: Path, recording: Path, count: int, dimensions: int = 4) -> list[str | None]:
    """A cache of `count` vectors; the first was not used for `count` days, the last for one."""
    cache = FeatureCache(root)
    keys = cache.keys([Clip(str(recording), float(start), 1.0) for start in range(count)], IDENTITY)
    for days, key in zip(range(count, 0, -1), keys, strict=True):
        cache.put(key, np.full(dimensions, days, dtype=np.float32))
        used = time.time() - days * cache_upkeep.DAY - 5
        os.utime(entry(root, key), (used, used))
    return keys


def entry(root: Path, key: str | None) -> Path:
    assert key is not None
    return root / key[0] / key[1] / f"{key[:64]}.npy"


def old_entry(vector: np.ndarray) -> bytes:
    """As the first versions wrote them."""
    content = pack(vector, KEY, "toy")
    return content[: content.rindex(b"tw1 ")]


def test_every_flipped_bit_of_an_entry_is_found():
    vector = np.random.default_rng(0).normal(size=24).astype(np.float32)
    content = pack(vector, KEY, "turn-1")
    assert np.array_equal(unpack(content, KEY, 24), vector)
    assert (examine(content, KEY), kind_of(content)) == (State.WHOLE, "turn-1")
    for place in range(len(content)):
        for bit in (0, 4, 7):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            assert unpack(bytes(flipped), KEY, 24) is None, place
            assert examine(bytes(flipped), KEY) is State.DAMAGED, place


def test_an_entry_under_another_name_is_not_believed():
    assert unpack(pack(np.float32([1, 2]), KEY, "toy"), "cd" * 32, 2) is None


def test_an_entry_that_was_cut_off_or_grew_is_damaged():
    content = pack(np.float32([1, 2, 3]), KEY, "toy")
    for wrong in (content[:-1], content + b"\n", content[:40], b"", old_entry(np.float32([1, 2, 3]))[:-2]):
        assert unpack(wrong, KEY, 3) is None
        assert examine(wrong, KEY) is State.DAMAGED


def test_an_entry_of_the_first_versions_is_read_and_called_unverified():
    vector = np.float32([1, 2, 3])
    assert np.array_equal(unpack(old_entry(vector), KEY, 3), vector)
    assert (examine(old_entry(vector), KEY), kind_of(old_entry(vector))) == (State.UNVERIFIED, "unknown")
    assert examine(old_entry(np.float32([1, np.nan])), KEY) is State.DAMAGED


def test_a_damaged_entry_is_said_and_computed_again(tmp_path, recording):
    keys = filled(tmp_path / "c", recording, 3)
    path = entry(tmp_path / "c", keys[1])
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)
    cache = FeatureCache(tmp_path / "c")
    assert [vector is None for vector in cache.get_many(keys, 4)] == [False, True, False]
    (problem,) = cache.problems
    assert (problem.kind, problem.count) == ("cache_damaged", 1) and "toy" in problem.detail
    cache.put(keys[1], np.full(4, 2, dtype=np.float32))
    again = FeatureCache(tmp_path / "c")
    assert all(vector is not None for vector in again.get_many(keys, 4)) and not again.problems


def test_an_absent_entry_is_no_damage(tmp_path, recording):
    cache = FeatureCache(tmp_path / "c")
    assert cache.get_many(cache.keys([Clip(str(recording), 0.0, 1.0)], IDENTITY), 4) == [None] and not cache.problems


def test_verify_counts_and_removes_what_is_damaged(tmp_path, recording):
    keys = filled(tmp_path / "c", recording, 4)
    entry(tmp_path / "c", keys[0]).write_bytes(b"rubbish")
    kept = entry(tmp_path / "c", keys[1]).read_bytes()
    entry(tmp_path / "c", keys[1]).write_bytes(kept[: kept.rindex(b"tw1 ")])
    found = cache_upkeep.verify(tmp_path / "c")
    assert (found.whole, found.unverified, found.damaged) == (2, 1, 1)
    assert not entry(tmp_path / "c", keys[0]).exists()
    assert cache_upkeep.verify(tmp_path / "c").damaged == 0


def test_holdings_are_told_by_encoder(tmp_path, recording):
    filled(tmp_path / "c", recording, 3)
    cache = FeatureCache(tmp_path / "c")
    cache.put(cache.keys([Clip(str(recording), 0.0, 1.0)], {"name": "hub:A/B #2"})[0], np.ones(2000, np.float32))
    found = cache_upkeep.holdings(tmp_path / "c")
    assert found.entries == {"toy": 3, "hub-a-b-2": 1}
    assert found.sizes == {"toy": 3 * BLOCK, "hub-a-b-2": 2 * BLOCK}
    assert cache_upkeep.holdings(tmp_path / "absent").oldest is None


@pytest.mark.parametrize("left", [0, 1, 2, 5, 9])
def test_what_was_not_used_for_longest_goes_first(tmp_path, recording, left):
    keys = filled(tmp_path / "c", recording, 5)
    found = cache_upkeep.prune_to(tmp_path / "c", left * BLOCK)
    stays = min(left, 5)
    assert (found.entries, found.left) == (5 - stays, stays * BLOCK)
    assert [entry(tmp_path / "c", key).exists() for key in keys] == [place >= 5 - stays for place in range(5)]
    assert Budget(tmp_path / "c").used() == stays * BLOCK


def test_entries_of_the_same_hour_go_as_far_as_they_must(tmp_path, recording):
    cache = FeatureCache(tmp_path / "c")
    for key in cache.keys([Clip(str(recording), float(start), 1.0) for start in range(6)], IDENTITY):
        cache.put(key, np.ones(4, np.float32))
    assert cache_upkeep.prune_to(tmp_path / "c", 4 * BLOCK).left == 4 * BLOCK


def test_pruning_by_age_spares_what_was_read_since(tmp_path, recording):
    keys = filled(tmp_path / "c", recording, 5)
    FeatureCache(tmp_path / "c").get_many(keys[:1], 4)  # notes that it was used
    found = cache_upkeep.prune_older(tmp_path / "c", 3 * cache_upkeep.DAY)
    assert [entry(tmp_path / "c", key).exists() for key in keys] == [True, False, False, True, True]
    assert found.entries == 2


def test_when_all_goes_nobody_remembers_which_recordings_there_were(tmp_path, recording):
    os.utime(recording, (time.time() - 60,) * 2)
    filled(tmp_path / "c", recording, 2)
    assert "a.wav" in (tmp_path / "c" / "sources.jsonl").read_text()
    assert cache_upkeep.prune_all(tmp_path / "c").left == 0
    assert not (tmp_path / "c" / "sources.jsonl").exists()
    assert cache_upkeep.prune_all(tmp_path / "c").entries == 0, "once more"


def test_the_limit_holds_by_itself(tmp_path, recording):
    root = tmp_path / "c"
    keys = filled(root, recording, 20)
    Budget(root).set(16 * BLOCK)
    cache = FeatureCache(root)
    fresh = cache.keys([Clip(str(recording), 100.0 + start, 1.0) for start in range(10)], IDENTITY)
    for key in fresh:
        cache.put(key, np.ones(4, np.float32))
        assert cache_upkeep.holdings(root).entries.total() <= 16
    assert all(entry(root, key).exists() for key in fresh), "the newest stay"
    assert not entry(root, keys[0]).exists() and not cache.problems


def test_a_run_that_is_larger_than_the_limit_says_so_once(tmp_path, recording):
    root = tmp_path / "c"
    Budget(root).set(4 * BLOCK)
    cache = FeatureCache(root)
    for key in cache.keys([Clip(str(recording), float(start), 1.0) for start in range(30)], IDENTITY):
        cache.put(key, np.ones(4, np.float32))
    assert [problem.kind for problem in cache.problems] == ["cache_full"]
    assert "tonewise cache limit" in cache.problems[0].detail
    assert cache_upkeep.holdings(root).entries.total() <= 4


def test_the_tally_begins_with_what_older_versions_left(tmp_path, recording):
    root = tmp_path / "c"
    filled(root, recording, 5)
    (root / "used").unlink()
    cache = FeatureCache(root)
    cache.put(cache.keys([Clip(str(recording), 99.0, 1.0)], IDENTITY)[0], np.ones(4, np.float32))
    assert Budget(root).used() == 6 * BLOCK


def test_the_default_limit_counts_what_older_versions_left_as_free(tmp_path, recording, monkeypatch):
    root = tmp_path / "c"
    filled(root, recording, 20)
    (root / "used").unlink()
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=20 * BLOCK))
    cache = FeatureCache(root)
    cache.put(cache.keys([Clip(str(recording), 99.0, 1.0)], IDENTITY)[0], np.ones(4, np.float32))
    assert cache_upkeep.holdings(root).entries.total() == 18, "nine tenths of half of 41"


@pytest.mark.parametrize("content", ["", "{}", '{"bytes": "much"}', "[1"])
def test_a_limit_that_cannot_be_read_is_the_default(tmp_path, content):
    (tmp_path / "limit.json").write_text(content)
    assert Budget(tmp_path).limit > 10**6


def test_no_limit(tmp_path, recording):
    Budget(tmp_path).set(None)
    assert Budget(tmp_path).limit is None and not Budget(tmp_path).is_default
    filled(tmp_path, recording, 3)
    assert cache_upkeep.keep_limit(tmp_path, Budget(tmp_path)) is None
    assert Budget(tmp_path).used() == 3 * BLOCK, "what is told of the cache is true nonetheless"


def test_what_killed_processes_left_is_swept_at_the_next_writing(tmp_path, recording):
    root = tmp_path / "c"
    filled(root, recording, 1)
    dead, alive = root / "arriving" / "dead", root / "arriving" / "alive"
    dead.write_bytes(b"half")
    alive.write_bytes(b"half")
    os.utime(dead, (time.time() - 120,) * 2)
    cache = FeatureCache(root)
    cache.put(cache.keys([Clip(str(recording), 9.0, 1.0)], IDENTITY)[0], np.ones(4, np.float32))
    assert not dead.exists() and alive.exists()


def test_what_vanishes_while_it_is_swept_spares_nothing_else(tmp_path, recording):
    root = tmp_path / "c"
    filled(root, recording, 1)
    for number in range(20):  # half of them are gone when they are looked at
        (root / "arriving" / f"gone{number}").symlink_to("nowhere")
        dead = root / "arriving" / f"dead{number}"
        dead.write_bytes(b"half")
        os.utime(dead, (time.time() - 120,) * 2)
    cache_upkeep.sweep(root)
    assert not list((root / "arriving").glob("dead*"))


def test_a_full_disk_loses_no_result(tmp_path, recording, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    cache = FeatureCache(tmp_path / "c")
    keys = cache.keys([Clip(str(recording), float(start), 1.0) for start in range(2)], IDENTITY)
    monkeypatch.setattr(Path, "write_bytes", full)
    for key in keys:
        cache.put(key, np.ones(4, np.float32))
    assert [problem.kind for problem in cache.problems] == ["cache_off"]
    assert cache_upkeep.holdings(tmp_path / "c").entries.total() == 0
    assert not list((tmp_path / "c" / "arriving").iterdir())
