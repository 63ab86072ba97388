"""Jobs of the server."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Written out, since a migration must not change when `schema` does."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("recording", sa.Text, nullable=False),
        sa.Column("transcript", sa.Text),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("started", sa.DateTime),
        sa.Column("finished", sa.DateTime),
        sa.Column("detail", sa.Text),
        sa.Column("content_hash", sa.String(64)),
        sa.Column("duration", sa.Float),
    )
    op.create_index("jobs_state_created", "jobs", ["state", "created"])
