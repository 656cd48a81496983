"""What each camera is used to showing, and when that was reset."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reference_views",
        sa.Column("camera", sa.String(63), primary_key=True),
        sa.Column("view", sa.LargeBinary),
        sa.Column("begun_us", sa.BigInteger),
        sa.Column("reset_us", sa.BigInteger),
    )
