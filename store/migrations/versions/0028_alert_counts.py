"""How many alerts were opened and dismissed, by hour and day, with those that are known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

UNITS = (3_600_000_000, 86_400_000_000)
DISMISSED = "SUM(CASE WHEN status = 'dismissed' THEN 1 ELSE 0 END)"
INTO = "INSERT INTO alert_counts (hall, unit_us, start_us, rule, kind, camera, opened, dismissed)"


def upgrade() -> None:
    op.create_table(
        "alert_counts",
        sa.Column("hall", sa.String(63), primary_key=True),
        sa.Column("unit_us", sa.BigInteger, primary_key=True),
        sa.Column("start_us", sa.BigInteger, primary_key=True),
        sa.Column("rule", sa.String(63), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("camera", sa.String(63), primary_key=True),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("dismissed", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    for unit in UNITS:
        start = f"opened_us - opened_us % {unit}"
        op.execute(
            f"{INTO} SELECT hall, {unit}, {start}, rule, kind, '', COUNT(*), {DISMISSED} "  # noqa: S608 - numbers
            f"FROM alerts GROUP BY hall, {start}, rule, kind"
        )
        op.execute(
            f"{INTO} SELECT hall, {unit}, {start}, rule, kind, alert_cameras.camera, COUNT(*), {DISMISSED} "  # noqa: S608 - numbers
            "FROM alerts JOIN alert_cameras ON alert_cameras.alert = alerts.id "
            f"GROUP BY hall, {start}, rule, kind, alert_cameras.camera"
        )
