"""Alerts by their subject: those about an old ticket or a case are judged again when it is corrected."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alerts_subject", "alerts", ["subject"])
