"""A store in a file: made, kept, refused, and never half written."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tonewise.store import StoreError, open_store
from tonewise.store.opening import database_url, open_engine
from tonewise.store.schema import metadata


def test_what_every_store_does(tmp_path, check_store):
    check_store(str(tmp_path / "calls with %20.db"))


def test_the_migrations_make_the_schema_that_the_code_uses(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = open_engine(tmp_path / "calls.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("mysql://u@h/d", "cannot be kept in 'mysql'"),
        ("://", "cannot be read"),
        ("no/such/folder/calls.db", "a folder that exists"),
        (".", "expected the name of a file"),
    ],
)
def test_no_store(store, said):
    with pytest.raises(StoreError, match=said):
        open_store(store)


def test_a_missing_a_foreign_and_a_newer_store(tmp_path):
    with pytest.raises(StoreError, match="there is no store"):
        open_store(tmp_path / "calls.db", must_exist=True)
    (tmp_path / "text.db").write_text("no database at all, but a text " * 50)
    with pytest.raises(StoreError, match="cannot be used as a store"):
        open_store(tmp_path / "text.db")
    open_store(tmp_path / "calls.db").close()
    connection = sqlite3.connect(tmp_path / "calls.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer version of tonewise"):
        open_store(tmp_path / "calls.db")


def test_no_password_is_shown():
    from tonewise.store.opening import shown

    assert "secret" not in shown(database_url("postgresql://me:secret@localhost/calls"))


def test_two_processes_enter_the_same_calls(tmp_path):
    file = tmp_path / "calls.db"
    workers = [start_writer(file) for _ in range(2)]
    for worker in workers:
        assert worker.wait(30) == 0, worker.stderr.read()
        worker.stderr.close()
    with open_store(file) as store:
        assert [each.calls for each in store.models()] == [30]


def test_a_killed_writer_leaves_whole_calls(tmp_path, make_call):
    file = tmp_path / "calls.db"
    worker = start_writer(file, calls=100_000)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not entered(file):
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stderr.close()
    with open_store(file) as store:
        (model,) = store.models()
        calls = store.calls(model.id)
        assert calls and all(len(store.segments(call.content_hash, model.id)) == 50 for call in calls)
        store.put(make_call(999_999), model.id)


def entered(file) -> bool:
    if not file.exists():
        return False
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT count(*) FROM calls").fetchone()[0] >= 5
    except sqlite3.OperationalError:  # the tables are not there yet
        return False
    finally:
        connection.close()


WRITER = """
import sys
from tonewise.records import Segment
from tonewise.records.calls import Call, CallAbout
from tonewise.store import open_store
segments = tuple(Segment(n, n + 1.0, 0, None, "x" * 50, 0.5, None, False) for n in range(50))
with open_store(sys.argv[1]) as store:
    model = store.model("ab" * 32, "model")
    for n in range(int(sys.argv[2])):
        call = Call("c.wav", f"{n:064x}", "0", CallAbout(), 60.0, None, None, None, None, 0, {}, segments)
        store.put(call, model)
"""


def start_writer(file, calls: int = 30) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(file), str(calls)], stderr=subprocess.PIPE)
