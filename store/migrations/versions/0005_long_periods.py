"""An index of the periods that are long or have no end yet, so that no overlap is looked for by a scan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONG_PERIOD = sa.text("(end_us IS NULL OR end_us - start_us > 14400000000)")


def upgrade() -> None:
    op.create_index(
        "ix_periods_long",
        "periods",
        ["window", "start_us"],
        sqlite_where=LONG_PERIOD,
        postgresql_where=LONG_PERIOD,
    )
