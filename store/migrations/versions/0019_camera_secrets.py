"""Passwords of cameras, encrypted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "camera_secrets",
        sa.Column("camera", sa.String(63), primary_key=True),
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
    )
