"""How notifiers fare: when they told something last, what they fail of, and trials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifier_cursors", sa.Column("told_us", sa.BigInteger(), nullable=True))
    op.add_column("notifier_cursors", sa.Column("failing_us", sa.BigInteger(), nullable=True))
    op.add_column("notifier_cursors", sa.Column("failure", sa.Text(), nullable=True))
    op.add_column("notifier_cursors", sa.Column("failure_zh", sa.Text(), nullable=True))
    op.add_column("failed_deliveries", sa.Column("reason_zh", sa.Text(), nullable=True))
    op.create_table(
        "notifier_trials",
        sa.Column("notifier", sa.String(length=63), nullable=False),
        sa.Column("asked_us", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=63), nullable=False),
        sa.Column("done_us", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_zh", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("notifier", name=op.f("pk_notifier_trials")),
    )
