"""TextGrids as JSON, by the Montreal Forced Aligner (`--output_format json`) and praatIO.

`tiers` is an object of tiers by name, or a list of tiers with a name; `entries` are `[start, end, label]` in seconds, or
`[time, label]` of points.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, objects, seconds, string
from tonewise.transcripts.tiers import Tier, add_tiers
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether it has tiers with lists of entries."""
    return any(isinstance(tier.get("entries"), list) for _, tier in _named(child(data, "tiers")))


def read(path: Path, data: Any) -> Transcript:
    """Read the speech of all tiers in the order of time: see `add_tiers` for which tiers that is."""
    tally = Tally(path)
    add_tiers(tally, [_tier(tally, name, tier.get("entries")) for name, tier in _named(child(data, "tiers"))])
    return tally.transcript(FORMAT.name)


def _named(tiers: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(tiers, dict):
        yield from ((string(name), tier) for name, tier in tiers.items() if isinstance(tier, dict))
    else:
        yield from ((string(tier.get("name")), tier) for tier in objects(tiers))


def _tier(tally: Tally, name: str, entries: Any) -> Tier:
    lists = [entry for entry in entries if isinstance(entry, list)] if isinstance(entries, list) else []
    if lists and all(len(entry) == 2 for entry in lists):
        return Tier(name, tuple((0.0, 0.0, string(text)) for _, text in lists), points=True)
    return Tier(name, tuple(_spans(tally, name, lists)))


def _spans(tally: Tally, name: str, entries: list[list[Any]]) -> Iterator[tuple[float, float, str]]:
    for entry in entries:
        start, end, text = (*entry[:3], None, None, None)[:3]
        begun, ended = seconds(start), seconds(end)
        if begun is None or ended is None:
            tally.leave_out("untimed", f"a label of tier {name!r} has no start and end")
        else:
            yield begun, ended, string(text)


FORMAT = JsonFormat("textgrid-json", matches, read)
