"""An index for two members, and for ends; PostgreSQL knows how rare the long and late are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

LATE = sa.text("(opened_us - start_us > 14400000000 OR opened_us - start_us < 0)")
LONG = sa.text("(end_us IS NULL OR end_us - start_us > 14400000000)")


def upgrade() -> None:
    op.drop_index("ix_alerts_late", "alerts")
    op.create_index("ix_alerts_late", "alerts", ["opened_us"], sqlite_where=LATE, postgresql_where=LATE)
    # What a year holds is counted without reading a row.
    for table, more in (("transactions", ["hall", "end_us"]), ("alerts", ["hall", "status"])):
        op.drop_index(f"ix_{table}_window", table)
        op.create_index(f"ix_{table}_window", table, ["window", "start_us", *more])
    op.create_index("ix_cases_item_window", "cases", ["item", "window", "accepted_us"])
    op.create_index("ix_transactions_item_window", "transactions", ["item", "window", "start_us"])
    for place in ("camera", "window"):
        op.create_index(
            f"ix_observations_long_{place}_end",
            "observations",
            [place, "end_us"],
            sqlite_where=LONG,
            postgresql_where=LONG,
        )
    if op.get_bind().dialect.name == "postgresql":
        # Of a difference of columns it knows nothing by itself, takes a third of all rows for long, and reads
        # those in order of time rather than the few that the index of the long ones holds.
        op.execute("CREATE STATISTICS st_alerts_late ON (opened_us - start_us) FROM alerts")
        for table in ("alerts", "transactions", "observations"):
            op.execute(f"CREATE STATISTICS st_{table}_long ON (end_us - start_us) FROM {table}")
            op.execute(f"ANALYZE {table}")
