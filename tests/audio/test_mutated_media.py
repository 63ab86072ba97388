"""A few hundred mutated recordings through the decoders' process; `tests/fuzz/fuzz_media.py` runs thousands."""

from __future__ import annotations

import random

import pytest
from media_mutations import mutated, seeds

from tonewise.audio.checking import DECODED, REFUSED, Checker, Limits

LIMITS = Limits(seconds=20.0, duration=3_600.0, memory=512 << 20)
EACH = 10


@pytest.fixture(scope="module")
def checker():
    with Checker(LIMITS) as found:
        yield found


@pytest.mark.parametrize("name", seeds())
def test_seeds_are_heard(checker, tmp_path, name):
    extension, content = seeds()[name]
    path = tmp_path / f"seed.{extension}"
    path.write_bytes(content)
    found = checker.examine(path).checked
    assert found is not None and found.damaged is None
    assert name == "MOV with a reference" or found.duration == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("name", seeds())
def test_mutated_recordings_end_in_sound_or_one_line(checker, tmp_path, name):
    extension, content = seeds()[name]
    others = [other for _, other in seeds().values()]
    source = random.Random(name)
    for number in range(EACH):
        path = tmp_path / f"{number}.{extension}"
        path.write_bytes(mutated(content, source, others))
        outcome = checker.examine(path)
        assert outcome.kind in (DECODED, REFUSED), outcome.traceback or outcome.why
        assert "\n" not in (outcome.why or "")


def test_there_are_many_formats():
    assert len(seeds()) >= 30
