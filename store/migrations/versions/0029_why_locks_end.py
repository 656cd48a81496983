"""Why a lock was released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reason = sa.Column("release_reason", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("locks", reason)
