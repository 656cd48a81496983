"""Shifts at windows, and approved leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shifts",
        sa.Column("hall", sa.String(length=63), nullable=False),
        sa.Column("staff", sa.String(length=63), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("window", sa.String(length=63), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("cover", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "staff", "start_us", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_window", "shifts", ["hall", "window", "start_us"])
    op.create_index("ix_shifts_start", "shifts", ["hall", "start_us"])
    op.create_table(
        "leaves",
        sa.Column("hall", sa.String(length=63), nullable=False),
        sa.Column("staff", sa.String(length=63), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("hall", "staff", "start_us", name=op.f("pk_leaves")),
    )
    op.create_index("ix_leaves_end", "leaves", ["hall", "end_us"])
