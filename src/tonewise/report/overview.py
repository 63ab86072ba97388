"""One self-contained HTML page about many calls: their tones, weeks, groups, and how customers sounded with each agent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from tonewise.records.calls import CUSTOMER_TONE, Call, GroupFigure
from tonewise.report import recording_view, wording
from tonewise.report.page import environment, script_context
from tonewise.version import __version__

LISTED = 2000  # calls: each is markup, and a table of more is not read but exported
UNHEARD = "no tone"
FEW = 5  # calls, below which a row says so

TOLD_APART = {
    "lower": "below the mean of all agents",
    "higher": "above the mean of all agents",
    None: "not told apart",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """What the calls of a store come to; tones are customers', or those of voices of whom nobody knows who they are.

    Attributes:
        store, model: names for people.
        other_models: how many other models' calls are in the store, and not here.
        calls: the oldest first.
        columns: that calls can be grouped by.
        by: the column of `groups`; None = none.
        weeks: mean tone by week.
        groups: mean tone by the values of `by`.
        agents: how customers sounded with each agent, 0..1, partially pooled; only calls whose customer is known.
        agents_change: how customers' tone changed during the call, −1..1, alike.
        common_tone, common_change: the means towards which agents are drawn.
    """

    store: str
    model: str
    other_models: int
    calls: tuple[Call, ...]
    columns: tuple[str, ...]
    by: str | None
    weeks: tuple[GroupFigure, ...]
    groups: tuple[GroupFigure, ...]
    agents: tuple[GroupFigure, ...]
    agents_change: tuple[GroupFigure, ...]
    common_tone: float | None
    common_change: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as a row: `low`, `at` and `high` are per cent of the drawing's width, None where there is none."""

    name: str
    calls: str
    figure: str
    interval: str
    verdict: str
    apart: bool
    at: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A call as a row of the list."""

    name: str
    link: str
    when: str
    week: str
    values: tuple[str, ...]
    kind: str
    tone: str
    change: str
    mismatches: int
    duration: str


def overview_page(found: Overview, *, links: Mapping[str, str], week_of: Callable[[Call], str]) -> str:
    """The page. It needs nothing from elsewhere; its one script filters the list, which can be read without it.

    Args:
        found: what is shown.
        links: the address of a call's own page, relative to this one, by content hash.
        week_of: the week of a call, as `found.weeks` names them.
    """
    listed = _newest(found.calls)
    columns = list(found.columns)
    page = environment().get_template("overview.html.j2")
    return page.render(
        title="Calls at a glance",
        version=__version__,
        found=found,
        calls=wording.plural(len(found.calls), "call"),
        span=_span(found.calls),
        kinds=_kinds(found.calls),
        weeks=[_line(each, 0.0, 1.0) for each in found.weeks],
        groups=[_line(each, 0.0, 1.0) for each in found.groups],
        agents=[_line(each, 0.0, 1.0, judged=True) for each in found.agents],
        changes=[_line(each, -1.0, 1.0, judged=True) for each in found.agents_change],
        common=_percent(found.common_tone, 0.0, 1.0),
        common_change=_percent(found.common_change, -1.0, 1.0),
        unattributed=_unattributed(found.calls),
        rows=[_row(call, columns, links, week_of) for call in listed],
        left_out=len(found.calls) - len(listed),
        columns=columns,
        choices=_choices(listed, columns, week_of),
        symbols=recording_view.SYMBOLS,
        unheard=UNHEARD,
        **script_context("templates", "overview.js"),
    )


def _newest(calls: Sequence[Call]) -> list[Call]:
    dated = [call for call in calls if call.about.called_at is not None]
    undated = [call for call in calls if call.about.called_at is None]
    return [*reversed(dated), *undated][:LISTED]


def _span(calls: Sequence[Call]) -> str:
    days = sorted(call.about.called_at.date().isoformat() for call in calls if call.about.called_at)
    if not days:
        return "of unknown time"
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _kind(call: Call) -> str:
    return UNHEARD if call.tone is None else recording_view.tone_kind(call.tone)


def _kinds(calls: Sequence[Call]) -> list[dict[str, Any]]:
    counted = Counter(map(_kind, calls))
    return [
        {
            "name": kind,
            "symbol": recording_view.SYMBOLS.get(kind, "–"),
            "count": counted[kind],
            "share": wording.percent(counted[kind] / len(calls)) if calls else wording.UNDEFINED,
            "width": 100 * counted[kind] / len(calls) if calls else 0,
        }
        for kind in (*recording_view.SYMBOLS, UNHEARD)
    ]


def _percent(value: float | None, least: float, most: float) -> float | None:
    return None if value is None else round(100 * min(max((value - least) / (most - least), 0.0), 1.0), 2)


def _line(figure: GroupFigure, least: float, most: float, *, judged: bool = False) -> Line:
    bounds = (figure.low, figure.high)
    few = figure.calls < FEW
    return Line(
        name=figure.name,
        calls=f"{wording.count(figure.calls)}{' (few)' if few else ''}",
        figure=wording.number(figure.estimate),
        interval=wording.UNDEFINED if None in bounds else " to ".join(map(wording.number, bounds)),
        verdict=TOLD_APART[figure.apart] if judged else "",
        apart=figure.apart is not None,
        at=_percent(figure.estimate, least, most),
        low=_percent(figure.low, least, most),
        high=_percent(figure.high, least, most),
    )


def _unattributed(calls: Sequence[Call]) -> int:
    """Calls that say nothing of agents: nobody knows who the customer is, or who took the call."""
    return sum(call.whose != CUSTOMER_TONE or call.about.agent is None for call in calls)


def _value(call: Call, column: str) -> str:
    found = getattr(call.about, column) if column in ("agent", "queue") else call.about.columns.get(column)
    return found or "unknown"


def _row(call: Call, columns: Sequence[str], links: Mapping[str, str], week_of: Callable[[Call], str]) -> Row:
    at = call.about.called_at
    return Row(
        name=PurePath(call.recording).name,
        link=links.get(call.content_hash, ""),
        when="unknown" if at is None else at.strftime("%Y-%m-%d %H:%M"),
        week=week_of(call),
        values=tuple(_value(call, column) for column in columns),
        kind=_kind(call),
        tone=wording.number(call.tone),
        change=wording.number(call.change),
        mismatches=call.mismatches,
        duration=wording.duration(call.duration),
    )


def _choices(
    calls: Sequence[Call], columns: Sequence[str], week_of: Callable[[Call], str]
) -> list[tuple[str, list[str]]]:
    """What can be filtered by: columns of few values, and weeks."""
    found = [("week", sorted({week_of(call) for call in calls}))]
    found += [(column, sorted({_value(call, column) for call in calls})) for column in columns]
    return [(name, values) for name, values in found if 1 < len(values) <= 200]
