"""How officers arrange cameras on the live wall."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_layouts",
        sa.Column("user", sa.String(63), nullable=False),
        sa.Column("hall", sa.String(63), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("panes", sa.Integer(), nullable=False),
        sa.Column("cameras", sa.Text(), nullable=False),
        sa.Column("shown_as", sa.String(63), nullable=False, server_default=sa.text("''")),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_live_layouts_user"),
        sa.PrimaryKeyConstraint("user", "hall", "name", name="pk_live_layouts"),
    )
