"""Calls in a store: each is there whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.records.calls import Call, CallAbout
from tonewise.records.scoring import Segment
from tonewise.store.jobs import now
from tonewise.store.opening import lock, open_engine, shown, transaction

if TYPE_CHECKING:
    from sqlalchemy import Engine

_PLAIN = (
    "recording", "content_hash", "inputs", "duration", "whose", "tone", "negative_share", "change", "mismatches",
    "summary", "page",
)  # fmt: skip
_SEGMENT = tuple(Segment.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call that is there: its key, and what its scores depended on beside the recording."""

    id: int
    inputs: str
    page: str | None
    about: CallAbout


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model by which calls were scored."""

    id: int
    fingerprint: str
    name: str
    calls: int


class Store:
    """Scored calls in a database. Use it in `with`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = shown(engine.url)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def model(self, fingerprint: str, name: str) -> int:
        """The key of a model, which is entered where it is new."""
        from sqlalchemy import insert, select

        from tonewise.store.schema import models

        with transaction(self._engine, writing=True) as connection:
            lock(connection, _key(fingerprint))
            found = connection.scalar(select(models.c.id).where(models.c.fingerprint == fingerprint))
            if found is not None:
                return int(found)
            added = connection.execute(insert(models).values(fingerprint=fingerprint, name=_clean(name)))
            return int(added.inserted_primary_key[0])  # type: ignore[index]

    def models(self) -> list[KnownModel]:
        """Models with calls, the one that scored last first."""
        from sqlalchemy import func, select

        from tonewise.store.schema import calls, models

        newest = func.max(calls.c.scored_at)
        asked = (
            select(models, func.count().label("calls"))
            .join(calls, calls.c.model == models.c.id)
            .group_by(models.c.id)
            .order_by(newest.desc(), models.c.id.desc())
        )
        with transaction(self._engine) as connection:
            return [KnownModel(*row) for row in connection.execute(asked)]

    def known(self, content_hash: str, model: int) -> KnownCall | None:
        """The call of a recording by a model, if it is there."""
        from sqlalchemy import select

        from tonewise.store.schema import calls

        asked = select(calls).where(calls.c.content_hash == content_hash, calls.c.model == model)
        with transaction(self._engine) as connection:
            row = connection.execute(asked).mappings().first()
        return None if row is None else KnownCall(row["id"], row["inputs"], row["page"], _about(row))

    def put(self, call: Call, model: int) -> int:
        """Enter a call with its segments, in place of an older one of the same recording and model. Returns its key."""
        from sqlalchemy import delete, insert

        from tonewise.store.schema import calls, segments

        with transaction(self._engine, writing=True) as connection:
            lock(connection, _key(call.content_hash))
            connection.execute(delete(calls).where(calls.c.content_hash == call.content_hash, calls.c.model == model))
            added = connection.execute(insert(calls).values(model=model, **_row(call)))
            key = int(added.inserted_primary_key[0])  # type: ignore[index]
            if call.segments:
                connection.execute(insert(segments), [{"call": key, **_segment_row(each)} for each in call.segments])
        return key

    def describe(self, key: int, about: CallAbout) -> None:
        """Change what is known of a call beside its sound."""
        from sqlalchemy import update

        from tonewise.store.schema import calls

        with transaction(self._engine, writing=True) as connection:
            connection.execute(update(calls).where(calls.c.id == key).values(**_about_row(about)))

    def calls(self, model: int) -> list[Call]:
        """The calls of a model without their segments, the oldest first, those of unknown time last."""
        from sqlalchemy import select

        from tonewise.store.schema import calls

        asked = select(calls).where(calls.c.model == model)
        with transaction(self._engine) as connection:
            rows = connection.execute(asked).mappings().all()
        found = [_call(row) for row in rows]
        return sorted(found, key=lambda call: (call.about.called_at or datetime.max, call.recording))

    def segments(self, content_hash: str, model: int) -> tuple[Segment, ...]:
        """The segments of a call, in order; none where it is not there."""
        from sqlalchemy import select

        from tonewise.store.schema import calls, segments

        asked = (
            select(*(segments.c[name] for name in _SEGMENT))
            .join(calls, calls.c.id == segments.c.call)
            .where(calls.c.content_hash == content_hash, calls.c.model == model)
            .order_by(segments.c.id)
        )
        with transaction(self._engine) as connection:
            return tuple(Segment(**row) for row in connection.execute(asked).mappings())


def open_store(store: str | Path, *, must_exist: bool = False) -> Store:
    """Open a store of calls: a file (SQLite, made where it is missing) or postgresql://USER@HOST/DATABASE.

    Raises:
        StoreError: see `open_engine`.
    """
    return Store(open_engine(store, must_exist=must_exist))


def _key(digest: str) -> int:
    """What those lock who enter the same thing, by its SHA-256."""
    return int(digest[:15], 16)


def _row(call: Call) -> dict[str, Any]:
    values = {name: _clean(getattr(call, name)) for name in _PLAIN}
    return {**values, **_about_row(call.about), "scored_at": call.scored_at or now()}


def _about_row(about: CallAbout) -> dict[str, Any]:
    return {
        "called_at": about.called_at,
        "agent": _clean(about.agent),
        "queue": _clean(about.queue),
        "columns": _clean(about.columns),
    }


def _segment_row(segment: Segment) -> dict[str, Any]:
    return {name: _clean(value) for name, value in asdict(segment).items()}


def _about(row: Any) -> CallAbout:
    return CallAbout(row["called_at"], row["agent"], row["queue"], dict(row["columns"]))


def _call(row: Any) -> Call:
    return Call(**{name: row[name] for name in _PLAIN}, about=_about(row), scored_at=row["scored_at"])


def _clean(value: Any) -> Any:
    """A value that any database takes: no NUL, and no bytes of a file's name that are no text."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_clean(name): _clean(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [_clean(each) for each in value]
    return float(value) if isinstance(value, float) else value
