"""Whatever is in a file, its reader gives a transcript or one line; see `fuzz_transcripts.py` for the guided fuzzer."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transcript_mutations import ODD, SEEDS, as_bytes, check, mutated

from tonewise.transcripts import formats

FEW = settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MANY = settings(FEW, max_examples=250)


def _keys(value: object) -> set[str]:
    if isinstance(value, list):
        return {key for item in value for key in _keys(item)}
    return {key for name, item in value.items() for key in {name, *_keys(item)}} if isinstance(value, dict) else set()


JSON_SEEDS = {name: json.loads(seed) for name, seed in SEEDS.items() if seed[:1] in (b"{", b"[")}
KEYS = sorted(_keys(list(JSON_SEEDS.values())))
SCALARS = st.sampled_from([odd for odd in ODD if not isinstance(odd, list | dict)]) | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


def test_every_format_has_a_seed() -> None:
    assert set(SEEDS) == set(formats())


@pytest.mark.parametrize("name", sorted(JSON_SEEDS))
@FEW
@given(seed=st.integers(0, 2**32), times=st.integers(1, 6))
def test_almost_valid_json(tmp_path: Path, name: str, seed: int, times: int) -> None:
    data = as_bytes(mutated(JSON_SEEDS[name], random.Random(seed), times))
    check(tmp_path / "call", data)
    check(tmp_path / "call", data, name)


@MANY
@given(data=JSON, name=st.sampled_from(sorted(JSON_SEEDS)))
def test_any_json(tmp_path: Path, data: object, name: str) -> None:
    check(tmp_path / "call.json", as_bytes(data), name)
    check(tmp_path / "call.json", as_bytes(data))


@MANY
@given(data=JSON, name=st.sampled_from(sorted(JSON_SEEDS)), key=st.sampled_from(KEYS))
def test_valid_json_with_anything_below_one_key(tmp_path: Path, data: object, name: str, key: str) -> None:
    def replaced(value: object) -> object:
        if isinstance(value, dict):
            return {one: data if one == key else replaced(item) for one, item in value.items()}
        return [replaced(item) for item in value] if isinstance(value, list) else value

    check(tmp_path / "call.json", as_bytes(replaced(JSON_SEEDS[name])), name)


@pytest.mark.parametrize("name", sorted(SEEDS))
@FEW
@given(cut=st.tuples(st.floats(0, 1), st.floats(0, 1)), junk=st.binary(max_size=12), times=st.integers(1, 3))
def test_almost_valid_bytes(tmp_path: Path, name: str, cut: tuple[float, float], junk: bytes, times: int) -> None:
    seed = SEEDS[name] * times
    begin, end = sorted(int(part * len(seed)) for part in cut)
    for data in (seed[:begin] + junk + seed[end:], seed[:begin] + junk + seed[begin:], seed[begin:end]):
        check(tmp_path / "call", data)
        check(tmp_path / "call", data, name)


@pytest.mark.parametrize("name", sorted(SEEDS))
@FEW
@given(data=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes(tmp_path: Path, name: str, data: bytes) -> None:
    check(tmp_path / "call", data)
    check(tmp_path / "call", data, name)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"segments":', b"}]")])
@pytest.mark.parametrize("depth", [400, 100_000])
def test_deep_json(tmp_path: Path, opening: bytes, closing: bytes, depth: int) -> None:
    for name in JSON_SEEDS:
        check(tmp_path / "call", opening * depth + b"1" + closing * depth, name)
    assert check(tmp_path / "call", opening * depth) is None
