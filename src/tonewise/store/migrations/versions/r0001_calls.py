"""Models, calls and their segments."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Written out, since a migration must not change when `schema` does."""
    op.create_table(
        "models",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recording", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("model", sa.Integer, sa.ForeignKey("models.id"), nullable=False),
        sa.Column("called_at", sa.DateTime),
        sa.Column("agent", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("duration", sa.Float, nullable=False),
        sa.Column("whose", sa.Text),
        sa.Column("tone", sa.Float),
        sa.Column("negative_share", sa.Float),
        sa.Column("change", sa.Float),
        sa.Column("mismatches", sa.Integer, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("page", sa.Text),
        sa.Column("scored_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("content_hash", "model", name="calls_content_model"),
    )
    op.create_index("calls_called_at", "calls", ["called_at"])
    _create_segments()


def _create_segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call", sa.Integer, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
        sa.Column("start", sa.Float, nullable=False),
        sa.Column("end", sa.Float, nullable=False),
        sa.Column("channel", sa.Integer),
        sa.Column("speaker", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("tone", sa.Float),
        sa.Column("words", sa.Float),
        sa.Column("mismatch", sa.Boolean, nullable=False),
        sa.Column("role", sa.Text),
        sa.Column("tone_low", sa.Float),
        sa.Column("tone_high", sa.Float),
        sa.Column("relative", sa.Float),
        sa.Column("disagreement", sa.Float),
    )
    op.create_index("ix_segments_call", "segments", ["call"])
