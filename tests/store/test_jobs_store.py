"""Stores of versions without jobs get them, and lose nothing."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, insert, text

from tonewise.store.jobs import DONE, Job, Jobs
from tonewise.store.opening import _config, open_engine
from tonewise.store.schema import models


def test_a_store_of_the_first_version_gets_jobs(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    old = create_engine(f"sqlite:///{file}")
    with old.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(insert(models).values(fingerprint="ab" * 32, name="kept"))
    old.dispose()
    engine = open_engine(file)
    jobs = Jobs(engine)
    jobs.add(Job("0" * 32, "a.wav", "_recording_.wav", options={"channel": "0"}, bytes=1 << 40))
    job = jobs.claim()
    assert job is not None and job.options == {"channel": "0"} and job.bytes == 1 << 40 and job.started is not None
    jobs.finish(job.id, content_hash="cd" * 32, duration=1.5)
    found = jobs.get(job.id)
    assert found is not None and found.state == DONE and found.duration == 1.5 and jobs.get("1" * 32) is None
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM models")) == "kept"
    engine.dispose()
