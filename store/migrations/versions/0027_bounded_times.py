"""Indexes that bound what is asked of a short time, and those along which lists of alerts go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

LONG = sa.text("(end_us IS NULL OR end_us - start_us > 14400000000)")
LATE = sa.text("(opened_us - start_us > 14400000000 OR opened_us < start_us)")
OF_TICKET = sa.text("ticket IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_gaps_long", "gaps", ["camera", "start_us"], sqlite_where=LONG, postgresql_where=LONG)
    op.create_index(
        "ix_alerts_long_window", "alerts", ["window", "start_us"], sqlite_where=LONG, postgresql_where=LONG
    )
    op.drop_index("ix_alerts_ticket", "alerts")
    op.create_index(
        "ix_alerts_ticket", "alerts", ["ticket"], sqlite_where=OF_TICKET, postgresql_where=OF_TICKET
    )
    op.create_index("ix_alerts_late", "alerts", ["opened_us"], sqlite_where=LATE, postgresql_where=LATE)
    op.create_index("ix_alerts_opened_us", "alerts", ["opened_us"])
    for column in ("window", "kind", "status"):
        op.create_index(f"ix_alerts_{column}_opened", "alerts", [column, "opened_us"])
    op.create_index("ix_tickets_taken", "tickets", ["hall", "taken_us"])
    op.create_index("ix_audit_entries_action", "audit_entries", ["action", "seq"])
