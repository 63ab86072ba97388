"""Documents that are almost right: what the property tests and the fuzzer give to the readers of transcripts."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tonewise.errors import InputError
from tonewise.transcripts import Transcript, read_transcript

#: One valid transcript a format, named by it.
SEEDS = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "seeds").iterdir())}

#: Values that break what trusts its input.
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**400, 1e308, -0.0, 0.5, math.nan, math.inf, -math.inf, 2**63),
    *(
        "",
        " ",
        "0",
        "-1",
        "NaN",
        "1e999",
        "12.900s",
        "00:00:01,5",
        "PT1M3.2S",
        "ch_1",
        "\ud800",
        "\0",
        "a" * 300,
        "。",
        ".",
    ),
    *([], {}, [[]], [{}], [None], {"": None}, {"seconds": "12"}, {"low": []}, ["x", None, None], [0.0, 1.0]),
)


def check(path: Path, data: bytes, format: str | None = None) -> Transcript | None:
    """Read `data`: a transcript whose cues are what the rest of tonewise relies on, or None for an error of one line.

    Anything else is a bug and raises.
    """
    path.write_bytes(data)
    try:
        transcript = read_transcript(path, format)
    except InputError as error:
        assert "\n" not in str(error)
        return None
    for cue in transcript.cues:
        assert type(cue.start) is float and math.isfinite(cue.start)
        assert type(cue.end) is float and math.isfinite(cue.end)
        assert cue.text == cue.text.strip() != ""
        assert cue.channel is None or (type(cue.channel) is int and cue.channel >= 0)
        assert cue.speaker is None or cue.speaker.strip()
        f"{cue.text}{cue.speaker}".encode()
    assert all(problem.count > 0 and "\n" not in problem.detail for problem in transcript.problems)
    return transcript


def mutated(data: Any, source: random.Random, times: int) -> Any:
    """A copy of a JSON value with `times` of its parts replaced, left out or doubled."""
    data = copy.deepcopy(data)
    for _ in range(times):
        places = list(_places(data))
        if not places:
            return source.choice(ODD)
        _change(*source.choice(places), source)
    return data


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _change(holder: Any, key: Any, source: random.Random) -> None:
    kind = source.randrange(4)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(source.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
    elif kind == 2 and isinstance(holder[key], int | float | str):
        holder[key] = _bent(holder[key], source)
    else:
        holder[key] = copy.deepcopy(source.choice(ODD))


def _bent(value: Any, source: random.Random) -> Any:
    if isinstance(value, str):
        return source.choice([value * 2, value[::-1], value + ".", f" {value}", value[:1], "Hello. Who? Me! " * 9])
    return source.choice([-value, value * 1000, str(value), [value], 0.5 if value > 1e300 else value + 0.5, value + 1])


def as_bytes(data: Any) -> bytes:
    """JSON of a value that may hold NaN and half surrogates."""
    return json.dumps(data).encode()
