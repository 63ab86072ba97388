"""A store in PostgreSQL: Debian's own server, started here for these tests alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tonewise.store import StoreError, open_store

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A URL of an empty database. PostgreSQL refuses to run as root: then it runs as the user that Debian made for it."""
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed (extra `postgres`)")
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path("/tmp") / f"tonewise-pg-{os.getpid()}"  # a socket's path may have 107 letters
    folder.mkdir(mode=0o700)
    root = os.geteuid() == 0
    if root:
        shutil.chown(folder, "postgres")

    def pg(name: str, *arguments: str) -> None:
        command = [str(BINARIES[-1] / name), *arguments]
        done = subprocess.run(
            ["runuser", "-u", "postgres", "--", *command] if root else command,
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    data = str(folder / "data")
    try:
        pg("initdb", "-D", data, "-U", "me", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        pg("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://me@/postgres?host={folder}"
        finally:
            pg("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def test_what_every_store_does_in_postgres(server, check_store):
    check_store(server)


def test_migrations_make_the_schema_in_postgres(server):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from tonewise.store.opening import open_engine
    from tonewise.store.schema import metadata

    engine = open_engine(server)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_two_who_open_at_once_migrate_once(server):
    from concurrent.futures import ThreadPoolExecutor

    import psycopg

    with psycopg.connect(server) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(server), range(4)))
    assert [store.models() for store in stores] == [[]] * 4
    for store in stores:
        store.close()


def test_a_server_that_is_not_there(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="cannot be used as a store") as raised:
        open_store(f"postgresql://me:secret@/calls?host={tmp_path}")
    assert "secret" not in str(raised.value)
