"""A call to keep, for every test of the store."""

from __future__ import annotations

from datetime import datetime

import pytest

from tonewise.records import Segment
from tonewise.records.calls import Call, CallAbout


def make_call(number: int = 0, **changed) -> Call:
    segment = Segment(0.0, 2.0, 0, "Customer", "I love it \0 \udcff", 0.25, -0.5, True, "customer", 0.1, 0.4, 0.0, 0.97)
    values = {
        "recording": f"call{number}.wav", "content_hash": f"{number:064x}", "inputs": "0" * 64,
        "about": CallAbout(datetime(2026, 3, 31, 14, 5), "Ann", "billing", {"product": "line"}),
        "duration": 60.5, "whose": "customer", "tone": 0.25, "negative_share": 1.0, "change": None, "mismatches": 1,
        "summary": {"mean_tone": 0.25, "trend": None, "worst": {"text": "I \0 love"}}, "segments": (segment, segment),
    }  # fmt: skip
    return Call(**{**values, **changed})


@pytest.fixture(name="make_call")
def make_call_fixture():
    return make_call


@pytest.fixture
def check_store():
    """What every database must do, to be called with a store's name."""
    return behave


def behave(name: str) -> None:
    from tonewise.store import StoreError, open_store

    with open_store(name) as store:
        model = store.model("ab" * 32, "model")
        assert store.model("ab" * 32, "model") == model
        assert store.known(make_call().content_hash, model) is None
        store.put(make_call(), model)
        store.put(make_call(1, about=CallAbout()), model)
    with open_store(name, must_exist=True) as store:
        (found, undated) = store.calls(model)
        assert undated.about.called_at is None and found.about == make_call().about
        assert found.tone == 0.25 and found.change is None and found.summary["worst"]["text"] == "I  love"
        segments = store.segments(found.content_hash, model)
        assert len(segments) == 2 and segments[0].text == "I love it  \\udcff" and segments[0].disagreement == 0.97
        known = store.known(found.content_hash, model)
        store.put(make_call(tone=0.75, segments=segments[:1]), model)  # in place of the older one
        assert store.calls(model)[0].tone == 0.75 and len(store.segments(found.content_hash, model)) == 1
        again = store.known(found.content_hash, model)
        assert again.id != known.id
        store.describe(again.id, CallAbout(agent="Bob"))
        assert store.known(found.content_hash, model).about == CallAbout(agent="Bob")
        with pytest.raises(StoreError, match="cannot be read or written"):
            store.put(make_call(2, segments=(bad(segments[0]),)), model)
        assert store.known(make_call(2).content_hash, model) is None  # whole or not at all
        assert [(each.name, each.calls) for each in store.models()] == [("model", 2)]


def bad(segment: Segment) -> Segment:
    from dataclasses import replace

    return replace(segment, start=None)  # type: ignore[arg-type]
