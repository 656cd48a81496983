"""The last call of a ticket, and cases from acceptance to close."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("calling_us", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("calling_end_us", sa.BigInteger(), nullable=True))
    op.add_column("queue_events", sa.Column("case_serial", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_queue_events_case",
        "queue_events",
        ["hall", "case_serial"],
        sqlite_where=sa.text("case_serial IS NOT NULL"),
        postgresql_where=sa.text("case_serial IS NOT NULL"),
    )
    op.create_table(
        "cases",
        sa.Column("hall", sa.String(length=63), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=True),
        sa.Column("window", sa.String(length=63), nullable=True),
        sa.Column("staff", sa.String(length=63), nullable=True),
        sa.Column("accepted_us", sa.BigInteger(), nullable=False),
        sa.Column("suspended", sa.Text(), nullable=False),
        sa.Column("extended_days", sa.Integer(), nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("hall", "serial", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_open",
        "cases",
        ["hall", "accepted_us"],
        sqlite_where=sa.text("closed_us IS NULL"),
        postgresql_where=sa.text("closed_us IS NULL"),
    )
    op.create_index("ix_cases_closed", "cases", ["hall", "closed_us"])
