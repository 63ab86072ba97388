"""All calls of a store at a glance: their tones, weeks, groups, and how customers sounded with each agent."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tonewise.errors import InputError
from tonewise.evaluation.pooling import group_means, partially_pooled
from tonewise.records.calls import CUSTOMER_TONE, Call, GroupFigure
from tonewise.report.overview import Overview, overview_page
from tonewise.store import KnownModel, Store
from tonewise.tables import write_text

if TYPE_CHECKING:
    import pandas as pd

FIXED = ("agent", "queue")
UNKNOWN = "unknown"
TONE = (0.0, 1.0)  # bounds


def overview(store: Store, *, by: str | None = None, model: str | None = None) -> Overview:
    """What the calls of a store come to.

    Args:
        store: an open store.
        by: `agent`, `queue` or any column of the calls' table; None = queue, where it is known.
        model: how a model's fingerprint begins; None = the one that scored last. Tones of two models cannot be compared.

    Raises:
        InputError: the store has no calls, no such model or several, or no such column.
    """
    chosen = _model(store, model)
    calls = store.calls(chosen.id)
    columns = columns_of(calls)
    if by is None:
        by = "queue" if "queue" in columns else None
    elif by not in columns:
        raise InputError(f"no call has a column '{by}' (columns: {', '.join(columns)})")
    told = [call for call in calls if call.whose == CUSTOMER_TONE]
    by_agent = [call for call in told if call.about.agent is not None]
    with_agent, common_tone = partially_pooled(_values(by_agent, _agent, _tone), widest=0.5)
    changed, common_change = partially_pooled(_values(by_agent, _agent, _change), widest=1.0)
    by_week = _values(sorted(calls, key=week), week, _tone)
    return Overview(
        store=store.name,
        model=f"{chosen.name} ({chosen.fingerprint[:12]})",
        other_models=len(store.models()) - 1,
        calls=tuple(calls),
        columns=tuple(columns),
        by=by,
        weeks=tuple(group_means(by_week, bounds=TONE)),
        groups=tuple(group_means(_by_value(calls, by), bounds=TONE)) if by else (),
        agents=_calm(with_agent),
        agents_change=_calm(changed),
        common_tone=common_tone,
        common_change=common_change,
    )


def week(call: Call) -> str:
    """The Monday of a call's week, such as 2026-03-30; "unknown" without a time."""
    at = call.about.called_at
    return UNKNOWN if at is None else (at - timedelta(days=at.weekday())).date().isoformat()


def value_of(call: Call, column: str | None) -> str:
    """What a call has in a column; "unknown" where it has nothing."""
    about = call.about
    found = getattr(about, column) if column in FIXED else about.columns.get(column or "")
    return found or UNKNOWN


def columns_of(calls: Iterable[Call]) -> list[str]:
    """Columns in which any call has something."""
    kept = list(calls)
    fixed = [name for name in FIXED if any(getattr(call.about, name) for call in kept)]
    return [*fixed, *sorted({name for call in kept for name in call.about.columns} - set(FIXED))]


def calls_export(found: Overview) -> pd.DataFrame:
    """A row a call; columns of the calls' own table that are called like a figure get `about_` in front."""
    import pandas as pd

    rows = [_exported(call) for call in found.calls]
    return pd.DataFrame(rows)


def overview_json(found: Overview) -> dict[str, Any]:
    """An overview as JSON: figures, and the calls without their segments."""
    figures = {
        name: [asdict(each) for each in getattr(found, name)] for name in ("weeks", "groups", "agents", "agents_change")
    }
    return {
        "store": found.store,
        "model": found.model,
        "other_models": found.other_models,
        "by": found.by,
        **figures,
        "common_tone": found.common_tone,
        "common_change": found.common_change,
        "calls": [_exported(call) for call in found.calls],
    }


def write_overview(found: Overview, output: Path) -> None:
    """Write the page, with links to the calls' own pages where these are still there."""
    links = {call.content_hash: _link(call.page, output) for call in found.calls if call.page}
    write_text(overview_page(found, links={key: link for key, link in links.items() if link}, week_of=week), output)


def _link(page: str | None, output: Path) -> str | None:
    if page is None or not Path(page).is_file():
        return None
    # "./" in front, so that a name with a colon is not taken for a scheme.
    return "./" + quote(Path(os.path.relpath(page, output.absolute().parent)).as_posix())


def _model(store: Store, asked: str | None) -> KnownModel:
    models = store.models()
    if not models:
        raise InputError(
            f"{store.name} has no calls yet; `tonewise score MODEL FOLDER --store {store.name}` enters some"
        )
    if asked is None:
        return models[0]
    fitting = [each for each in models if each.fingerprint.startswith(asked.lower())]
    if not fitting:
        raise InputError(f"no calls in {store.name} were scored by a model {asked}; there are {_listed(models)}")
    if len(fitting) > 1:
        raise InputError(f"{len(fitting)} models begin with '{asked}': {_listed(fitting)}; give more letters of one")
    return fitting[0]


def _listed(models: Sequence[KnownModel]) -> str:
    return ", ".join(f"{each.fingerprint[:12]} ({each.name})" for each in models)


def _calm(figures: Sequence[GroupFigure]) -> tuple[GroupFigure, ...]:
    """Those told apart at the ends, all others by name: an order by figures would rank them."""
    place = {"lower": 0, None: 1, "higher": 2}
    return tuple(sorted(figures, key=lambda each: (place[each.apart], each.name)))


def _agent(call: Call) -> str:
    return call.about.agent or UNKNOWN


def _tone(call: Call) -> float | None:
    return call.tone


def _change(call: Call) -> float | None:
    return call.change


def _by_value(calls: Iterable[Call], column: str) -> dict[str, list[float]]:
    """Tones by the values of a column, in their order, calls without one last."""
    found = _values(calls, lambda call: value_of(call, column), _tone)
    return {name: found[name] for name in sorted(found, key=lambda name: (name == UNKNOWN, name))}


def _values(
    calls: Iterable[Call], name: Callable[[Call], str], figure: Callable[[Call], float | None]
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        value = figure(call)
        found[name(call)].extend([] if value is None else [value])
    return dict(found)


def _exported(call: Call) -> dict[str, Any]:
    about = call.about
    row: dict[str, Any] = {
        "recording": call.recording,
        "called_at": None if about.called_at is None else about.called_at.isoformat(sep=" "),
        "agent": about.agent,
        "queue": about.queue,
        "duration": call.duration,
        "whose": call.whose,
        "tone": call.tone,
        "negative_share": call.negative_share,
        "change": call.change,
        "mismatches": call.mismatches,
        "content_hash": call.content_hash,
        "page": call.page,
    }
    return {**row, **{f"about_{name}" if name in row else name: value for name, value in about.columns.items()}}
