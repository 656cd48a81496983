"""When each extension of a case was decided: a finding that it ended is put right by that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("extensions", sa.Text()))
