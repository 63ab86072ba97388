"""A database by file or address, with its tables as this version wants them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import URL, Connection, Engine

WAIT = 30.0  # seconds for another process that writes to the same SQLite file
_MIGRATING = 0x746F6E65  # the key of those who migrate at the same time
_DRIVER = "postgresql+psycopg"


class StoreError(InputError):
    """A store of calls cannot be opened, read or written."""


def database_url(store: str | Path) -> URL:
    """What SQLAlchemy calls a store: an SQLite file by its path, or PostgreSQL by its URL.

    Raises:
        StoreError: it is a URL of something else.
    """
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if "://" not in str(store):
        return URL.create("sqlite", database=str(store))
    try:
        url = make_url(str(store))
    except (ArgumentError, ValueError) as error:
        raise StoreError("the store's URL cannot be read; expected postgresql://USER@HOST/DATABASE") from error
    name = url.drivername
    if name in ("postgresql", "postgres", _DRIVER):
        return url.set(drivername=_DRIVER)
    if name == "sqlite":
        return url
    raise StoreError(f"a store cannot be kept in '{name}'; give a file (SQLite) or postgresql://USER@HOST/DATABASE")


def open_engine(store: str | Path, *, must_exist: bool = False) -> Engine:
    """Connect, and migrate where that is needed.

    Args:
        store: see `database_url`.
        must_exist: whether a missing SQLite file is an error rather than made.

    Raises:
        StoreError: it cannot be reached, is no store, or is one of a newer version.
        MissingExtraError: the extra `postgres` is needed.
    """
    from sqlalchemy.exc import SQLAlchemyError

    url = database_url(store)
    _check_file(url, must_exist)
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            _migrate(connection, shown(url))
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(f"{shown(url)} cannot be used as a store of calls ({reason(error)})") from error
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def transaction(engine: Engine, *, writing: bool = False) -> Iterator[Connection]:
    """A connection in a transaction: what is done by it is there whole or not at all.

    Args:
        engine: of the database.
        writing: whether SQLite is to keep other writers waiting from the beginning on.

    Raises:
        StoreError: the database refuses.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with engine.connect() as raw:
            connection = raw.execution_options(writing=writing)
            with connection.begin():
                yield connection
    except SQLAlchemyError as error:
        raise StoreError(f"{shown(engine.url)} cannot be read or written ({reason(error)})") from error


def lock(connection: Connection, key: int) -> None:
    """Wait in a transaction for others that have locked `key` (63 bits); SQLite lets in one writer anyhow."""
    from sqlalchemy import text

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def shown(url: URL) -> str:
    """A store's name for people: without a password."""
    return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def reason(error: Exception) -> str:
    """The first line of what the database said."""
    told = str(getattr(error, "orig", None) or error).strip()
    return told.splitlines()[0] if told else type(error).__name__


def _check_file(url: URL, must_exist: bool) -> None:
    if url.drivername != "sqlite" or not url.database:
        return
    file = Path(url.database)
    if must_exist and not file.is_file():
        raise StoreError(f"there is no store {file}; `tonewise score MODEL FOLDER --store {file}` makes one")
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise StoreError(f"{file} cannot be a store: expected the name of a file in a folder that exists")


def _engine(url: URL) -> Engine:
    from sqlalchemy import create_engine, event

    if url.drivername != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise MissingExtraError("a store in PostgreSQL", "postgres") from error
    engine = create_engine(url, connect_args={"timeout": WAIT})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    # Python's sqlite3 would commit by itself before it makes a table: a killed migration would leave half of one.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(connection: Connection, name: str) -> None:
    from alembic.script import ScriptDirectory

    config = _config()
    scripts = ScriptDirectory.from_config(config)
    known = [script.revision for script in scripts.walk_revisions()]  # the newest first
    current = _version(connection)
    connection.rollback()
    if current == known[0]:
        return
    if current is not None and current not in known:
        raise StoreError(f"{name} was written by a newer version of tonewise (schema {current}); update tonewise")
    _upgrade(connection.execution_options(writing=True), config)


def _upgrade(connection: Connection, config: Config) -> None:
    from alembic import command

    with connection.begin():
        lock(connection, _MIGRATING)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
