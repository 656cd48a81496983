"""Who entered a shift or leave, the basis of a day of the calendar, and changes of a roster to be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")


def upgrade() -> None:
    for table in ("shifts", "leaves"):
        entered_by = sa.Column("entered_by", sa.String(63), nullable=False, server_default=NOTHING)
        op.add_column(table, entered_by)
        op.add_column(table, sa.Column("entered_us", sa.BigInteger(), nullable=True))
    basis = sa.Column("basis", sa.String(120), nullable=False, server_default=NOTHING)
    op.add_column("calendar_days", basis)
    op.create_table(
        "roster_changes",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("hall", sa.String(length=63), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("difference", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_roster_changes_hall", "roster_changes", ["hall", "id"])
