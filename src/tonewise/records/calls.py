"""What is kept of a scored call, and what many calls come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tonewise.records.scoring import Segment

#: Whose tone a call's figures are: the customer's, or that of voices of whom nobody knows who they are.
CUSTOMER_TONE, UNKNOWN_TONE = "customer", "unknown"


@dataclass(frozen=True, slots=True)
class CallAbout:
    """What is known of a call beside its sound.

    Attributes:
        called_at: when it was, without a zone; None = unknown.
        agent, queue: who took it, and from which line; None = unknown.
        columns: any further columns of the table of calls, by name.
    """

    called_at: datetime | None = None
    agent: str | None = None
    queue: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A scored call.

    Attributes:
        recording: its file or address.
        content_hash: SHA-256 of the recording.
        inputs: SHA-256 of what else the scores depend on: transcripts and options.
        about: see there.
        duration: seconds.
        whose: `CUSTOMER_TONE` or `UNKNOWN_TONE`; None where nobody was judged. Never the agent's.
        tone: mean tone of that voice, 0..1; None = not defined, as below.
        negative_share: share of its seconds with a tone of 0.5 or less.
        change: its mean tone in the last third of the call less that in the first, −1..1.
        mismatches: segments of that voice where words and tone disagree.
        summary: of the whole recording; docs/scoring.md names its figures.
        page: a page of the call that was written, as an absolute path; None = none.
        scored_at: UTC, without a zone; None = now.
    """

    recording: str
    content_hash: str
    inputs: str
    about: CallAbout
    duration: float
    whose: str | None
    tone: float | None
    negative_share: float | None
    change: float | None
    mismatches: int
    summary: dict[str, Any]
    segments: tuple[Segment, ...] = ()
    page: str | None = None
    scored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """A mean over the calls of a group.

    Attributes:
        name: of the group.
        calls: how many have the figure.
        mean: of these calls; None without any.
        estimate: the figure to be shown; differs from `mean` where it is drawn towards the mean of all groups.
        low, high: interval of `estimate`; None where the calls are too few to have one.
        apart: whether the interval lies below or above the mean of all groups; None = not told apart.
    """

    name: str
    calls: int
    mean: float | None
    estimate: float | None
    low: float | None = None
    high: float | None = None
    apart: Literal["lower", "higher"] | None = None
