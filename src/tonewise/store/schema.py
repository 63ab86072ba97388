"""The tables of a store, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recording", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("inputs", String(64), nullable=False),
    Column("model", Integer, ForeignKey("models.id"), nullable=False),
    Column("called_at", DateTime),
    Column("agent", Text),
    Column("queue", Text),
    Column("columns", JSON, nullable=False),
    Column("duration", Float, nullable=False),
    Column("whose", Text),
    Column("tone", Float),
    Column("negative_share", Float),
    Column("change", Float),
    Column("mismatches", Integer, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("page", Text),
    Column("scored_at", DateTime, nullable=False),
    UniqueConstraint("content_hash", "model", name="calls_content_model"),
    Index("calls_called_at", "called_at"),
)

segments = Table(
    "segments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", Integer, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Float, nullable=False),
    Column("end", Float, nullable=False),
    Column("channel", Integer),
    Column("speaker", Text),
    Column("text", Text),
    Column("tone", Float),
    Column("words", Float),
    Column("mismatch", Boolean, nullable=False),
    Column("role", Text),
    Column("tone_low", Float),
    Column("tone_high", Float),
    Column("relative", Float),
    Column("disagreement", Float),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("recording", Text, nullable=False),
    Column("transcript", Text),
    Column("options", JSON, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created", DateTime, nullable=False),
    Column("started", DateTime),
    Column("finished", DateTime),
    Column("detail", Text),
    Column("content_hash", String(64)),
    Column("duration", Float),
    Index("jobs_state_created", "state", "created"),
)
