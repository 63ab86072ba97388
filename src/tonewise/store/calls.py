"""Calls in a store: each is there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.records.calls import Call, CallAbout
from tonewise.records.scoring import Segment
from tonewise.store.errors import StoreError
from tonewise.store.opening import open_engine, reason, shown

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

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

        with self._transaction(writing=True) as connection:
            _lock(connection, fingerprint)
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
        with self._transaction() as connection:
            return [KnownModel(*row) for row in connection.execute(asked)]

    def known(self, content_hash: str, model: int) -> KnownCall | None:
        """The call of a recording by a model, if it is there."""
        from sqlalchemy import select

        from tonewise.store.schema import calls

        asked = select(calls).where(calls.c.content_hash == content_hash, calls.c.model == model)
        with self._transaction() as connection:
            row = connection.execute(asked).mappings().first()
        return None if row is None else KnownCall(row["id"], row["inputs"], row["page"], _about(row))

    def put(self, call: Call, model: int) -> int:
        """Enter a call with its segments, in place of an older one of the same recording and model. Returns its key."""
        from sqlalchemy import delete, insert

        from tonewise.store.schema import calls, segments

        with self._transaction(writing=True) as connection:
            _lock(connection, call.content_hash)
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

        with self._transaction(writing=True) as connection:
            connection.execute(update(calls).where(calls.c.id == key).values(**_about_row(about)))

    def calls(self, model: int) -> list[Call]:
        """The calls of a model without their segments, the oldest first, those of unknown time last."""
        from sqlalchemy import select

        from tonewise.store.schema import calls

        asked = select(calls).where(calls.c.model == model)
        with self._transaction() as connection:
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
        with self._transaction() as connection:
            return tuple(Segment(**row) for row in connection.execute(asked).mappings())

    @contextmanager
    def _transaction(self, *, writing: bool = False) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as raw:
                connection = raw.execution_options(writing=writing)
                with connection.begin():
                    yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"{self.name} cannot be read or written ({reason(error)})") from error


def open_store(store: str | Path, *, must_exist: bool = False) -> Store:
    """Open a store of calls: a file (SQLite, made where it is missing) or postgresql://USER@HOST/DATABASE.

    Raises:
        StoreError: see `open_engine`.
    """
    return Store(open_engine(store, must_exist=must_exist))


def _lock(connection: Connection, key: str) -> None:
    """Wait for another process that enters the same thing; SQLite lets in one writer anyhow."""
    from sqlalchemy import text

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(key[:15], 16)})


def _row(call: Call) -> dict[str, Any]:
    values = {name: _clean(getattr(call, name)) for name in _PLAIN}
    scored_at = call.scored_at or datetime.now(UTC).replace(tzinfo=None)
    return {**values, **_about_row(call.about), "scored_at": scored_at}


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
