"""Who in a recording is the customer and who the agent, and whose tone is judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.corpus.sides import CUSTOMERS, find_sides
from tonewise.pipeline.scoring_request import LAW, ScoringRequest, role_of_name
from tonewise.records import AGENT, CUSTOMER, Problem

if TYPE_CHECKING:
    import pandas as pd

_OTHER = {CUSTOMER: AGENT, AGENT: CUSTOMER}
_SIDES = (AGENT, *sorted(CUSTOMERS))
_ENDING = re.compile(rf"({'|'.join(_SIDES)})$", re.IGNORECASE)


def roles(utterances: pd.DataFrame, stated: Mapping[int, str], channels: int) -> list[str | None]:
    """The role of each utterance, None where nobody knows.

    What was stated of a channel counts first, then what a speaker's name says, then that of the others on its channel where
    they agree. Of two channels, or of two speakers, who is not the one is the other.
    """
    places = [None if place is None else int(place) for place in utterances["channel"]]
    names = list(utterances["speaker"])
    spoken = [role_of_name(name) for name in names]
    of_channel = _completed(_unanimous(places, spoken) | dict(stated.items()), range(channels))
    of_name = _completed(_unanimous(names, spoken), set(filter(None, names)))
    found: list[str | None] = []
    for place, name, said in zip(places, names, spoken, strict=True):
        asserted = None if place is None else stated.get(place)
        guessed = None if place is None else of_channel.get(place)
        found.append(asserted or said or guessed or of_name.get(name))
    return found


def role_of_file(path: Path) -> str | None:
    """Whose side of a call a file is, where two files are the sides of one, as in `call_agent.wav`; see `find_sides`."""
    ending = _ENDING.search(path.stem)
    if ending is None:
        return None
    stems = (path.stem[: ending.start()] + kind(name) for name in _SIDES for kind in (str.lower, str.upper, str.title))
    others = {path.with_name(stem + path.suffix) for stem in stems} - {path}
    side = find_sides([path, *sorted(filter(Path.is_file, others))]).get(path)
    if side is None:
        return None
    return AGENT if side.name == AGENT else CUSTOMER


def to_be_judged(found: Sequence[str | None], *, agent: bool) -> list[bool]:
    """Whose tone is judged: where a customer is known, the customer's alone, else everybody's but the agent's; with `agent`,
    everybody's."""
    only_customer = CUSTOMER in found
    return [agent or role == CUSTOMER or (role is None and not only_customer) for role in found]


def roles_told(
    name: str, found: Sequence[str | None], judged: Sequence[bool], request: ScoringRequest
) -> list[Problem]:
    """What is to be known about roles, a line each."""
    told = []
    if not any(found):
        detail = (
            f"nobody's role is known, and everybody's tone was judged, an agent's perhaps, though {LAW}: say who is who "
            "with --customer-channel or --agent-channel"
        )
        told.append(Problem("roles_unknown", name, detail, len(found)))
    if request.agent and AGENT in found:
        detail = f"the agent's tone was judged, as --agent asks; {LAW}"
        told.append(Problem("agent_judged", name, detail, found.count(AGENT)))
    left = len(found) - sum(judged)
    if left:
        detail = (
            f"the tone of the agent (and of whoever may be one) was not judged: {LAW}; --agent judges it all the same"
        )
        told.append(Problem("agent_not_judged", name, detail, left))
    return told


def _unanimous(keys: Sequence[object], said: Sequence[str | None]) -> dict[object, str]:
    """The role of each key of which all that is known is one role."""
    known: dict[object, set[str]] = {}
    for key, role in zip(keys, said, strict=True):
        if key is not None and role is not None:
            known.setdefault(key, set()).add(role)
    return {key: next(iter(found)) for key, found in known.items() if len(found) == 1}


def _completed(known: dict[object, str], keys: Sequence[object] | set[object] | range) -> dict[object, str]:
    """Of two, who is not the one is the other."""
    unknown = [key for key in keys if key not in known]
    if len(keys) == 2 and len(unknown) == 1 and len(known) == 1:
        return {**known, unknown[0]: _OTHER[next(iter(known.values()))]}
    return known
