"""Options of a request, as the texts of a form, and what `pipeline.score` calls them."""

from __future__ import annotations

import re
from typing import Any

from tonewise import audio, transcripts
from tonewise.errors import OptionError
from tonewise.pipeline.scoring_request import LAW, ScoringRequest

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}

#: The fields as OpenAPI tells them.
FIELDS: dict[str, Any] = {
    "transcript_format": {
        "type": "string",
        "enum": list(transcripts.formats()),
        "description": "What the transcript is read as, where its content does not tell.",
    },
    "channel": {
        "type": "string",
        "maxLength": 200,
        "description": "Hear this channel: a number from 0, or a speaker of the transcript.",
    },
    "customer_channel": {"type": "integer", "minimum": 0, "maximum": 255, "description": "Where the customer is."},
    "agent_channel": {"type": "integer", "minimum": 0, "maximum": 255, "description": "Where the agent is."},
    "raw": {
        "type": "string",
        "description": "What a file without header holds, as ENCODING:RATE[:CHANNELS], such as ulaw:8000:2.",
    },
    "agent": {"type": "boolean", "description": f"Judge the agent's tone, too, if you may: {LAW}."},
}


def options_of(fields: dict[str, str]) -> dict[str, Any]:
    """Options of `pipeline.score` by name, from a form's fields; empty ones say nothing.

    Raises:
        OptionError: one cannot be used; the message calls it as the form does.
    """
    found: dict[str, Any] = {name: value for name, value in fields.items() if value}
    try:
        for name in ("customer_channel", "agent_channel"):
            if name in found:
                found[name] = _number(name, found[name])
        found["agent"] = _truth(fields.get("agent", ""))
        if found.get("transcript_format", "") not in {"", *transcripts.formats()}:
            raise OptionError(f"transcript_format is none of {', '.join(transcripts.formats())}")
        if "raw" in found:
            found["raw"] = str(audio.parse_raw(found["raw"]))
        ScoringRequest(None, **found)
    except OptionError as error:
        raise OptionError(_OPTION.sub(lambda each: each[1].replace("-", "_"), str(error))) from error
    return found


def notices_of(options: dict[str, Any]) -> list[str]:
    """What is to be known of a request, a line each."""
    return [f"the agent's tone is judged, too, as agent asks; {LAW}"] if options.get("agent") else []


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 3 or int(text) > 255:
        raise OptionError(f"{name} is no channel; expected a number from 0 to 255")
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise OptionError("agent is neither true nor false")
    return _TRUTH[text.lower()]
