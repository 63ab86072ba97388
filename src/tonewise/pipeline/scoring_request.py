"""What a scoring run is asked to do, and what the law has to say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tonewise.errors import OptionError
from tonewise.records import AGENT, CUSTOMER

#: Why nobody's agents are judged unless that is asked for.
LAW = "the EU AI Act, Art. 5(1)(f), bans inferring emotions of people at work from their voice"

_WORDS = re.compile(r"[^\W\d_]+")
_NAMES = {
    CUSTOMER: frozenset({"customer", "caller", "client"}),
    AGENT: frozenset({"agent", "operator", "representative", "advisor", "adviser"}),
}


@dataclass(frozen=True, slots=True)
class ScoringRequest:
    """How recordings are to be scored; see `score`.

    Raises:
        OptionError: the options contradict each other.
    """

    transcript: str | Path | None = None
    transcript_format: str | None = None
    channel: int | str | None = None
    agent: bool = False
    customer_channel: int | None = None
    agent_channel: int | None = None
    raw: str | None = None

    def __post_init__(self) -> None:
        if self.customer_channel is not None and self.customer_channel == self.agent_channel:
            raise OptionError(
                f"channel {self.agent_channel} cannot be the customer's and the agent's; name two channels"
            )
        if self.name is not None and role_of_name(self.name) == AGENT and not self.agent:
            raise OptionError(
                f"--channel {self.name} asks for an agent's tone, and {LAW}; add --agent if you may do so"
            )

    @property
    def number(self) -> int | None:
        """The one channel that is heard, counted from 0, where a number was asked for."""
        if isinstance(self.channel, int):
            return self.channel
        return int(self.channel) if self.channel is not None and self.channel.isdecimal() else None

    @property
    def name(self) -> str | None:
        """The speaker or role that is heard, where a name was asked for."""
        return str(self.channel) if self.channel is not None and self.number is None else None

    @property
    def stated(self) -> dict[int, str]:
        """Roles by channel, as they were stated."""
        pairs = ((self.customer_channel, CUSTOMER), (self.agent_channel, AGENT))
        return {channel: role for channel, role in pairs if channel is not None}


def role_of_name(name: str | None) -> str | None:
    """The role that a speaker's name says, such as `AGENT`, `Agent 2` or `spk_caller`; None where it says none, or both."""
    words = {word.lower() for word in _WORDS.findall(name or "")}
    found = [role for role, names in _NAMES.items() if words & names]
    return found[0] if len(found) == 1 else None
